"""The connectors' section of the settings: who stands by, which country goes where, and each mistake at its place."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from connectors.registry import connectors
from flows import change_settings, connector_setup
from flows.outcomes import Done, Refused
from settings.connectors import Connectors, connectors_schema, read_connectors, write_connectors
from tests.delivery.standby import configurations
from tests.kit import House

BOTH = {**configurations("http://127.0.0.1:1", "http://127.0.0.1:1"), "development": {}}
OBJECT = "This section must be a JSON object."
NOT_SET_UP = "It is not set up."
DEVELOPMENT = "This connector is for development only."
CHOOSE_FIRST = "Choose the connector in use first."
LETTERS = "Write each country as two capital letters, such as GB."


def read(production: bool = False, **group: Any) -> tuple[Connectors, dict[str, str]]:
    found, problems = read_connectors({"configurations": BOTH} | group, connectors(), production=production)
    return found, {path: str(problem) for path, problem in problems.items()}


MISTAKES = [
    ({"active": "http", "standby": "http"}, {"standby": "Choose another connector than the one in use."}),
    ({"active": "pigeon"}, {"active": NOT_SET_UP}),
    ({"active": "http", "standby": "pigeon"}, {"standby": NOT_SET_UP}),
    ({"active": ["http"]}, {"active": NOT_SET_UP}),
    ({"standby": "http"}, {"active": CHOOSE_FIRST}),
    ({"routes": {"http": ["GB"]}}, {"active": CHOOSE_FIRST}),
    ({"active": "http", "routes": {"pigeon": ["GB"]}}, {"routes.pigeon": NOT_SET_UP}),
    ({"active": "http", "routes": {"twilio": ["gb"]}}, {"routes.twilio": LETTERS}),
    ({"active": "http", "routes": {"twilio": ["GBR"]}}, {"routes.twilio": LETTERS}),
    ({"active": "http", "routes": {"twilio": "GB"}}, {"routes.twilio": LETTERS}),
    ({"active": "http", "routes": {"twilio": [7, ["GB"]]}}, {"routes.twilio": LETTERS}),
    (
        {"active": "http", "routes": {"http": ["IE", "GB"], "twilio": ["GB"]}},
        {"routes.twilio": "GB has another connector already."},
    ),
    ({"active": "http", "more": 1}, {"more": "There is no setting of this name."}),
    ({"configurations": {"pigeon": {}}}, {"configurations.pigeon": "There is no connector of this name."}),
    ({"configurations": {"http": []}}, {"configurations.http": OBJECT}),
]


@pytest.mark.parametrize(("group", "expected"), MISTAKES)
def test_each_mistake_is_told_at_its_place(group: dict[str, Any], expected: dict[str, str]) -> None:
    assert read(**group)[1] == {f"connectors.{path}": words for path, words in expected.items()}


@pytest.mark.parametrize("group", [None, [], "http", {"routes": []}, {"configurations": None}])
def test_a_section_of_another_form_is_refused(group: Any) -> None:
    _found, problems = read_connectors(group, connectors(), production=False)
    assert {path: str(problem) for path, problem in problems.items()} == {"connectors": OBJECT}


@pytest.mark.parametrize(
    ("group", "path"),
    [
        ({"active": "development"}, "active"),
        ({"active": "http", "standby": "development"}, "standby"),
        ({"active": "http", "routes": {"development": ["GB"]}}, "routes.development"),
    ],
)
def test_what_is_for_development_carries_nothing_in_production(group: dict[str, Any], path: str) -> None:
    assert read(**group)[1] == {}
    assert read(production=True, **group)[1] == {f"connectors.{path}": DEVELOPMENT}


def test_the_section_reads_back_to_the_same_and_fits_its_schema() -> None:
    group = {"active": "http", "standby": "twilio", "routes": {"twilio": ["GB", "IE"], "http": []}}
    found, problems = read(**group)
    assert problems == {}
    assert found.in_use() == ["http", "twilio"]
    assert found.routes == {"twilio": ("GB", "IE")}
    written = json.loads(json.dumps(write_connectors(found)))
    assert read_connectors(written, connectors(), production=False) == (found, {})
    validator = jsonschema.Draft202012Validator(connectors_schema(connectors()))
    validator.validate(written)
    for wrong in ({"standby": "pigeon"}, {"routes": {"http": ["gb"]}}, {"routes": {"http": "GB"}}, {"more": 1}):
        assert not validator.is_valid(wrong), wrong


def test_an_export_brings_standby_and_routes_along(sqlite_house: House) -> None:
    group = {"active": "http", "standby": "twilio", "routes": {"twilio": ["GB"]}, "configurations": BOTH}
    sqlite_house.set(connectors=group)
    exported = json.loads(json.dumps(change_settings.export(sqlite_house.services, secrets=True)))
    before = sqlite_house.services.settings().connectors
    sqlite_house.set(connectors={"active": "", "standby": "", "routes": {}, "configurations": {}})
    assert change_settings.save(sqlite_house.services, "test", exported) == Done()
    assert sqlite_house.services.settings().connectors == before
    without = change_settings.export(sqlite_house.services)
    assert "not-a-real-token" not in json.dumps(without)
    kept = change_settings.with_kept_secrets(sqlite_house.services, without)
    assert change_settings.save(sqlite_house.services, "test", kept) == Done()
    assert sqlite_house.services.settings().connectors == before


ELSEWHERE = "The address has changed: type this once more."


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://evil.invalid/send", {"connectors.configurations.http.headers": ELSEWHERE}),
        ("https://127.0.0.1:1/send", {"connectors.configurations.http.headers": ELSEWHERE}),
        ("http://127.0.0.1:2/send", {"connectors.configurations.http.headers": ELSEWHERE}),
        ("http://127.0.0.1:1/v2?to={to}", {}),
    ],
)
def test_a_secret_goes_to_no_address_that_it_was_not_typed_for(
    sqlite_house: House, url: str, told: dict[str, str]
) -> None:
    """Whoever may change the settings, but has not the provider's key, must not have it sent to themselves."""
    services, own = sqlite_house.services, {"url": "http://127.0.0.1:1/send", "headers": "X-Key: s3cret"}
    sqlite_house.set(connectors={"active": "http", "configurations": {"http": own}})
    document = change_settings.export(services)
    document["connectors"]["configurations"]["http"]["url"] = url
    saved = change_settings.save(services, "a program", change_settings.with_kept_secrets(services, document))
    assert {path: str(problem) for path, problem in getattr(saved, "values", {}).items()} == told
    typed = own | {"url": url, "headers": ""}
    tried = connector_setup.test(services, "an admin", "http", typed, "+33612345678", "FR", "en")
    assert [str(each) for each in getattr(tried, "values", {}).get("problems", {}).values()] == [*told.values()]


def test_a_wrong_section_changes_nothing(sqlite_house: House) -> None:
    before = sqlite_house.services.settings()
    document = change_settings.export(sqlite_house.services, secrets=True)
    document["connectors"]["standby"] = "twilio"
    refused = change_settings.save(sqlite_house.services, "test", document)
    assert isinstance(refused, Refused)
    assert list(refused.values) == ["connectors.standby"]
    assert sqlite_house.services.settings() == before
