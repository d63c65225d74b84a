"""What every connector must do, as tests. A connector's own tests subclass :class:`ConnectorContract` and give samples:

    class TestExample(ConnectorContract):
        module = example
        typed = {"api_key": SECRET, "sender": "Example"}             # as an admin types it
        accepted = [(reply(200, {"id": "m1"}), "m1")]                # with the provider's id for the message
        refused = [(reply(400, {"code": 7}), Refusal.BAD_NUMBER)]    # every kind that it can tell
        unknown = [reply(200, {"id": None})]                         # proves neither
        notices = [(notice(b"..."), [receipt(...)])]                 # where it reads receipts

Needs pytest and hypothesis. Import it as it stands: ``from connectors.testkit import ConnectorContract``.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.contract import EMAIL, Answer, CannotBuildError, Message, Outcome, Refusal, Reply, Request
from connectors.receipts import Notice, Receipt
from connectors.registry import Connector, connector_of
from settings.fields import clean

SECRET = "s3cr3t-of-the-admin"  # noqa: S105 - made up
NOW = 1_700_000_000
MESSAGE = Message(
    id="0192f3c4",
    to="+14155552671",
    text="Your code is 482913",
    usage="sign_in",
    locale="en",
    life=600,
    code="482913",
    application="Example",
    country="US",
    receipt_url="https://id.example/receipts/example/s3cr3t-path",
    sent_at=NOW,
    nonce="11111111-2222-4333-8444-555555555555",
)
HOSTILE = (
    b"",
    b"null",
    b"true",
    b"0",
    b'"text"',
    b"[]",
    b"{}",
    b"[[]]",
    b"[null]",
    b"{",
    b"<!doctype html><title>502 Bad Gateway</title>",
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;">]><a>&d;</a>',
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
STATUSES = (100, 200, 201, 202, 204, 301, 303, 307, 400, 401, 403, 404, 409, 429, 500, 502, 503)

ANYWHERE = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.differing_executors])
messages = st.builds(
    Message,
    id=st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=40),
    to=st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True),
    text=st.text(st.characters(codec="utf-8"), min_size=1, max_size=200),
    usage=st.sampled_from(["sign_in", "generic"]),
    locale=st.just("en"),
    life=st.integers(1, 600),
    code=st.from_regex(r"[0-9]{4,10}", fullmatch=True),
    application=st.text(st.characters(codec="utf-8"), max_size=20),
    subject=st.text(st.characters(codec="utf-8"), max_size=80),
    country=st.sampled_from(["", "US", "CN", "GB"]),
    receipt_url=st.sampled_from(["", "https://id.example/receipts/example/s3cr3t-path"]),
    sent_at=st.integers(0, 2**33),
    nonce=st.uuids(version=4).map(str),
)


def reply(status: int, body: Any = b"", **headers: str) -> Reply:
    """A reply with JSON, or with the bytes as they are."""
    return Reply(status, headers, body if isinstance(body, bytes) else json.dumps(body).encode())


def json_values(words: Iterable[str]) -> st.SearchStrategy[Any]:
    """Any JSON, more often than not with names and values that the connector looks for."""
    known = st.sampled_from(sorted(words) or ["code"])
    return st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | known | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(known | st.text(max_size=8), inner, max_size=4),
        max_leaves=8,
    )


def assert_answer_can_be_kept(answer: Answer) -> None:
    assert (answer.refusal is not None) == (answer.outcome is Outcome.REFUSED)
    assert answer.retry_after is None or 0 <= answer.retry_after <= 3600
    for text, limit in ((answer.provider_id, 200), (answer.code, 100), (answer.detail, 1000)):
        assert isinstance(text, str)
        assert len(text) <= limit
        assert text.isprintable(), "a database or a log may choke on it"


class ConnectorContract:
    """Subclass it, and give the samples below."""

    module: ClassVar[ModuleType]
    typed: ClassVar[Mapping[str, Any]] = {}
    message: ClassVar[Message] = MESSAGE
    accepted: ClassVar[Sequence[tuple[Reply, str]]] = ()
    refused: ClassVar[Sequence[tuple[Reply, Refusal]]] = ()
    unknown: ClassVar[Sequence[Reply]] = ()
    notices: ClassVar[Sequence[tuple[Notice, list[Receipt]]]] = ()
    guides: ClassVar[Path] = Path(__file__).parent.parent / "docs" / "connectors"
    secret_in_address: ClassVar[bool] = False  # True only where the provider takes its secret nowhere else
    signs_receipts: ClassVar[bool] = False
    signed_with: ClassVar[Mapping[str, Any]] = {}  # what of ``typed`` is another in the sample notices

    @property
    def name(self) -> str:
        return self.module.__name__.rpartition(".")[2]

    @property
    def connector(self) -> Connector:
        return connector_of(self.name, self.module)

    def config(self, **typed: Any) -> dict[str, Any]:
        """The sample with ``typed`` in place of its values, checked by the connector's own rules."""
        cleaned, problems = clean(self.connector.fields, {**self.typed, **typed})
        assert not problems, {field: str(problem) for field, problem in problems.items()}
        return cleaned

    def problems(self, **typed: Any) -> dict[str, str]:
        """What is wrong with it, by field."""
        cleaned, found = clean(self.connector.fields, {**self.typed, **typed})
        return {field: str(problem) for field, problem in (found or self.connector.check(cleaned)).items()}

    def build(self, **changes: Any) -> Request:
        return self.connector.build(self.config(), replace(self.message, **changes))

    def read(self, reply: Reply) -> Answer:
        return self.connector.read(self.config(), reply)

    def words(self) -> set[str]:
        """Every text in the module's source: what its replies may hold that it looks for."""
        return set(re.findall(r'"([^"\n]{1,40})"', inspect.getsource(self.module)))

    # The declaration

    def test_it_says_what_it_is(self) -> None:
        assert self.connector.title
        assert re.fullmatch(".{1,100}", self.connector.summary)

    def test_each_field_has_a_label_and_each_pattern_a_hint(self) -> None:
        for field in self.connector.fields:
            assert field.label
            assert bool(field.pattern) == bool(field.hint), field.name

    def test_what_sounds_secret_is_secret(self) -> None:
        for field in self.connector.fields:
            if re.search("secret|token|password|headers|private|api_key$", field.name):
                assert field.secret, field.name

    def test_every_error_has_one_of_our_kinds(self) -> None:
        for code, kind in self.module.ERRORS.items():
            assert isinstance(code, str)
            assert isinstance(kind, Refusal)

    def test_its_guide_names_every_field(self) -> None:
        guide = (self.guides / f"{self.name}.md").read_text()
        assert guide.startswith(f"# {self.connector.title}\n")
        assert [field.label for field in self.connector.fields if f"**{field.label}**" not in guide] == []

    def test_the_sample_is_right(self) -> None:
        assert self.problems() == {}

    # Building

    @ANYWHERE
    @given(message=messages, address=st.emails())
    def test_it_builds_a_request_of_whatever_message_and_the_same_again(self, message: Message, address: str) -> None:
        config, by_email = self.config(), self.connector.channels == (EMAIL,)
        message = replace(message, to=address) if by_email else message
        try:
            request = self.connector.build(config, message)
        except CannotBuildError:
            return
        assert request.method in ("GET", "POST", "PUT", "PATCH")
        assert isinstance(request.body, bytes)
        schemes = ("smtp://", "smtps://", "smtp+plain://") if by_email else ("https://",)
        assert request.url.startswith(schemes) or not self.connector.production
        assert request.url.isascii()
        for name, value in request.headers.items():
            assert re.fullmatch(r"[A-Za-z0-9-]+: [ -~]*", f"{name}: {value}")
        assert self.connector.build(config, message) == request

    def test_no_secret_no_code_and_no_number_is_in_the_repr_of_a_request(self) -> None:
        shown = repr(self.build())
        for hidden in (SECRET, self.message.code, self.message.digits, self.message.text):
            assert hidden not in shown

    def test_no_secret_is_in_an_address(self) -> None:
        assert self.secret_in_address or SECRET not in self.build().url

    # Reading

    def test_what_was_accepted(self) -> None:
        assert self.accepted
        for sample, provider_id in self.accepted:
            answer = self.read(sample)
            assert (answer.outcome, answer.provider_id) == (Outcome.ACCEPTED, provider_id), sample.body

    def test_what_was_refused_and_why(self) -> None:
        for sample, kind in self.refused:
            answer = self.read(sample)
            assert (answer.outcome, answer.refusal) == (Outcome.REFUSED, kind), sample.body
            assert answer.code

    def test_what_proves_nothing_is_unknown(self) -> None:
        for sample in self.unknown:
            assert self.read(sample).outcome is Outcome.UNKNOWN, sample.body

    @pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
    def test_hostile_replies_are_read(self, body: bytes) -> None:
        for status in STATUSES:
            answer = self.read(Reply(status, {}, body))
            assert_answer_can_be_kept(answer)
            if status in (500, 502):
                assert answer.outcome is Outcome.UNKNOWN, "a server that broke may have sent"

    @ANYWHERE
    @given(data=st.data())
    def test_whatever_the_reply_it_is_read(self, data: st.DataObject) -> None:
        status = data.draw(st.sampled_from([200, 201, 202, 400, 401, 429, 503]) | st.integers(100, 599))
        value = data.draw(json_values(self.words()))
        retry_after = data.draw(st.text(max_size=10))
        assert_answer_can_be_kept(self.read(reply(status, value, **{"retry-after": retry_after})))

    @ANYWHERE
    @given(data=st.data())
    def test_an_accepted_reply_that_was_tampered_with_is_read(self, data: st.DataObject) -> None:
        sample, _id = data.draw(st.sampled_from(list(self.accepted)))
        at = data.draw(st.integers(0, max(0, len(sample.body) - 1)))
        body = sample.body[:at] + data.draw(st.binary(max_size=3)) + sample.body[at + 1 :]
        assert_answer_can_be_kept(self.read(replace(sample, body=body)))

    # Receipts

    def received(self, notice: Notice) -> list[Receipt] | None:
        assert self.connector.receive
        return self.connector.receive(self.config(**self.signed_with), notice)

    def test_receipts_are_read(self) -> None:
        assert bool(self.notices) == bool(self.connector.receive), "give a sample notice of each state"
        for sample, receipts in self.notices:
            assert self.received(sample) == receipts

    def test_a_receipt_whose_signature_is_wrong_is_not_believed(self) -> None:
        for sample, _receipts in self.notices if self.signs_receipts else ():
            assert self.received(replace(sample, headers={})) is None
            for name, value in sample.headers.items():
                if "content-type" not in name and len(value) > 20:
                    wrong = value[:-6] + ("A" if value[-6] != "A" else "B") + value[-5:]
                    assert self.received(replace(sample, headers={**sample.headers, name: wrong})) is None
            for at in range(0, len(sample.body), 7):
                changed = bytes([sample.body[at] ^ 1])
                assert self.received(replace(sample, body=sample.body[:at] + changed + sample.body[at + 1 :])) is None

    @pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
    def test_hostile_notices_are_read(self, body: bytes) -> None:
        for sample, _receipts in self.notices:
            self.received(replace(sample, body=body))
            self.received(Notice("POST", sample.url, {}, body, NOW))
            self.received(Notice("GET", sample.url, {}, body, NOW))

    @ANYWHERE
    @given(data=st.data())
    def test_whatever_the_notice_it_is_read(self, data: st.DataObject) -> None:
        if not self.notices:
            return
        sample, _receipts = data.draw(st.sampled_from(list(self.notices)))
        value = data.draw(json_values(self.words()))
        for receipt in self.received(replace(sample, body=json.dumps(value).encode())) or ():
            assert (receipt.provider_id + receipt.message_id + receipt.code + receipt.detail).isprintable()
