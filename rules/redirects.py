"""Where an application's people may be sent back to: which addresses it may have, and which one matches.

An address matches letter by letter (RFC 9700, 2.1). The one exception is the port of a native application that listens
on the person's own machine (RFC 8252, 7.3): it is given by the system at each start.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

from settings.clients import ClientKind
from settings.fields import N_, Problem

LONGEST = 500  # characters
LOOPBACK = re.compile(r"http://(127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?(/.*)?", re.ASCII)
DEFAULT_PORTS: dict[str, int] = {"http": 80, "https": 443}
OWN_MACHINE = ("127.0.0.1", "::1", "localhost")
# What a browser would run or show instead of going there.
NEVER = ("javascript", "data", "vbscript", "file", "about", "blob", "ws", "wss", "ftp", "mailto", "tel", "intent")


def problem_of(uri: str, kind: ClientKind) -> Problem | None:
    """Why an application of this kind may not have the address; None where it may."""
    parts = _split(uri)
    if parts is None or not parts.scheme or len(uri) > LONGEST or not re.fullmatch(r"[\x21-\x7e]+", uri):
        return Problem(N_("%(uri)s: write a whole address, such as https://app.example.com/callback."), {"uri": uri})
    if "#" in uri:
        return Problem(N_("%(uri)s: leave away what follows #."), {"uri": uri})
    if "*" in uri:
        return Problem(N_("%(uri)s: no part may stand for others. Write each address."), {"uri": uri})
    if "@" in parts.netloc or "\\" in uri:
        return Problem(N_("%(uri)s: no name or password, and no backslash, may be in it."), {"uri": uri})
    if parts.scheme in ("http", "https"):
        if not parts.hostname:
            return Problem(N_("%(uri)s: there is no host in it."), {"uri": uri})
        if parts.scheme == "http" and parts.hostname not in OWN_MACHINE:
            return Problem(N_("%(uri)s: it must begin with https://."), {"uri": uri})
        return None
    if kind is not ClientKind.NATIVE or parts.scheme in NEVER or "." not in parts.scheme:
        return Problem(
            N_("%(uri)s: it must begin with https://, or on a device with a scheme such as com.example.app:/."),
            {"uri": uri},
        )
    return None


def problem_of_origin(origin: str) -> Problem | None:
    """Why it is no ``https://host`` or ``https://host:port`` as browsers write it; None where it is one."""
    parts = _split(origin)
    if parts is None or origin != f"{parts.scheme}://{parts.netloc}" or parts.netloc != parts.netloc.lower():
        return Problem(
            N_("%(uri)s: write scheme and host in small letters, such as https://app.example.com."), {"uri": origin}
        )
    if parts.port is not None and parts.port == DEFAULT_PORTS.get(parts.scheme):
        return Problem(N_("%(uri)s: leave away the port: browsers do."), {"uri": origin})
    return problem_of(origin, ClientKind.WEB)


def origin_of(uri: str) -> str:
    """As a browser names it in its Origin header; "" for what is no web address."""
    parts = _split(uri)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = "" if parts.port in (None, DEFAULT_PORTS[parts.scheme]) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


def matches(registered: Iterable[str], uri: str, kind: ClientKind) -> bool:
    registered = tuple(registered)
    if uri in registered:
        return True
    if kind is not ClientKind.NATIVE or not re.fullmatch(r"[\x21-\x7e]+", uri) or "#" in uri:
        return False
    asked = LOOPBACK.fullmatch(uri)
    return asked is not None and any(
        own.groups() == asked.groups() for own in map(LOOPBACK.fullmatch, registered) if own is not None
    )


def differences(registered: Iterable[str], uri: str) -> tuple[str, list[Problem]]:
    """The registered address that is nearest, and in words what differs from it. Empty where none is registered."""
    found = [(one, _compare(one, uri)) for one in registered]
    return min(found, key=lambda each: len(each[1])) if found else ("", [])


def same_beginning(own: str, uri: str) -> int:
    """How many characters are the same before the first that differs."""
    pairs = zip(own, uri, strict=False)
    return next((place for place, (one, other) in enumerate(pairs) if one != other), min(len(own), len(uri)))


def _compare(own: str, uri: str) -> list[Problem]:
    if uri != uri.strip():
        return [Problem(N_("There is a space before or behind it."))]
    mine, asked = _split(own), _split(uri)
    if mine is None or asked is None:
        return [Problem(N_("It is no address at all."))]
    pairs = {
        N_("The scheme is %(asked)s, not %(own)s."): (mine.scheme, asked.scheme),
        N_("The host is %(asked)s, not %(own)s."): (_host(mine), _host(asked)),
        N_("The port is %(asked)s, not %(own)s."): (_port(mine), _port(asked)),
        N_("The query is %(asked)s, not %(own)s."): (mine.query or "-", asked.query or "-"),
    }
    found = [Problem(text, {"own": one, "asked": other}) for text, (one, other) in pairs.items() if one != other]
    if mine.path != asked.path:
        found.append(_path_difference(mine.path, asked.path))
    if "#" in uri:
        found.append(Problem(N_("It has a part behind #.")))
    if "@" in asked.netloc:
        found.append(Problem(N_("It has a name before the host.")))
    return found or ([] if own == uri else [Problem(N_("It is written with other letters: %(own)s"), {"own": own})])


def _path_difference(own: str, asked: str) -> Problem:
    if own.rstrip("/") == asked.rstrip("/"):
        return Problem(N_("One has a slash at its end, the other has none."))
    if own.casefold() == asked.casefold():
        return Problem(N_("Capital and small letters differ in %(asked)s."), {"asked": asked})
    return Problem(N_("The path is %(asked)s, not %(own)s."), {"own": own or "/", "asked": asked or "/"})


def _split(uri: str) -> SplitResult | None:
    try:
        parts = urlsplit(uri)
        parts.port  # noqa: B018 - raises where it is no number
    except ValueError:
        return None
    return parts


def _host(parts: SplitResult) -> str:
    """As it is written: hosts in capitals are others to us."""
    return re.sub(r":[0-9]*$", "", parts.netloc.rpartition("@")[2])


def _port(parts: SplitResult) -> str:
    return str(parts.port or DEFAULT_PORTS.get(parts.scheme) or "-")
