"""The country box names every country in the page's language, weighs little, and is quick to draw."""

import gzip
import re
import time

import phonenumbers
import pytest
from flask import Flask
from flask_babel import Babel, force_locale

from pages.countries import name, option_elements, options
from pages.phone_words import WORDS, sentence
from rules.phones import PhoneReason

LANGUAGES = ["en", "fr", "de", "es", "ar", "ru", "ja", "uk"]


@pytest.mark.parametrize("locale", LANGUAGES)
def test_every_country_is_there_once_with_its_name_and_calling_code(locale):
    countries = options(locale)
    assert {country.region for country in countries} == phonenumbers.SUPPORTED_REGIONS
    assert len(countries) == 245
    assert all(country.name and country.name != country.region for country in countries)
    assert all(re.fullmatch(r"\+\d{1,3}", country.calling_code) for country in countries)


def test_names_are_in_the_pages_language_and_accents_do_not_change_their_place():
    names = [country.name for country in options("fr")]
    assert "Allemagne" in names
    assert names.index("Hongrie") < names.index("Îles Féroé") < names.index("Inde")
    assert names.index("Espagne") < names.index("Éthiopie") < names.index("Fidji")


def test_only_allowed_countries_are_offered():
    assert [country.region for country in options("fr", ("GB", "FR", "XX"))] == ["FR", "GB"]


def test_the_calling_code_comes_first_and_the_chosen_country_is_marked():
    assert option_elements("fr", ("FR", "RE"), "FR") == (
        "<option value=FR selected>+33 France<option value=RE>+262 La Réunion"
    )
    assert option_elements("fr", None, "RE").count("selected") == 1


@pytest.mark.parametrize(
    "chosen", ["", "XX", "<script>", 'FR" onfocus=alert(1) x="', ">", "FR>+33 France<option value"]
)
def test_a_chosen_country_that_is_not_there_changes_nothing(chosen):
    assert option_elements("fr", ("FR", "RE"), chosen) == "<option value=FR>+33 France<option value=RE>+262 La Réunion"


def test_names_are_escaped():
    assert "<option value=BA>+387 Bosnia &amp; Herzegovina<" in option_elements("en", None, "FR")


def test_a_plus_stays_in_front_of_its_code_where_writing_runs_from_right_to_left():
    assert "<option value=FR>\u200e+33 " in option_elements("ar", None, "GB")


@pytest.mark.parametrize("locale", LANGUAGES)
def test_the_whole_list_weighs_less_than_4000_bytes_on_the_line(locale):
    assert len(gzip.compress(option_elements(locale, None, "FR").encode(), 6)) < 4000


def test_a_second_drawing_costs_next_to_nothing():
    allowed = tuple(sorted(phonenumbers.SUPPORTED_REGIONS))
    option_elements("fr", allowed, "GB")
    started = time.process_time()
    for _ in range(1000):
        option_elements("fr", allowed, "GB")
    assert (time.process_time() - started) / 1000 < 0.0001  # measured: 6 µs


@pytest.fixture(scope="module")
def app():
    app = Flask(__name__)
    Babel(app)
    return app


def test_every_reason_to_refuse_a_number_has_a_sentence_of_its_own():
    assert WORDS.keys() >= {reason.value for reason in PhoneReason}


@pytest.mark.parametrize("reason", PhoneReason)
def test_every_sentence_is_complete(reason, app):
    with app.test_request_context():
        words = sentence(reason, country="FR", hint="RE")
    assert words.endswith(".")
    assert "%" not in words
    assert "!" not in words


def test_a_sentence_names_countries_as_the_page_does(app):
    with app.test_request_context(), force_locale("fr"):
        assert "La Réunion" in sentence("other_country", "FR", "RE")
        assert "+262" in sentence("other_country", "FR", "RE")
        assert "Royaume-Uni" in sentence("country_not_allowed", "GB")
    assert name("en", "XX") == "XX"
