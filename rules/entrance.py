"""Who may come in with what they have shown, what they must show besides, and what their account still lacks."""

from __future__ import annotations

from dataclasses import replace

from settings.console import Settings
from settings.sections import OFF, REQUIRED, SignIn
from storage.accounts import Entrant
from storage.tickets import Ticket

DAY = 86400
INVITATION = "invitation"  # the flow whose tickets name an invitation, and join its organisation
FORGOT_PASSWORD = "forgot_password"  # noqa: S105 - the flow whose tickets open no session

# What an account can lack, in the order in which it is asked for.
TERMS, PHONE, EMAIL, USERNAME, PASSWORD, SECOND_FACTOR = (
    *("terms", "phone", "email", "username", "password", "second_factor"),
)


def second_factors(settings: Settings, entrant: Entrant, ticket: Ticket, now: float) -> list[str]:
    """What this person can show now beside what they have shown, strongest first; empty where nothing is due.

    What the policy asks for; else, where the account is asleep or the number in doubt, whatever it has beside it. What
    was shown first does not count twice.
    """
    doubtful = ticket.doubted_at is not None or is_asleep(settings, entrant, ticket, now)
    return by_policy(settings, entrant, ticket) or (beside_the_number(settings, entrant) if doubtful else [])


def is_asleep(settings: Settings, entrant: Entrant, ticket: Ticket, now: float) -> bool:
    """Whether nobody has signed in for so long that the number, just proved, may be somebody else's by now."""
    days = settings.recycled_numbers.asleep_days
    by_number = (ticket.proved_by, ticket.kind) == ("code", PHONE)
    return bool(days) and by_number and now - (entrant.seen_at or entrant.created_at) > days * DAY


def beside_the_number(settings: Settings, entrant: Entrant) -> list[str]:
    """Whatever the account has beside the number that was proved, and that can be shown: no policy is asked."""
    has = {
        "passkey": entrant.passkeys > 0,
        "totp": entrant.totp > 0,
        "password": entrant.password_hash is not None,
        "email": entrant.emails > 0 and settings.connectors.can_carry("email"),
        "sms": entrant.phones > 1 and settings.connectors.can_carry("sms"),
        "backup_code": entrant.backup_codes > 0,
    }
    return [factor for factor, is_there in has.items() if is_there]


def by_policy(settings: Settings, entrant: Entrant, ticket: Ticket) -> list[str]:
    on = settings.second_factors
    if on.policy == OFF or ticket.proved_by == "passkey":  # which is two in one
        return []
    found = []
    if on.passkey and entrant.passkeys:
        found.append("passkey")
    if on.totp and entrant.totp:
        found.append("totp")
    if on.sms and entrant.phones and (ticket.proved_by, ticket.kind) != ("code", "phone"):
        found.append("sms")
    if found and on.backup_codes and entrant.backup_codes:
        found.append("backup_code")
    return found


def lacking(settings: Settings, entrant: Entrant) -> list[str]:
    """What the account must have under today's settings and has not."""
    sign_up, identifier = settings.sign_up, settings.sign_up.identifier
    missing = {
        TERMS: bool(sign_up.terms_url) and entrant.terms_version != sign_up.terms_version,
        PHONE: identifier in ("phone", "phone_and_email") and not entrant.phones,
        EMAIL: identifier in ("email", "phone_and_email") and not entrant.emails,
        USERNAME: identifier == "username" and not entrant.usernames,
        PASSWORD: sign_up.password and entrant.password_hash is None,
        SECOND_FACTOR: settings.second_factors.policy == REQUIRED and not has_second_factor(settings, entrant),
    }
    return [name for name, lacks in missing.items() if lacks]


def due(settings: Settings, entrant: Entrant, now: float) -> list[str]:
    """What of it the account is asked for now: a second factor may have been put off."""
    waits = settings.second_factors.later_days > 0 and (entrant.later_until or 0) > now
    return [name for name in lacking(settings, entrant) if not (waits and name == SECOND_FACTOR)]


def may_wait(settings: Settings, entrant: Entrant) -> bool:
    """Whether setting up a second factor can be put off: once."""
    return settings.second_factors.later_days > 0 and entrant.later_until is None


def comes_back_without(settings: Settings, entrant: Entrant, kind: str) -> bool:
    """Whether a way in is left, and nothing required is missing, once one identifier of a kind is gone."""
    left = {"phone": entrant.phones, "email": entrant.emails, "username": entrant.usernames}
    left[kind] -= 1
    after = replace(entrant, phones=left["phone"], emails=left["email"], usernames=left["username"])
    if set(lacking(settings, after)) - set(lacking(settings, entrant)):
        return False
    return comes_in(settings, after)


def is_opened_by_password(sign_in: SignIn, entrant: Entrant) -> bool:
    """Whether its password signs in by any of its identifiers."""
    names = {"phone": entrant.phones, "email": entrant.emails, "username": entrant.usernames}
    return any("password" in sign_in.methods(kind) for kind, count in names.items() if count > 0)


def comes_in(settings: Settings, entrant: Entrant) -> bool:
    """Whether any of its identifiers, a passkey, or an account elsewhere whose provider has a button opens the door."""
    if set(entrant.elsewhere) & set(settings.upstreams.offered):
        return True
    names = {"phone": entrant.phones, "email": entrant.emails, "username": entrant.usernames}
    by_passkey = settings.sign_in.passkey and entrant.passkeys > 0
    return by_passkey or any(_opens(settings, entrant, each) for each, count in names.items() if count > 0)


def _opens(settings: Settings, entrant: Entrant, kind: str) -> bool:
    methods = settings.sign_in.methods(kind)
    return "code" in methods or ("password" in methods and entrant.password_hash is not None)


def has_new_password(entrant: Entrant, since: float) -> bool:
    """Whether a password was chosen since then: whatever was begun with an earlier proof is over."""
    return (entrant.password_at or 0) > since


def has_second_factor(settings: Settings, entrant: Entrant) -> bool:
    """A factor that works whichever way this person signs in."""
    on = settings.second_factors
    by_phone_code = "code" in settings.sign_in.methods("phone") and entrant.phones > 0
    return bool(
        (on.passkey and entrant.passkeys)
        or (on.totp and entrant.totp)
        or (on.sms and entrant.phones and not by_phone_code)
    )
