"""The country box: every country that a phone can be of, in the page's language.

The calling code stands first, because the closed box is narrow and the code is what must be seen in it. A browser
jumps to what is typed into a box by the start of its lines, so "+49" finds Germany and "g" does not. A ``label``
attribute does not help (it stands in the open list too), nor does a box written from right to left.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from babel import Locale
from babel.core import get_global
from markupsafe import Markup, escape

LEFT_TO_RIGHT = "\u200e"  # before a +, so that a page in Arabic or Hebrew does not show "33+"


class Country(NamedTuple):
    region: str
    name: str
    calling_code: str


def name(locale: str, region: str) -> str:
    """What the language calls a region: "La Réunion" for "RE" in French. The region itself where it has no name."""
    return Locale.parse(locale).territories.get(region, region)


# The library's own question for a region's code would load all that it knows of each of the 245.
CALLING_CODES = {
    region: f"+{code}" for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items() for region in regions
}


def calling_code(region: str) -> str:
    """Empty for what is no region: most refusals of a number hint at none."""
    return CALLING_CODES.get(region, "")


@lru_cache(maxsize=128)
def options(locale: str, allowed: tuple[str, ...] | None = None) -> tuple[Country, ...]:
    """The allowed countries (None: all) by name. ``locale`` is spelled as Babel does: "pt_BR"."""
    regions = phonenumbers.SUPPORTED_REGIONS if allowed is None else phonenumbers.SUPPORTED_REGIONS & set(allowed)
    countries = [Country(region, name(locale, region), calling_code(region)) for region in regions]
    return tuple(sorted(countries, key=lambda country: (_sort_key(country.name), country.region)))


def _sort_key(text: str) -> str:
    """Without accents and capitals: "Îles Féroé" is found under i."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn").casefold()


def option_elements(locale: str, allowed: tuple[str, ...] | None, selected: str) -> Markup:
    """The ``<option>`` elements, written as short as HTML allows: each page carries them."""
    elements = _unselected(locale, allowed)
    return Markup(elements.replace(f"={selected}>", f"={selected} selected>", 1))  # noqa: S704 (only what was there)


@lru_cache(maxsize=128)
def _unselected(locale: str, allowed: tuple[str, ...] | None) -> str:
    mark = LEFT_TO_RIGHT if Locale.parse(locale).text_direction == "rtl" else ""
    return "".join(
        f"<option value={country.region}>{mark}{country.calling_code} {escape(country.name)}"
        for country in options(locale, allowed)
    )


def suggested(languages: Iterable[str], allowed: tuple[str, ...] | None) -> str:
    """The country that a browser's languages ("en-GB", "fr") suggest, of those that are allowed; else the first."""
    served = phonenumbers.SUPPORTED_REGIONS if allowed is None else allowed
    for language in languages:
        region = language.rpartition("-")[2].upper() if "-" in language else _home_of(language.lower())
        if region in served:
            return region
    return next(iter(allowed or ()), "")


@lru_cache(maxsize=256)
def _home_of(language: str) -> str:
    """Where most speakers of a language are: "FR" for "fr" (Unicode's likely subtags)."""
    return get_global("likely_subtags").get(language, "").rpartition("_")[2]
