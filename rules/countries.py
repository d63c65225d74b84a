"""Which country is a phone number of, and what are countries called by phone?

A country is a region code of two letters, as phonenumbers spells it ("FR"); "" stands for none chosen.
"""

from __future__ import annotations

import phonenumbers
from phonenumbers import PhoneNumber

WORLD = "001"  # phonenumbers' name for what belongs to no country: satellites, +800, +882 ...

# These write their numbers alike (0 and nine digits) under different calling codes, and people mix them up.
FRENCH = ("FR", "GP", "MQ", "GF", "RE", "YT", "BL", "MF")


def known(country: str) -> bool:
    return country in phonenumbers.SUPPORTED_REGIONS


def calling_code(country: str) -> int:
    """33 for "FR"; 0 for a country that nobody knows."""
    return phonenumbers.country_code_for_region(country)


def country_of(number: PhoneNumber, chosen: str) -> str:
    """The chosen country where the number fits it (BL and GP share their numbers), otherwise the number's own.

    A number that is not valid fits every country of its calling code, save where its first digits name one of them.
    """
    if known(chosen) and phonenumbers.is_valid_number_for_region(number, chosen):
        return chosen
    own = phonenumbers.region_code_for_number(number)
    if own:
        return own
    sharing = phonenumbers.region_codes_for_country_code(number.country_code or 0)
    return chosen if chosen in sharing else sharing[0]


def lookalikes(country: str) -> tuple[str, ...]:
    """The other countries where a number typed in the national way could be at home."""
    return tuple(other for other in FRENCH if other != country) if country in FRENCH else ()
