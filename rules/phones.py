"""Phone numbers: the one reader of what people type.

From ``read`` on, a number is E.164 and nothing else; every limit, row and comparison uses that one spelling.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType, ValidationResult

from rules.countries import WORLD, calling_code, country_of, known, lookalikes
from rules.phone_parsing import is_short, parse, with_plus
from rules.phone_spelling import PhoneProblem, PhoneReason, RefusedPhoneError, digits

__all__ = ["Phone", "PhonePolicy", "PhoneProblem", "PhoneReason", "calling_code", "display", "masked", "read"]


@dataclass(frozen=True)
class PhonePolicy:
    """Which numbers are welcome. ``allow_possible``: also those of ranges newer than the metadata."""

    countries: tuple[str, ...] = ()
    all_countries: bool = False
    allow_possible: bool = False
    allow_fixed_line: bool = False
    allow_voip: bool = False

    def allows(self, country: str) -> bool:
        return known(country) and (self.all_countries or country in self.countries)


@dataclass(frozen=True)
class Phone:
    """``e164`` has its +, and stays out of logs; ``country`` is the chosen one where the number fits it."""

    e164: str = field(repr=False)
    country: str

    @property
    def block(self) -> str:
        """The number less its last 4 digits."""
        return self.e164[:-4]


LONGEST_E164 = 16  # with its +; Germany has valid fixed lines that are longer than E.164 itself allows


def read(text: str, country: str, policy: PhonePolicy) -> Phone | PhoneProblem:
    """The phone that ``text`` means to somebody in ``country``, which counts for national writing only."""
    try:
        typed = digits(text)
        if is_short(typed, country):
            raise RefusedPhoneError(PhoneReason.SHORT_NUMBER, country)
        spelling = with_plus(typed, country)
        number = parse(spelling, country)
        valid = phonenumbers.is_valid_number(number)
        home = country_of(number, country if policy.allows(country) else "")
        if not valid:
            _check_possible(number, spelling, country, policy)
        _check_welcome(number, home, valid, policy)
    except RefusedPhoneError as refused:
        return replace(refused.problem, country=refused.problem.country or country)
    e164 = _e164(number)
    return Phone(e164, home) if len(e164) <= LONGEST_E164 else PhoneProblem(PhoneReason.TOO_LONG, home)


LENGTHS = {
    ValidationResult.TOO_SHORT: PhoneReason.TOO_SHORT,
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: PhoneReason.TOO_SHORT,
    ValidationResult.TOO_LONG: PhoneReason.TOO_LONG,
}


def _check_possible(number: PhoneNumber, spelling: str, country: str, policy: PhonePolicy) -> None:
    """What is not valid is welcome only as a mobile of a range that may be newer than the metadata."""
    code = number.country_code or 0
    here = country if calling_code(country) == code else phonenumbers.region_code_for_country_code(code)
    if spelling[0] != "+":
        for other in lookalikes(country):
            if policy.allows(other) and _at_home(spelling, other):
                raise RefusedPhoneError(PhoneReason.OTHER_COUNTRY, country, hint=other)
    length = LENGTHS.get(phonenumbers.is_possible_number_with_reason(number))
    if length:
        raise RefusedPhoneError(length, here)
    possible = phonenumbers.is_possible_number_for_type(number, PhoneNumberType.MOBILE)
    # with a 0 too many it would read back as another number
    if not (policy.allow_possible and possible and parse(_e164(number), "") == number):
        raise RefusedPhoneError(PhoneReason.INVALID, here)


def _at_home(spelling: str, country: str) -> bool:
    try:
        return phonenumbers.is_valid_number_for_region(parse(spelling, country), country)
    except RefusedPhoneError:
        return False


def _check_welcome(number: PhoneNumber, home: str, valid: bool, policy: PhonePolicy) -> None:
    if home == WORLD:
        raise RefusedPhoneError(PhoneReason.SERVICE_NUMBER)
    if not policy.allows(home):
        raise RefusedPhoneError(PhoneReason.COUNTRY_NOT_ALLOWED, home)
    kind = phonenumbers.number_type(number) if valid else PhoneNumberType.MOBILE
    if kind == PhoneNumberType.FIXED_LINE and not policy.allow_fixed_line:
        raise RefusedPhoneError(PhoneReason.FIXED_LINE, home)
    if kind == PhoneNumberType.VOIP and not policy.allow_voip:
        raise RefusedPhoneError(PhoneReason.VOIP, home)
    if kind not in REACHABLE:
        raise RefusedPhoneError(PhoneReason.SERVICE_NUMBER, home)


# All others cost the caller extra, or nobody carries them: premium, shared cost, toll-free, personal (070), pager ...
REACHABLE = {
    PhoneNumberType.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE,  # North America does not tell them apart
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.VOIP,
}


def _e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def display(e164: str) -> str:
    """As people write it: "+33 6 12 34 56 78"."""
    try:
        return phonenumbers.format_number(phonenumbers.parse(e164), PhoneNumberFormat.INTERNATIONAL)
    except NumberParseException:
        return e164


def masked(e164: str) -> str:
    """For logs and for pages before its owner has proved it: "••• 78"."""
    return "••• " + e164[-2:]
