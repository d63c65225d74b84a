"""Every setting is documented, and what looks like a secret is treated as one."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable

import pytest

from settings import environment
from settings.console import FIELDS
from settings.fields import Field, Kind
from tests.house.source import ROOT
from tools.settings_page import ENVIRONMENT, connector_fields, settings_page

SECRET_WORDS = {"token", "secret", "key", "password"}
NOT_THE_SECRET_ITSELF = ("_id", "_name", "_header", "_url")


def all_fields() -> list[Field]:
    groups = [*FIELDS.values(), *(fields for _title, fields in connector_fields().values())]
    return [field for group in groups for field in group]


def open_secrets(fields: Iterable[Field]) -> list[str]:
    return [
        field.name
        for field in fields
        if SECRET_WORDS & set(re.split(r"[_\W]", field.name.lower()))
        and field.kind in (Kind.TEXT, Kind.LONG_TEXT)
        and not field.name.endswith(NOT_THE_SECRET_ITSELF)
        and not field.name.startswith("public_")
        and not field.secret
    ]


def variables_read(source: str) -> set[str]:
    """The names of variables in a source: its texts all in capitals."""
    return set(re.findall(r'"([A-Z]{2,}(?:_[A-Z]+)*)"', source))


def test_the_page_of_settings_is_up_to_date() -> None:
    assert (ROOT / "docs/settings.md").read_text() == settings_page(), "make docs"


def test_every_variable_is_documented() -> None:
    assert variables_read(inspect.getsource(environment)) == {name for name, _default, _help in ENVIRONMENT}


def test_what_looks_like_a_secret_is_one() -> None:
    assert open_secrets(all_fields()) == []


@pytest.mark.parametrize("name", ["auth_token", "client_secret", "api_key", "password", "key"])
def test_an_open_secret_is_caught(name: str) -> None:
    assert open_secrets([Field(name, "Label"), Field(f"{name}_2", "Label", secret=True)]) == [name]


def test_what_only_sounds_like_one_passes() -> None:
    fields = [Field(name, "Label") for name in ("access_key_id", "public_key")]
    fields.append(Field("password_length", "Label", kind=Kind.NUMBER))
    assert open_secrets(fields) == []


def test_a_new_variable_is_caught() -> None:
    assert variables_read('values.get("NEW_ONE", "text")') == {"NEW_ONE"}
