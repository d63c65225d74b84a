"""The ways in that an application allows: of those that are switched on, all or the ones that it names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from rules.proofs import Proof
from settings.console import Settings
from settings.sections import OFF, SignIn

UPSTREAM = "upstream"


def narrowed(settings: SignIn, ways: frozenset[str]) -> SignIn:
    """How people sign in where only these ``ways`` are allowed (settings/clients.py names them); none: all are."""
    if not ways:
        return settings
    return replace(
        settings,
        phone=_left(settings, "phone", ways),
        email=_left(settings, "email", ways),
        username=_left(settings, "username", ways),
        passkey=settings.passkey and "passkey" in ways,
    )


def _left(settings: SignIn, kind: str, ways: frozenset[str]) -> str:
    return "_or_".join(by for by in settings.methods(kind) if f"{kind}_{by}" in ways) or OFF


def is_any(settings: Settings, ways: frozenset[str]) -> bool:
    """Whether anybody can come in by one of them."""
    left = narrowed(settings.sign_in, ways)
    return left.passkey or bool(left.kinds()) or (UPSTREAM in ways and bool(settings.upstreams.offered))


def allowed_by_both(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    """Where they have none in common, a way that nobody can come."""
    return (one & other or frozenset(["none"])) if one and other else one | other


def has_come(shown: Iterable[Proof], ways: frozenset[str]) -> bool:
    """Whether who has ``shown`` this came by an allowed way."""
    return not ways or any(way_of(proof) in ways for proof in shown)


def way_of(proof: Proof) -> str:
    return proof.by if proof.by in ("passkey", UPSTREAM) else f"{proof.kind}_{proof.by}"
