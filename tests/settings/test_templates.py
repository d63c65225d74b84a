"""The words of messages: which text is chosen, what is refused, and that our own are one segment each."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from connectors.registry import connectors
from settings.console import document_schema, read_document, write_document
from settings.sections import LANGUAGES
from settings.segments import measure
from settings.templates import LONGEST, TEXTS, USAGES, Templates, fill, read_templates, text_problem, variables
from tests.kit import House
from tests.provider import Provider

ASK = [usage for usage in USAGES if usage != "organization_invitation"]
CHOICES = [
    # what the admin wrote, usage, person's language, application's language -> text
    ({}, "sign_in", "fr", "en", TEXTS["fr"]["sign_in"]),
    ({}, "sign_in", "fr-CA", "en", TEXTS["fr"]["sign_in"]),
    ({}, "sign_in", "de", "fr", TEXTS["fr"]["sign_in"]),
    ({}, "sign_in", "de", "it", TEXTS["en"]["sign_in"]),
    ({"fr": {"sign_in": "F {code}"}}, "sign_in", "fr", "en", "F {code}"),
    ({"fr": {"sign_in": "F {code}"}}, "sign_in", "fr-CA", "en", "F {code}"),
    ({"fr": {"sign_in": "F {code}"}, "fr-CA": {"sign_in": "C {code}"}}, "sign_in", "fr-CA", "en", "C {code}"),
    ({"fr": {"sign_in": "F {code}"}}, "sign_in", "en", "fr", TEXTS["en"]["sign_in"]),
    ({"fr": {"sign_in": "F {code}"}}, "register", "fr", "en", TEXTS["fr"]["register"]),
    ({"en": {"generic": "G {code}"}}, "sign_in", "en", "en", TEXTS["en"]["sign_in"]),
    ({"de": {"generic": "G {code}"}}, "sign_in", "de", "en", "G {code}"),
    ({"de": {"generic": "G {code}"}}, "sign_in", "it", "de", "G {code}"),
    ({"de": {"generic": "G {code}"}}, "act_confirmation", "de", "en", TEXTS["en"]["act_confirmation"]),
    ({"de": {"generic": "G {code}"}}, "organization_invitation", "de", "en", TEXTS["en"]["organization_invitation"]),
]


@pytest.mark.parametrize(("written", "usage", "locale", "language", "text"), CHOICES)
def test_the_closest_text_is_chosen(written: dict[str, Any], usage: str, locale: str, language: str, text: str) -> None:
    assert Templates(written).text(usage, locale, language) == text


@pytest.mark.parametrize("language", [code for code, _name in LANGUAGES])
@pytest.mark.parametrize("usage", USAGES)
def test_each_of_our_texts_is_one_segment_and_passes_our_own_check(language: str, usage: str) -> None:
    text = TEXTS[language][usage]
    values = {
        "code": "0" * 10,
        "application": "N" * 40,
        "minutes": "10",
        "link": "https://login.example.com/i/" + "x" * 22,
        "act": "Transfer of 500 euros to Ann",
        "organization": "",
    }
    found = measure(fill(text, values))
    assert (found.segments, found.strange) == (1, "")
    assert text_problem(usage, text) is None


def test_every_usage_has_its_own_text_in_each_language() -> None:
    assert set(TEXTS) == {code for code, _name in LANGUAGES}
    for texts in TEXTS.values():
        assert set(texts) == set(USAGES)


MISTAKES = [
    ({"en": {"pigeon": "{code}"}}, "templates.en.pigeon", "There is no usage type of this name."),
    ({"en": {"sign_in": 7}}, "templates.en.sign_in", "This must be text."),
    ({"en": {"sign_in": None}}, "templates.en.sign_in", "This must be text."),
    ({"en": {"sign_in": "{code}" + "x" * LONGEST}}, "templates.en.sign_in", f"Use at most {LONGEST} characters."),
    (
        {"en": {"sign_in": "{code}\0"}},
        "templates.en.sign_in",
        "This has a character that cannot be typed. Type it again.",
    ),
    (
        {"en": {"sign_in": "{code}\ud800"}},
        "templates.en.sign_in",
        "This has a character that cannot be typed. Type it again.",
    ),
    ({"en": {"sign_in": "{code} {name}"}}, "templates.en.sign_in", "There is no variable {name}."),
    ({"en": {"sign_in": "{code} {}"}}, "templates.en.sign_in", "There is no variable {}."),
    ({"en": {"sign_in": "Hello"}}, "templates.en.sign_in", "Say where it goes: use {code}."),
    ({"en": {"sign_in": "{link}"}}, "templates.en.sign_in", "Say where it goes: use {code}."),
    (
        {"en": {"organization_invitation": "{code}"}},
        "templates.en.organization_invitation",
        "Say where it goes: use {link}.",
    ),
    ({"en": {"act_confirmation": "{code}"}}, "templates.en.act_confirmation", "Say where it goes: use {act}."),
    ({"en": {"sign_in": "{code} {act}"}}, "templates.en.sign_in", "There is no variable {act}."),
    ({"english": {}}, "templates.english", "Write a language such as en or pt-BR."),
    ({"en\n": {}}, "templates.en\n", "Write a language such as en or pt-BR."),
    ({"en": "text"}, "templates", "This section must be a JSON object."),
    ([], "templates", "This section must be a JSON object."),
]


@pytest.mark.parametrize(("group", "path", "words"), MISTAKES)
def test_each_mistake_is_told_at_its_place(group: Any, path: str, words: str) -> None:
    _templates, problems = read_templates(group)
    assert {at: str(problem) for at, problem in problems.items()} == {path: words}


@pytest.mark.parametrize("usage", ASK)
def test_every_variable_may_be_used_and_an_empty_text_is_none(usage: str) -> None:
    whole = " ".join(f"{{{name}}}" for name in variables(usage))
    templates, problems = read_templates({"en": {usage: whole}, "fr": {usage: "  "}, "de": {}})
    assert (templates.texts, problems) == ({"en": {usage: whole}}, {})


def test_the_document_reads_back_and_fits_its_schema() -> None:
    texts = {"en": {"sign_in": "{code} { } 100 %"}, "pt-BR": {"generic": "Código {code}"}}
    settings, problems = read_document({"templates": texts}, connectors(), production=False)
    assert problems == {}
    document = json.loads(json.dumps(write_document(settings)))
    assert document["templates"] == texts
    validator = jsonschema.Draft202012Validator(document_schema(connectors()))
    validator.validate(document)
    for wrong in (
        {"en": {"pigeon": "{code}"}},
        {"english": {}},
        {"en": {"sign_in": 7}},
        {"en": {"sign_in": "x" * 601}},
    ):
        assert not validator.is_valid({"templates": wrong})


def test_a_saved_text_is_what_arrives_and_braces_in_a_value_stay(house: House, provider: Provider) -> None:
    house.use_provider(provider.url)
    name = "{code} & {text} {host} {"
    written = {"en": {"sign_in": "{application} says: {code}\r\nGood for {minutes} min at {host} {link}."}}
    house.set(application={"name": name}, templates=written, codes={"length": 8, "minutes": 7})
    house.browser(**{"Accept-Language": "en"}).sign_in("06 12 34 56 78")
    house.deliver()
    text = provider.requests[0].body.decode()
    said = json.loads(text)["text"]
    before, code = said.split("\r\n")[0].split(" says: ")
    assert (before, len(code), code.isdigit()) == (name, 8, True)
    environment = house.services.environment
    assert said.endswith(f"\r\nGood for 7 min at {environment.public_host} {environment.public_url}.")


def test_a_person_reads_it_in_their_own_language(house: House) -> None:
    house.set(templates={"fr": {"register": "Le code : {code}. C'est tout."}})
    house.browser(**{"Accept-Language": "fr-CA"}).open("/sign-up").send(country="FR", phone="06 12 34 56 78")
    house.browser(**{"Accept-Language": "en"}).open("/sign-up").send(country="FR", phone="06 12 34 56 79")
    house.deliver()
    english, french = house.texts()
    assert "to sign up" in english
    assert french.endswith("C'est tout.")
