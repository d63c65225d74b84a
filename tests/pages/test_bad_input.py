"""Whatever is typed: a clear sentence beside the field, the typed value kept, and never a 500."""

from __future__ import annotations

import html

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from pages.phone_words import WORDS
from pages.words import SENTENCES
from rules.refusals import Reason
from tests.kit import House

BAD_NUMBERS = {
    "": "Enter a phone number",
    "1" * 10_000: "too long",
    "😀😀😀": "Use only digits",
    "\u202e\u202e": "Enter a phone number",
    "06\x0012345678": "",
    "<script>alert(1)</script>": "",
    "{{7*7}}": "",
    "CALL-ME-NOW": "digits",
    "06 12 34 56 78 ext 5": "extension",
    "112": "",
    "+44 7400 123456 5": "",
    "+999 123456789": "country code",
    "08 99 70 12 34": "service",
}


@pytest.mark.parametrize("reason", Reason)
def test_every_refusal_has_its_sentence(reason: str) -> None:
    assert (SENTENCES | WORDS)[reason]


@pytest.mark.parametrize("typed", BAD_NUMBERS)
def test_a_bad_number_is_explained_and_kept(sqlite_house: House, typed: str) -> None:
    browser = sqlite_house.browser().sign_in(typed)
    assert browser.status == 422
    assert browser.path == "/sign-in"
    assert len(browser.errors) == 1
    assert BAD_NUMBERS[typed] in browser.errors[0]
    assert html.escape(browser.errors[0], quote=False) in browser.page.text.replace("&#39;", "'")
    assert "<script>alert" not in browser.page.text
    assert "Error: " in browser.page.text
    if typed.isprintable():
        assert browser.field("phone") == typed
    assert sqlite_house.count("messages") == 0


@pytest.mark.parametrize("typed", ["{code}", "{code} ", "{0} {1}", "{0}-{1}", "full width", "arabic"])
def test_a_right_code_in_any_usual_writing_is_right(sqlite_house: House, typed: str) -> None:
    browser = sqlite_house.browser().sign_in("06 12 34 56 78")
    code = sqlite_house.newest_code()
    scripts = {"full width": "０１２３４５６７８９", "arabic": "٠١٢٣٤٥٦٧٨٩"}
    if typed in scripts:
        written = "".join(scripts[typed][int(digit)] for digit in code)
    else:
        written = typed.format(code[:3], code[3:], code=code)
    assert browser.type_code(written).path == "/sign-in/create-account"


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "😀", "\x00", "1" * 10_000, "<b>", "{{7*7}}"])
def test_a_badly_written_code_costs_no_try(sqlite_house: House, typed: str) -> None:
    browser = sqlite_house.browser().sign_in("06 12 34 56 78")
    code = sqlite_house.newest_code()
    for _ in range(7):
        browser.send("/sign-in/code", code=typed)
        assert browser.status == 422
        assert len(browser.errors) == 1
    assert browser.type_code(code).path == "/sign-in/create-account"


def test_a_doubled_field_is_refused(sqlite_house: House) -> None:
    browser = sqlite_house.browser().open("/sign-in")
    browser.send(country="FR", phone=["06 12 34 56 78", "06 12 34 56 79"])
    assert browser.status == 422
    assert sqlite_house.count("messages") == 0


def test_without_its_token_a_form_is_not_taken_but_what_was_typed_is_kept(sqlite_house: House) -> None:
    browser = sqlite_house.browser().open("/sign-in")
    browser.send(country="FR", phone="06 12 34 56 78", csrf_token="")
    assert browser.status == 403
    assert sqlite_house.count("messages") == 0
    assert browser.field("phone") == "06 12 34 56 78"
    assert "Country France" in browser.text
    browser.send("/sign-in", country="FR", phone=browser.field("phone"))
    assert browser.path == "/sign-in/code"


def test_a_form_of_another_site_is_not_offered_for_confirmation(sqlite_house: House) -> None:
    client = sqlite_house.app.test_client()
    reply = client.post("/sign-in", data={"phone": "06 12 34 56 78"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert reply.status_code == 403
    assert "06 12" not in reply.text
    reply = client.post("/sign-in", data={"phone": "06 12 34 56 78"}, headers={"Origin": "https://elsewhere.example"})
    assert "06 12" not in reply.text


def test_what_is_too_much_is_refused_with_a_page(sqlite_house: House) -> None:
    reply = sqlite_house.app.test_client().post("/sign-in", data={"phone": "1" * 200_000})
    assert reply.status_code == 413
    assert "That was too much" in reply.text


def test_tickets_that_are_not_ours_lead_back_to_the_start(sqlite_house: House) -> None:
    mine = sqlite_house.browser().sign_in("06 12 34 56 78")
    ticket = mine.field("ticket")
    for stranger_ticket in (ticket, "x", "\x00", "f" * 32, "'; --"):
        stranger = sqlite_house.browser().open("/sign-in")
        stranger.send("/sign-in/code", ticket=stranger_ticket, code=sqlite_house.newest_code())
        assert stranger.status == 409
        assert stranger.path == "/sign-in/code"
        assert "Sign in with your phone" in stranger.text
    assert sqlite_house.count("sessions") == 0


@pytest.mark.parametrize("number", ["+44 7700 900123", "+1 555 123 4567", "06 39 98 12 34"])
def test_a_fresh_development_installation_takes_numbers_that_nobody_has(sqlite_house: House, number: str) -> None:
    assert sqlite_house.browser().sign_in(number).path == "/sign-in/code"
    sqlite_house.set(phones={"allow_possible": False})
    browser = sqlite_house.browser().sign_in(number)
    assert browser.errors == ["Check the number and the country. We do not know this number."]


@pytest.mark.parametrize("country", ["GB", "FR", "US", "AR", "CI", "SA"])
def test_the_number_that_a_sentence_shows_is_taken(sqlite_house: House, country: str) -> None:
    sqlite_house.set(phones={"countries": [country]})
    for typed in ("", "my number", "06*12"):
        browser = sqlite_house.browser().sign_in(typed, country)
        shown = browser.errors[0].partition(" such as ")[2].rstrip(".")
        assert shown, browser.errors
    assert browser.send(country=country, phone=shown).path == "/sign-in/code"


def test_only_allowed_countries_are_offered_and_taken(sqlite_house: House) -> None:
    sqlite_house.set(phones={"all_countries": False, "countries": ["FR", "BE"], "default_country": "BE"})
    browser = sqlite_house.browser().open("/sign-in")
    assert browser.page.text.count("<option") == 2
    assert "value=BE selected" in browser.page.text
    browser.send(country="GB", phone="+44 7400 123456")
    assert browser.status == 422
    assert "United Kingdom" in browser.errors[0]
    assert browser.send(country="FR", phone="06 12 34 56 78").path == "/sign-in/code"


@pytest.mark.parametrize(("path", "expected"), [("/sign-in", 200), ("/nowhere", 404), ("/sign-in/code", 303)])
def test_an_address_that_is_no_text_is_no_error_of_ours(sqlite_house: House, path: str, expected: int) -> None:
    environ = EnvironBuilder(path=path).get_environ() | {"QUERY_STRING": "ticket=\xff\xfe&\xe9"}
    _body, status, _headers = run_wsgi_app(sqlite_house.app, environ, buffered=True)
    assert status.startswith(str(expected))
