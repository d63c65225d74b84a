"""What holds for every connector, whoever wrote it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import connectors as package
from connectors.contract import Answer, Message, Outcome, Refusal, Reply
from connectors.registry import Connector, connectors
from settings.fields import Field
from tests.connectors.samples import MESSAGE, SECRET, TYPED, config, problems

ROOT = Path(__file__).parents[2]

every_connector = pytest.mark.parametrize("connector", list(connectors().values()), ids=list(connectors()))

HOSTILE = (
    b"",
    b"null",
    b"true",
    b"0",
    b'"text"',
    b"[]",
    b"{}",
    b"[[]]",
    b"{",
    b"<!doctype html><title>502 Bad Gateway</title>",
    b"\xff\xfe\x00",
    '{"message": "Grüße"}'.encode("latin-1"),
    b'{"message": "\\ud800\\u0000"}',
    b'{"code": ' + b"9" * 5000 + b"}",
    b'{"code": 1e999, "sid": NaN}',
    b"[" * 60_000,
    b'{"message": ' + b"[" * 900 + b"]" * 900 + b"}",
    b'{"error": ' + b'{"error": ' * 900 + b"1" + b"}" * 900 + b"}",
    b"x" * 65_536,
    json.dumps({"sid": [1], "code": {}, "message": ["a"], "error": {"kind": []}, "data": None}).encode(),
)

words = st.sampled_from(["sid", "code", "message", "error", "kind", "status", "data", "id", "0"]) | st.text(max_size=8)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=4),
    max_leaves=8,
)
replies = st.builds(
    Reply,
    status=st.integers(100, 599) | st.sampled_from([200, 201, 400, 429, 503]),
    headers=st.dictionaries(st.sampled_from(["retry-after", "date", "content-type"]), st.text(max_size=40), max_size=2),
    body=st.binary(max_size=200) | json_values.map(lambda value: json.dumps(value).encode()) | st.sampled_from(HOSTILE),
)
messages = st.builds(
    Message,
    id=st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=40),
    to=st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True),
    text=st.text(max_size=200),
    usage=st.just("sign_in"),
    locale=st.just("en"),
    life=st.integers(1, 600),
    code=st.from_regex(r"[0-9]{4,10}", fullmatch=True),
    application=st.text(max_size=20),
    sent_at=st.integers(0, 2**33),
)


every_field = pytest.mark.parametrize(
    "field",
    [
        pytest.param(field, id=f"{connector.name}.{field.name}")
        for connector in connectors().values()
        for field in connector.fields
    ],
)


def assert_answer_can_be_kept(answer: Answer) -> None:
    assert (answer.refusal is not None) == (answer.outcome is Outcome.REFUSED)
    assert answer.retry_after is None or 0 <= answer.retry_after <= 3600
    for text, limit in ((answer.provider_id, 200), (answer.code, 100), (answer.detail, 1000)):
        assert isinstance(text, str)
        assert len(text) <= limit
        assert text.isprintable(), "a database or a log may choke on it"


# The declaration


@every_connector
def test_says_what_it_is(connector: Connector) -> None:
    assert connector.title
    assert connector.summary
    assert "\n" not in connector.summary
    assert len(connector.summary) <= 100


@every_field
def test_a_field_has_a_label_and_a_pattern_has_a_hint(field: Field) -> None:
    assert field.label
    assert bool(field.pattern) == bool(field.hint)


@every_field
def test_what_sounds_secret_is_secret(field: Field) -> None:
    if re.search("secret|token|password|headers", field.name):
        assert field.secret


@every_connector
def test_every_refusal_has_one_of_our_kinds(connector: Connector) -> None:
    errors = sys.modules[f"connectors.{connector.name}"].ERRORS
    assert all(isinstance(code, str) and isinstance(kind, Refusal) for code, kind in errors.items())


@every_connector
def test_its_guide_names_every_field(connector: Connector) -> None:
    guide = (ROOT / "docs" / "connectors" / f"{connector.name}.md").read_text()
    assert guide.startswith(f"# {connector.title}\n")
    assert [field.label for field in connector.fields if f"**{field.label}**" not in guide] == []


@every_connector
def test_the_sample_is_right(connector: Connector) -> None:
    assert problems(connector.name) == {}


def test_every_sample_is_of_a_connector() -> None:
    assert TYPED.keys() == connectors().keys()


# Building


@every_connector
@settings(max_examples=50, deadline=None)
@given(message=messages)
def test_builds_a_request_of_whatever_message_and_the_same_again(connector: Connector, message: Message) -> None:
    request = connector.build(config(connector.name), message)
    assert request.method in ("GET", "POST", "PUT", "PATCH")
    assert isinstance(request.body, bytes)
    assert connector.production is False or request.url.startswith("https://")
    for name, value in request.headers.items():
        assert re.fullmatch(r"[A-Za-z-]+: [ -~]+", f"{name}: {value}")
    assert connector.build(config(connector.name), message) == request


@every_connector
def test_no_secret_no_code_and_no_number_is_in_the_repr_of_a_request(connector: Connector) -> None:
    shown = repr(connector.build(config(connector.name), MESSAGE))
    for secret in (SECRET, MESSAGE.code, MESSAGE.to.removeprefix("+"), MESSAGE.text):
        assert secret not in shown


@every_connector
def test_no_secret_is_in_an_address(connector: Connector) -> None:
    assert SECRET not in connector.build(config(connector.name), MESSAGE).url


# Reading


@every_connector
@pytest.mark.parametrize(
    "status", [100, 200, 201, 202, 204, 301, 303, 307, 400, 401, 403, 404, 409, 429, 500, 502, 503]
)
@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_replies_are_read(connector: Connector, status: int, body: bytes) -> None:
    assert_answer_can_be_kept(connector.read(config(connector.name), Reply(status, {}, body)))


@every_connector
@settings(max_examples=200, deadline=None)
@given(reply=replies)
def test_whatever_the_reply_it_is_read(connector: Connector, reply: Reply) -> None:
    assert_answer_can_be_kept(connector.read(config(connector.name), reply))


@every_connector
@pytest.mark.parametrize("status", [500, 502, 504])
@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
def test_a_server_that_broke_may_have_sent(connector: Connector, status: int, body: bytes) -> None:
    assert connector.read(config(connector.name), Reply(status, {}, body)).outcome is Outcome.UNKNOWN


# The registry


def test_only_development_stays_out_of_production() -> None:
    assert [name for name, connector in connectors().items() if not connector.production] == ["development"]


def test_adding_a_file_adds_a_connector(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = (ROOT / "connectors" / "development.py").read_text().replace('N_("Development")', '"Fresh"')
    (tmp_path / "fresh.py").write_text(written)
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    connectors.cache_clear()
    try:
        assert connectors()["fresh"].title == "Fresh"
    finally:
        connectors.cache_clear()
        sys.modules.pop("connectors.fresh", None)
        vars(package).pop("fresh", None)


def test_importing_the_registry_imports_no_connector() -> None:
    program = (
        "import sys, connectors.registry; sys.exit(any(m in sys.modules for m in ('connectors.twilio', 'requests')))"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0


def test_connectors_know_no_network_and_no_clock() -> None:
    for path in (ROOT / "connectors").glob("*.py"):
        imported = re.findall(r"^(?:import|from) ([\w.]+)", path.read_text(), re.MULTILINE)
        assert not {"requests", "urllib.request", "http.client", "socket", "time", "datetime"} & set(imported), (
            path.name
        )
