"""What the person reads beside the phone field when a number is refused, by the reason's name."""

from __future__ import annotations

import phonenumbers
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from pages import countries

WORDS = {
    "empty": _l("Enter a phone number, such as %(example)s."),
    "neither_number_nor_address": _l(
        "Enter a phone number, such as %(example)s, or an e-mail address, such as name@example.com."
    ),
    "input_too_long": _l("Enter one phone number and nothing else. This is too long."),
    "letters": _l("Enter the number in digits, such as %(example)s."),
    "characters": _l("Use only digits, spaces and a + at the start, such as %(whole_example)s."),
    "extension": _l("Enter a number without an extension. A text message cannot reach an extension."),
    "phone_context": _l("Enter only the number, such as %(whole_example)s."),
    "country_unknown": _l("Start the number with + and its country code, such as %(whole_example)s."),
    "calling_code_unknown": _l("Check the country code at the start. For the United Kingdom it is +44."),
    "short_number": _l("Enter a whole phone number. This is a short or emergency number."),
    "too_short": _l("Check the number and the country. The number has too few digits."),
    "too_long": _l("Check the number and the country. The number has too many digits."),
    "invalid": _l("Check the number and the country. We do not know this number."),
    "other_country": _l(
        "This looks like a number from %(hint)s. Choose that country, or start the number with %(code)s."
    ),
    "country_not_allowed": _l("Numbers from %(country)s cannot be used here. Enter a number from another country."),
    "service_number": _l("Enter a mobile number. Freephone, premium-rate and other service numbers cannot be used."),
    "fixed_line": _l("Enter a mobile number. We send a text message, and this is a landline."),
    "voip": _l("Enter a mobile number. Internet phone numbers cannot be used here."),
}


def sentence(reason: str, country: str = "", hint: str = "") -> str:
    """The sentence for a refusal, in the language of the request. ``country`` and ``hint`` are regions such as "RE"."""
    locale = str(get_locale() or "en")
    return str(WORDS[reason]) % {
        "country": countries.name(locale, country),
        "hint": countries.name(locale, hint),
        "code": countries.calling_code(hint),
        "example": example(country),
        "whole_example": example(country, whole=True),
    }


def example(region: str, *, whole: bool = False) -> str:
    """A mobile number that is taken where this country is served, as it is written there; ``whole``: with its +."""
    number = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
    if number is None:  # no country is chosen, or it has none
        number, whole = phonenumbers.example_number_for_type("GB", PhoneNumberType.MOBILE), True
    shown = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL if whole else PhoneNumberFormat.NATIONAL)
    return shown.replace(" ", "\u00a0")  # on one line
