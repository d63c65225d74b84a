"""Passkeys (WebAuthn Level 3), as flows speak of them. Who checks them is in rules/passkey_library.py."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import urlsplit

CHALLENGE_SECONDS = 300  # the browser's own patience is as long
PORTS = {"http": 80, "https": 443}
LONGEST_ANSWER = 20_000  # characters


@dataclass(frozen=True)
class Site:
    """What a passkey is bound to. ``id``: the host's name (rp id); ``origin``: what the browser must say it is at."""

    id: str
    name: str
    origin: str


@dataclass(frozen=True)
class Offered:
    """A new passkey, checked. ``public_key`` in COSE form; ``verified``: the device asked for a finger or a PIN."""

    credential_id: str
    public_key: bytes
    counter: int
    verified: bool
    aaguid: str
    backed_up: bool


@dataclass(frozen=True)
class Known:
    """A passkey that is enrolled."""

    credential_id: str
    public_key: bytes
    counter: int


class Library(Protocol):
    """What rules/passkey_library.py does. ``answer`` is JSON as the browser sent it, whatever it be.

    ``new_counter`` and ``offered`` give None for whatever is not right.
    """

    def creation_options(
        self, site: Site, challenge: bytes, account_id: str, name: str, known: Sequence[str]
    ) -> str: ...

    def request_options(self, site: Site, challenge: bytes, known: Sequence[str], *, verified: bool) -> str: ...

    def offered(self, site: Site, challenge: bytes, answer: str) -> Offered | None: ...

    def names(self, answer: str) -> tuple[str, str]: ...

    def new_counter(self, site: Site, challenge: bytes, answer: str, known: Known, *, verified: bool) -> int | None: ...


def site_of(public_url: str, name: str) -> Site:
    """A passkey needs a host's name: an address of digits has none, and stands for this machine's, which is localhost.
    The origin is spelled as browsers do: no path, no port that is understood (RFC 6454, 6.2)."""
    parts = urlsplit(public_url)
    host = parts.hostname or ""
    try:
        ip_address(host)
        host = "localhost"
    except ValueError:
        pass  # a name already
    port = "" if parts.port in (None, PORTS.get(parts.scheme)) else f":{parts.port}"
    return Site(host, name, f"{parts.scheme}://{host}{port}")


def challenge_of(server_key: bytes, ticket_id: str) -> bytes:
    """The 32 bytes that the answer to a ticket must sign."""
    return hmac.digest(server_key, f"challenge:{ticket_id}".encode(), "sha256")
