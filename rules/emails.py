"""E-mail addresses: one spelling each. The local part is compared in lower case, as every large provider does."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 254  # characters; RFC 5321, 4.5.3.1.3
LOCAL = re.compile(r"[^\s@\"(),:;<>\[\]\\]{1,64}")
DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


def read(typed: str) -> str | None:
    """The address in its one spelling, None where it is none. Quoted local parts and bare hosts are refused."""
    text = unicodedata.normalize("NFKC", typed).strip()
    local, at, domain = text.rpartition("@")
    if not at or len(text) > LONGEST or not text.isprintable() or not LOCAL.fullmatch(local):
        return None
    if local.startswith(".") or local.endswith(".") or ".." in local:
        return None
    try:
        host = domain.rstrip(".").encode("idna").decode().lower()
    except UnicodeError:
        return None
    return f"{local.casefold()}@{host}" if DOMAIN.fullmatch(host) else None


def masked(address: str) -> str:
    """``a•••@example.com``: enough for its owner to know it."""
    local, _at, domain = address.rpartition("@")
    return f"{local[:1]}•••@{domain}"
