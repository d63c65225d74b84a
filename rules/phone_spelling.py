"""What people type for a phone number, as plain digits; and the reasons for which it cannot be one."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum


class PhoneReason(StrEnum):
    EMPTY = "empty"
    INPUT_TOO_LONG = "input_too_long"
    LETTERS = "letters"
    CHARACTERS = "characters"
    EXTENSION = "extension"
    PHONE_CONTEXT = "phone_context"
    COUNTRY_UNKNOWN = "country_unknown"
    CALLING_CODE_UNKNOWN = "calling_code_unknown"
    SHORT_NUMBER = "short_number"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    INVALID = "invalid"
    OTHER_COUNTRY = "other_country"
    COUNTRY_NOT_ALLOWED = "country_not_allowed"
    SERVICE_NUMBER = "service_number"
    FIXED_LINE = "fixed_line"
    VOIP = "voip"


@dataclass(frozen=True)
class PhoneProblem:
    """``country``: where the number was read, or that it belongs to; ``hint``: the country where it would be right."""

    reason: PhoneReason
    country: str = ""
    hint: str = ""


class RefusedPhoneError(Exception):
    """Carries the problem from where it is seen to ``rules.phones.read``; it goes no further."""

    def __init__(self, reason: PhoneReason, country: str = "", hint: str = "") -> None:
        super().__init__(reason)
        self.problem = PhoneProblem(reason, country, hint)


LONGEST = 64  # characters; what is longer is not looked at
TEL = re.compile(r"^\s*tel:")
EXTENSION = re.compile(
    r"\d[\s.)]*(?:;?\s*ext(?:ensi[oó]n|n)?|;\s*isub|x|#|;|,,|anexo|int|poste|доб)[\s.:=]*\d|^[^,]*,\s*\d+\s*$"
)
PUNCTUATION = frozenset(" \t\r\n./,·•‧・．／−ー")
SILENT = frozenset({"Zs", "Zl", "Zp", "Pd", "Ps", "Pe", "Cf"})  # spaces, dashes, brackets, direction marks


def digits(text: str) -> str:
    """ASCII digits, after a + where one was typed: "Tel:+33 (0)6" gives "+3306". Raises RefusedPhoneError."""
    if len(text) > LONGEST:
        raise RefusedPhoneError(PhoneReason.INPUT_TOO_LONG)
    plain = TEL.sub("", text.lower(), count=1)
    if ";phone-context" in plain:
        raise RefusedPhoneError(PhoneReason.PHONE_CONTEXT)
    if EXTENSION.search(plain):
        raise RefusedPhoneError(PhoneReason.EXTENSION)
    spelling = "".join([_character(character) for character in plain])
    number = spelling.lstrip("+")
    if not number:
        raise RefusedPhoneError(PhoneReason.EMPTY)
    if "+" in number:
        raise RefusedPhoneError(PhoneReason.CHARACTERS)
    return "+" + number if spelling[0] == "+" else number


def _character(character: str) -> str:
    if "0" <= character <= "9":
        return character
    if character in PUNCTUATION:
        return ""
    if character in "+＋﹢":
        return "+"
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    if character.isalpha():
        raise RefusedPhoneError(PhoneReason.LETTERS)
    if unicodedata.category(character) in SILENT:
        return ""
    raise RefusedPhoneError(PhoneReason.CHARACTERS)
