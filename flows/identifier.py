"""What a person types to say who they are: a phone number, an e-mail address or a username, in one box.

An @ makes it an address and three digits a number, as far as these are asked for; anything else is a username.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from flows.services import Services
from rules import emails, phones, usernames
from rules.phones import Phone, PhonePolicy, PhoneProblem
from rules.refusals import Reason, RefusedError
from rules.tokens import hash_token
from storage.accounts import EMAIL, PHONE, USERNAME, Identifier

DIGITS = re.compile(r"(\d\D{0,3}){3}")


def id_of(account_id: str, identifier: Identifier) -> str:
    """How programs name one of an account's identifiers: addresses of pages and their logs must not hold a number."""
    return hash_token(f"{account_id}:{identifier.kind}:{identifier.value}")[:32]


def kind_of(typed: str, kinds: Sequence[str]) -> str:
    """What the typed text is meant to be, of the kinds that are asked for."""
    if "@" in typed and EMAIL in kinds:
        return EMAIL
    if PHONE in kinds and (DIGITS.search(typed) or USERNAME not in kinds):
        return PHONE if EMAIL not in kinds or DIGITS.search(typed) else EMAIL
    return USERNAME if USERNAME in kinds else kinds[0]


def read_identifier(services: Services, typed: str, country: str, kinds: Sequence[str]) -> Identifier:
    """Raises RefusedError: what is wrong with it, in the words of its kind."""
    kind = kind_of(typed, kinds)
    if kind == PHONE:
        phone = read_phone(services, typed, country)
        return Identifier(PHONE, phone.e164, phone.country)
    if len(kinds) > 1 and not typed.strip():
        raise RefusedError(Reason.NOTHING_TYPED)
    if kind == EMAIL and PHONE in kinds and "@" not in typed:
        raise RefusedError(Reason.NEITHER_NUMBER_NOR_ADDRESS, country=country)
    value = emails.read(typed) if kind == EMAIL else usernames.read(typed)
    if value is None:
        raise RefusedError(Reason.BAD_EMAIL if kind == EMAIL else Reason.BAD_USERNAME)
    return Identifier(kind, value)


def read_phone(services: Services, typed: str, country: str) -> Phone:
    """Raises RefusedError with one of :class:`rules.phones.PhoneReason`."""
    settings = services.settings().phones
    policy = PhonePolicy(
        countries=settings.countries,
        all_countries=settings.all_countries,
        allow_possible=settings.allow_possible,
        allow_fixed_line=settings.allow_fixed_line,
        allow_voip=settings.allow_voip,
    )
    phone = phones.read(typed, country, policy)
    if isinstance(phone, PhoneProblem):
        raise RefusedError(phone.reason, country=phone.country, hint=phone.hint)
    return phone
