"""A new password, judged and hashed. Never in a transaction: a hash takes 20 ms."""

from __future__ import annotations

from flows.services import Services
from rules import passwords
from rules.refusals import RefusedError


def read_new_password(services: Services, typed: str, *, alone: bool, context: tuple[str, ...]) -> str:
    """Its hash. ``alone``: nothing else is asked for at signing in. Raises RefusedError with a Weakness."""
    settings = services.settings()
    shortest = settings.passwords.shortest_alone if alone else settings.passwords.shortest
    words = (*context, settings.application.name, *settings.passwords.refused)
    weakness = passwords.weakness(typed, words, shortest=shortest)
    if weakness:
        raise RefusedError(weakness, shortest=shortest, longest=passwords.LONGEST)
    return passwords.hash_password(typed)
