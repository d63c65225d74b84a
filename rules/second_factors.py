"""Which second factors an account can add, which may go, when one is offered, and in which order they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rules.entrance import comes_in, has_second_factor, lacking
from settings.console import Settings
from settings.sections import OFF, OFFERED
from storage.accounts import Entrant
from storage.factors import BACKUP_CODE, PASSKEY, TOTP

# An app more is three codes more that are right at any moment; a passkey cannot be guessed.
MOST = {TOTP: 2, PASSKEY: 10}


def addable(settings: Settings, entrant: Entrant) -> list[str]:
    """The kinds that the settings let this account add now, strongest first."""
    on = settings.second_factors
    asked = on.policy != OFF
    has = {TOTP: entrant.totp, PASSKEY: entrant.passkeys}
    switched_on = {PASSKEY: (asked and on.passkey) or settings.sign_in.passkey, TOTP: asked and on.totp}
    found = [kind for kind, is_on in switched_on.items() if is_on and has[kind] < MOST[kind]]
    if asked and on.backup_codes and (entrant.totp or entrant.passkeys):
        found.append(BACKUP_CODE)
    return found


def is_offered(settings: Settings, entrant: Entrant, now: float) -> bool:
    """Whether who is in and has none is asked to set one up: not who may not, or said "not now" lately."""
    on = settings.second_factors
    if on.policy != OFFERED or not (on.totp or on.passkey) or settings.account_centre.factors != "edit":
        return False
    if entrant.totp or entrant.passkeys or has_second_factor(settings, entrant):
        return False
    return on.offer_days > 0 and (entrant.offer_after or 0) <= now


def may_go(settings: Settings, entrant: Entrant, kind: str) -> bool:
    """Whether one factor of a kind can be removed: the last one stays where the settings require one, or where nothing
    else opens the door."""
    after = replace(entrant, totp=entrant.totp - (kind == TOTP), passkeys=entrant.passkeys - (kind == PASSKEY))
    if set(lacking(settings, after)) - set(lacking(settings, entrant)):
        return False
    return comes_in(settings, after) or not comes_in(settings, entrant)


def in_order(found: Sequence[str], last_used: str) -> list[str]:
    """The one used last before the others, which are strongest first already. A backup code is nobody's habit."""
    first = [kind for kind in found if kind == last_used != BACKUP_CODE]
    return first + [kind for kind in found if kind not in first]
