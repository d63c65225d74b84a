"""Amazon SNS: our signed requests against those of its own library, and XML that must not be believed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qsl

import pytest

from connectors import aws_sns
from connectors.contract import CannotBuildError, Outcome, Refusal, Reply
from connectors.testkit import MESSAGE, SECRET, ConnectorContract, reply

CAPTURES = {path.stem: json.loads(path.read_text()) for path in (Path(__file__).parent / "captures").glob("aws_sns_*")}
# Made up for the captures, and too short for a real one: our field would not take it.
KEY = "AKIDEXAMPLE"
ID = "11111111-2222-4333-8444-555555555555"


def published(message_id: str = ID) -> bytes:
    return (
        '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult>'
        f"<MessageId>{message_id}</MessageId></PublishResult>"
        "<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></PublishResponse>"
    ).encode()


def failed(code: str, words: str = "Words &amp; more") -> bytes:
    return (
        '<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type>'
        f"<Code>{code}</Code><Message>{words}</Message></Error><RequestId>r</RequestId></ErrorResponse>"
    ).encode()


class TestAwsSns(ConnectorContract):
    module = aws_sns
    typed: ClassVar = {"region": "eu-central-1", "access_key_id": "AKIAEXAMPLE", "secret_access_key": SECRET}
    accepted = ((reply(200, published()), ID),)
    refused = (
        (reply(403, failed("SignatureDoesNotMatch")), Refusal.BAD_CREDENTIALS),
        (reply(403, failed("AuthorizationError")), Refusal.BAD_CREDENTIALS),
        (reply(400, failed("AccessDeniedException")), Refusal.BAD_CREDENTIALS),
        (reply(403, failed("SomethingNew")), Refusal.BAD_CREDENTIALS),
        (reply(400, failed("InvalidParameter", "Invalid parameter: PhoneNumber Reason: +1")), Refusal.BAD_NUMBER),
        (reply(400, failed("InvalidParameter", "Invalid parameter: SenderID")), Refusal.SENDER_OR_TEMPLATE),
        (reply(400, failed("OptedOut")), Refusal.BLOCKED),
        (reply(429, failed("Throttled")), Refusal.THROTTLED),
        (reply(400, failed("Throttling")), Refusal.THROTTLED),
        (reply(503, failed("ServiceUnavailable")), Refusal.TEMPORARY),
        (reply(400, failed("SomethingNew")), Refusal.SENDER_OR_TEMPLATE),
    )
    unknown = (
        reply(500, failed("InternalError")),
        reply(200),
        reply(200, b"<html>"),
        reply(200, published("")),
        reply(200, failed("OptedOut")),
        reply(200, b"<Other><MessageId>1</MessageId></Other>"),
        reply(200, published() + b"<more/>"),
        reply(200, b'<!DOCTYPE a [<!ENTITY b "c">]>' + published("&b;")),
        reply(200, b'<!DOCTYPE a SYSTEM "file:///etc/passwd">' + published()),
    )


config, problems = TestAwsSns().config, TestAwsSns().problems


def captured(name: str, **typed: Any) -> tuple[Any, Any]:
    """Our request, and theirs."""
    inputs = CAPTURES[name]["inputs"]
    settings = {**config(secret_access_key="secret", **typed), "access_key_id": KEY}
    message = replace(MESSAGE, to=inputs["PhoneNumber"], text="Your code is 482913")
    return aws_sns.build(settings, message), CAPTURES[name]["request"]


def test_every_capture_is_compared() -> None:
    assert CAPTURES.keys() == {"aws_sns_publish", "aws_sns_error_invalidparameter"}


def test_the_request_is_that_of_amazons_library_byte_for_byte() -> None:
    ours, theirs = captured("aws_sns_publish", sender_id="Acme")
    assert (ours.method, ours.url, ours.body.decode()) == (theirs["method"], theirs["url"], theirs["body_raw"])
    for header in ("Authorization", "X-Amz-Date", "Content-Type"):
        assert ours.headers[header] == theirs["headers"][header]


def test_the_signature_is_that_of_amazons_library_where_nothing_is_added() -> None:
    """The body of the other capture has no attributes, so only its signature is compared."""
    ours, theirs = captured("aws_sns_error_invalidparameter")
    assert ours.body.decode().startswith(theirs["body_raw"] + "&MessageAttributes")
    settings = {**config(secret_access_key="secret"), "access_key_id": KEY}
    at = CAPTURES["aws_sns_error_invalidparameter"]["frozen"]["time"]
    headers = aws_sns._signed(settings, theirs["url"], theirs["body_raw"].encode(), at)
    assert headers["Authorization"] == theirs["headers"]["Authorization"]


@pytest.mark.parametrize("name", CAPTURES)
def test_the_captured_reply_is_understood(name: str) -> None:
    served = CAPTURES[name]["response_served"]
    answer = aws_sns.read(config(), Reply(served["status"], {}, served["body"].encode()))
    if served["status"] == 200:
        assert (answer.outcome, answer.provider_id) == (Outcome.ACCEPTED, ID)
    else:
        assert (answer.refusal, answer.code) == (Refusal.BAD_NUMBER, "InvalidParameter")


def test_what_may_be_added() -> None:
    typed = {"sender_id": "Acme", "max_price": "0.05", "origination_number": "+15005550006"}
    sent = dict(parse_qsl(aws_sns.build(config(**typed), MESSAGE).body.decode()))
    entries = [
        tuple(sent[f"MessageAttributes.entry.{n}.{x}"] for x in ("Name", "Value.DataType", "Value.StringValue"))
        for n in (1, 2, 3, 4)
    ]
    assert entries == [
        ("AWS.SNS.SMS.SMSType", "String", "Transactional"),
        ("AWS.SNS.SMS.SenderID", "String", "Acme"),
        ("AWS.SNS.SMS.MaxPrice", "Number", "0.05000"),
        ("AWS.MM.SMS.OriginationNumber", "String", "+15005550006"),
    ]


def test_each_part_of_a_request_is_signed() -> None:
    def signature(**changes: Any) -> str:
        typed = {key: changes.pop(key) for key in ("region", "base_url", "secret_access_key") if key in changes}
        return aws_sns.build(config(**typed), replace(MESSAGE, **changes)).headers["Authorization"].split("=")[-1]

    changes: list[dict[str, Any]] = [
        {},
        {"text": "Another"},
        {"sent_at": 1},
        {"region": "us-east-1"},
        {"base_url": "http://127.0.0.1:4010"},
        {"secret_access_key": "another"},
    ]
    assert len({signature(**each) for each in changes}) == len(changes)


def test_a_text_that_is_too_long_is_not_sent() -> None:
    with pytest.raises(CannotBuildError, match="1600 bytes"):
        aws_sns.build(config(), replace(MESSAGE, text="é" * 801))


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ({}, "https://sns.eu-central-1.amazonaws.com/"),
        ({"region": "us-gov-west-1"}, "https://sns.us-gov-west-1.amazonaws.com/"),
        ({"base_url": "http://127.0.0.1:4010"}, "http://127.0.0.1:4010/"),
    ],
)
def test_where_it_calls(typed: dict[str, str], url: str) -> None:
    assert aws_sns.build(config(**typed), MESSAGE).url == url


def test_words_are_told_without_their_marks() -> None:
    assert aws_sns.read(config(), reply(400, failed("OptedOut"))).detail == "Words & more"


def test_entities_are_never_expanded() -> None:
    laughs = b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;">]><Error><Code>&c;</Code></Error>'
    assert aws_sns._elements(laughs) == {}
    assert aws_sns._elements('<?xml version="1.0" encoding="utf-16"?><a/>'.encode("utf-16")) == {"a": ""}
    assert aws_sns._elements(b'<?xml version="1.0" encoding="nobody"?><a/>') == {}


# What an admin may type


@pytest.mark.parametrize("sender", ["Acme", "A1B", "Example2026"])
def test_senders_that_are_right(sender: str) -> None:
    assert problems(sender_id=sender) == {}


@pytest.mark.parametrize("sender", ["12345", "AB", "TwelveLetter", "My Shop", "Größe", "+15005550006"])
def test_senders_that_are_wrong(sender: str) -> None:
    assert "3 to 11 letters and digits" in problems(sender_id=sender)["sender_id"]


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"region": "Frankfurt"}, "region", "such as eu-central-1"),
        ({"region": "eu-central-1.evil.example/"}, "region", "such as eu-central-1"),
        ({"region": ""}, "region", "Fill this in"),
        ({"access_key_id": "ASIAEXAMPLE"}, "access_key_id", "begins with AKIA"),
        ({"secret_access_key": ""}, "secret_access_key", "Fill this in"),
        ({"secret_access_key": "two words"}, "secret_access_key", "no spaces"),
        ({"origination_number": "Acme"}, "origination_number", "short code"),
        ({"max_price": "-1"}, "max_price", "from 0 to 100"),
        ({"max_price": "cheap"}, "max_price", "such as 0.05"),
        ({"base_url": "http://127.0.0.1/?x=1"}, "base_url", "without ?"),
    ],
)
def test_each_mistake_is_told_at_its_field(typed: dict[str, str], field: str, words: str) -> None:
    found = problems(**typed)
    assert list(found) == [field]
    assert words in found[field]
