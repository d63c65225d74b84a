"""From typed digits to a number: prefixes for abroad, and writings that are no longer right but still in use.

Argentina: a mobile is written with a 9 from abroad and with a 15 at home, and its ten digits are unique among mobiles
and fixed lines together (Plan Fundamental de Numeración Nacional, Res. SC 46/97). So whoever writes neither 9 nor 15
names the same subscriber, and all spellings become +549. Fixed lines there cannot be told apart, and are not.
"""

from __future__ import annotations

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber

from rules.countries import calling_code, known
from rules.phone_spelling import PhoneReason, RefusedPhoneError

# 00 where something else is dialled for it, and America's 011 elsewhere; but 011 15 is a mobile of Buenos Aires
ABROAD = re.compile(r"00|011(?!15)(?=\d{10})")


def with_plus(spelling: str, country: str) -> str:
    """A + for the international prefix of another country; the chosen country's own is left to the parser."""
    if spelling[0] == "+":
        return re.sub(r"^\+(00)?", "+", spelling)
    own = phonenumbers.PhoneMetadata.metadata_for_region(country) if known(country) else None
    if own and own.international_prefix and re.match(own.international_prefix, spelling):
        return spelling
    return ABROAD.sub("+", spelling, count=1) if ABROAD.match(spelling) else spelling


LONGEST_SHORT = 6  # digits


def is_short(spelling: str, country: str) -> bool:
    """Emergency numbers and the like."""
    if len(spelling) > LONGEST_SHORT or spelling[0] == "+" or not known(country):
        return False
    short = PhoneNumber(country_code=calling_code(country), national_number=int(spelling))
    return phonenumbers.is_emergency_number(spelling, country) or phonenumbers.is_valid_short_number_for_region(
        short, country
    )


UNPARSED = {
    NumberParseException.INVALID_COUNTRY_CODE: PhoneReason.CALLING_CODE_UNKNOWN,
    NumberParseException.TOO_LONG: PhoneReason.TOO_LONG,
}


def parse(spelling: str, country: str) -> PhoneNumber:
    """The number in its one spelling, valid or not. Raises RefusedPhoneError where there is none."""
    if spelling[0] != "+" and not known(country):
        raise RefusedPhoneError(PhoneReason.COUNTRY_UNKNOWN)
    try:
        return _one_spelling(phonenumbers.parse(spelling, country))
    except NumberParseException as error:
        raise RefusedPhoneError(UNPARSED.get(error.error_type, PhoneReason.TOO_SHORT)) from None


# By calling code: national numbers as they are still written, and what they are now.
ARGENTINA = 54
REWRITTEN = {
    39: (r"0(3\d{8,9})", r"\1"),  # Italian mobiles have no 0
    52: (r"(?:0?1|04[45])(\d{10})", r"\1"),  # Mexico gave up its 1, 01, 044 and 045 in 2019
    ARGENTINA: (r"9?(?:(?=\d{12}$)(11|[23]\d\d|[23]\d{3})15)?(\d{6,10})", r"9\1\2"),
    225: (r"(\d{9})", r"0\1"),  # the 0 is part of Ivorian numbers
}


def _one_spelling(number: PhoneNumber) -> PhoneNumber:
    """The number that an old or mixed writing stands for, where there is one; otherwise the number itself."""
    code = number.country_code or 0
    if code not in REWRITTEN or (code != ARGENTINA and phonenumbers.is_valid_number(number)):
        return number
    pattern, now = REWRITTEN[code]
    written = re.fullmatch(pattern, phonenumbers.national_significant_number(number))
    if not written:
        return number
    other = phonenumbers.parse(f"+{code}{written.expand(now)}")
    return other if phonenumbers.is_valid_number(other) else number
