"""What an application's settings must be, beside what each field asks for: addresses, keys, ways in, frames, colour."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from flows.services import Services
from rules import colours, redirects, ways_in
from settings.clients import ClientKind, ClientSettings, read_client
from settings.fields import N_, Problem

Problems = dict[str, Problem]
RSA_BITS = 2048  # of an application's key, at least (RFC 7518, 3.3)
WITH_REDIRECTS = (ClientKind.WEB, ClientKind.SPA)


def checked(services: Services, kind: ClientKind, values: dict[str, Any]) -> tuple[ClientSettings | None, Problems]:
    """The typed settings, or None with a problem a wrong field."""
    settings, problems = read_client(values)
    if settings is None:
        return None, problems
    for check in CHECKS:
        problems |= check(services, kind, settings)
    return (None if problems else settings), problems


def _redirects(_services: Services, kind: ClientKind, settings: ClientSettings) -> Problems:
    problems = {} if settings.redirect_uris or kind not in WITH_REDIRECTS else {"redirect_uris": Problem(AT_LEAST_ONE)}
    for name in ("redirect_uris", "post_logout_redirect_uris"):
        problems |= _first(name, [redirects.problem_of(uri, kind) for uri in getattr(settings, name)])
    uri = settings.backchannel_logout_uri
    return problems | _first("backchannel_logout_uri", [redirects.problem_of(uri, ClientKind.WEB) if uri else None])


AT_LEAST_ONE = N_("Write at least one.")


def _first(name: str, found: list[Problem | None]) -> Problems:
    return next(({name: problem} for problem in found if problem), {})


def _protected(services: Services, kind: ClientKind, settings: ClientSettings) -> Problems:
    name, origins = "protected_origins", settings.protected_origins
    if kind is not ClientKind.PROXY:
        return {}
    if not origins:
        return {name: Problem(AT_LEAST_ONE)}
    if redirects.origin_of(services.environment.public_url) in origins:
        return {name: Problem(N_("This server cannot protect its own address."))}
    return _first(name, [redirects.problem_of_origin(origin) for origin in origins])


def _frames(_services: Services, _kind: ClientKind, settings: ClientSettings) -> Problems:
    name, origins = "frame_origins", settings.frame_origins
    problems = _first(name, [redirects.problem_of_origin(origin) for origin in origins])
    if problems or not origins:
        return problems
    if settings.consent:
        text = N_("Consent is not asked for in a frame: whoever shows it could cover the page. Choose one of the two.")
        return {name: Problem(text)}
    own = {redirects.origin_of(uri) for uri in settings.redirect_uris}
    strange = [origin for origin in origins if origin not in own]
    text = N_("%(uri)s: no redirect address is on this site.")
    return {name: Problem(text, {"uri": strange[0]})} if strange else {}


def _ways(services: Services, _kind: ClientKind, settings: ClientSettings) -> Problems:
    ours = services.settings()
    if not settings.methods or ways_in.is_any(ours, frozenset(settings.methods)):
        return {}
    return {"methods": Problem(N_("None of these is switched on in the settings, so nobody could sign in."))}


def _colour(_services: Services, _kind: ClientKind, settings: ClientSettings) -> Problems:
    return _first("colour", [colours.problem_of(settings.colour) if settings.colour else None])


def _keys(_services: Services, _kind: ClientKind, settings: ClientSettings) -> Problems:
    if settings.authentication != "private_key_jwt":
        return {}
    if not settings.jwks:
        return {"jwks": Problem(N_("Fill this in."))}
    if not _is_key_set(settings.jwks):
        return {"jwks": Problem(N_('This is not a set of public keys: {"keys": [...]}.'))}
    return {}


def _is_key_set(jwks: Any) -> bool:
    """Whether they are public keys, of a kind that signs and none too short."""
    try:
        listed = jwks["keys"]
        public = all(key["kty"] in ("RSA", "EC", "OKP") and "d" not in key for key in listed)
        keys = KeySet.import_key_set({"keys": listed}).keys
        strong = all(key.raw_value.key_size >= RSA_BITS for key in keys if isinstance(key, RSAKey))
        return public and strong and bool(keys)
    except (JoseError, ValueError, KeyError, TypeError):
        return False


CHECKS: tuple[Callable[[Services, ClientKind, ClientSettings], Problems], ...] = (
    _redirects,
    _protected,
    _frames,
    _ways,
    _colour,
    _keys,
)
