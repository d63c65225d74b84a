"""Twilio: our requests against those of its own library and against its OpenAPI document, its replies against ours."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlencode

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import twilio
from connectors.contract import Message, Outcome, Refusal, Reply, Request
from connectors.receipts import Notice, ReceiptState, receipt
from connectors.testkit import MESSAGE, NOW, SECRET, ConnectorContract, reply
from tests.connectors import vendor_schema

AC = "AC" + "a" * 32
MG = "MG" + "b" * 32
SK = "SK" + "c" * 32

WEBHOOK = json.loads((Path(__file__).parent / "captures" / "webhook_twilio.json").read_text())
CAPTURES = {path.stem: json.loads(path.read_text()) for path in (Path(__file__).parent / "captures").glob("twilio_*")}
TYPED: dict[str, dict[str, Any]] = {
    "twilio_from": {"auth_token": "secret"},
    "twilio_error_21211": {"auth_token": "secret"},
    "twilio_api_key": {"auth_token": "", "key_id": SK, "key_secret": "secret"},
    "twilio_messaging_service": {"auth_token": "secret", "sender": "", "messaging_service_sid": MG},
}
# Parameters of the captures that Doorcode has no value for, and the one that it always sends.
NOT_SENT = {"Attempt", "MessageIntent", "RiskCheck"}
ALWAYS_SENT = "ValidityPeriod"


CASES = {case["case"]: case for case in WEBHOOK["cases"]}
SMS_ID = "SMdddddddddddddddddddddddddddddddd"


def notice(name: str) -> Notice:
    """A notice of the captures."""
    case = CASES[name]
    body = urlencode(case["params"]).encode()
    return Notice("POST", case["url"], {"x-twilio-signature": case["X-Twilio-Signature"]}, body, NOW)


class TestTwilio(ConnectorContract):
    module = twilio
    typed: ClassVar = {"account_sid": AC, "auth_token": SECRET, "sender": "+15005550006"}
    accepted = ((reply(201, {"sid": SMS_ID, "status": "queued"}), SMS_ID),)
    refused = (
        (reply(401, {"code": 20003}), Refusal.BAD_CREDENTIALS),
        (reply(400, {"code": 21614}), Refusal.BAD_NUMBER),
        (reply(400, {"code": 21610}), Refusal.BLOCKED),
        (reply(429, {"code": 20429}), Refusal.THROTTLED),
        (reply(400, {"code": 21606}), Refusal.SENDER_OR_TEMPLATE),
        (reply(400, {"code": 21408}), Refusal.SENDER_OR_TEMPLATE),
        (reply(503, {"code": 20503}), Refusal.TEMPORARY),
        (reply(400, {"code": 99999}), Refusal.SENDER_OR_TEMPLATE),
        (reply(401, {"code": 99999}), Refusal.BAD_CREDENTIALS),
        (reply(429, {}), Refusal.THROTTLED),
    )
    unknown = (
        reply(500, {"code": 20500, "message": "Internal Server Error"}),
        reply(504),
        reply(201),
        reply(201, b"<html>"),
        reply(201, {"status": "queued"}),
        reply(200, {"sid": "SM1"}),
        reply(201, {"code": 21211}),
    )
    signs_receipts = True
    signed_with: ClassVar = {"auth_token": "secret"}
    notices = (
        (notice("delivered"), [receipt(ReceiptState.DELIVERED, SMS_ID)]),
        (
            notice("undelivered_30003"),
            [
                receipt(
                    ReceiptState.FAILED,
                    SMS_ID,
                    refusal=Refusal.BAD_NUMBER,
                    code="30003",
                    detail="Unreachable destination handset",
                )
            ],
        ),
        (notice("signed_with_port_checked_without"), [receipt(ReceiptState.DELIVERED, SMS_ID)]),
        (notice("empty_params"), []),
    )


config, problems = TestTwilio().config, TestTwilio().problems


def built(name: str) -> Request:
    inputs = CAPTURES[name]["inputs"]
    life = inputs.get("validity_period", 600)
    text, receipt_url = inputs.get("body", "Your code is 482913"), inputs.get("status_callback", "")
    message = Message("1", inputs["to"], text, "sign_in", "en", life, receipt_url=receipt_url)
    return twilio.build(config(**TYPED[name]), message)


def without(body: str, names: set[str]) -> str:
    return "&".join(pair for pair in body.split("&") if pair.partition("=")[0] not in names)


def read(status: int, body: Any = b"", **headers: str) -> Any:
    return twilio.read({}, Reply(status, headers, body if isinstance(body, bytes) else json.dumps(body).encode()))


def test_every_capture_is_compared() -> None:
    assert CAPTURES.keys() == TYPED.keys()


@pytest.mark.parametrize("name", TYPED)
def test_the_request_is_that_of_twilios_library(name: str) -> None:
    ours, theirs = built(name), CAPTURES[name]["request"]
    assert (ours.method, ours.url) == (theirs["method"], theirs["url"])
    for header in ("Authorization", "Content-Type", "Accept"):
        assert ours.headers[header] == theirs["headers"][header]


@pytest.mark.parametrize("name", TYPED)
def test_the_body_is_that_of_twilios_library_byte_for_byte(name: str) -> None:
    """Less what we have no value for; plus how long the code is good, where the library was not given it."""
    theirs = without(CAPTURES[name]["request"]["body_raw"], NOT_SENT)
    added = set() if ALWAYS_SENT in theirs else {ALWAYS_SENT}
    assert without(built(name).body.decode(), added) == theirs


@pytest.mark.parametrize("name", TYPED)
def test_the_captured_reply_is_understood(name: str) -> None:
    reply = CAPTURES[name]["response_served"]
    answer = read(reply["status"], reply["body"])
    if reply["status"] == 201:
        assert (answer.outcome, answer.provider_id) == (Outcome.ACCEPTED, reply["body"]["sid"])
    else:
        assert (answer.refusal, answer.code) == (Refusal.BAD_NUMBER, "21211")
        assert answer.detail == reply["body"]["message"]


@pytest.mark.parametrize("name", TYPED)
def test_the_request_is_what_the_vendors_openapi_asks_for(name: str) -> None:
    vendor_schema.assert_valid(built(name), vendor_schema.document("twilio-messages.json"))


texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=300)


@settings(max_examples=60, deadline=None)
@given(text=texts, life=st.integers(-1, 10**6))
def test_any_text_and_life_gives_a_valid_request(text: str, life: int) -> None:
    request = twilio.build(config(), replace(MESSAGE, text=text, life=life))
    vendor_schema.assert_valid(request, vendor_schema.document("twilio-messages.json"))


def test_the_validator_sees_a_wrong_request() -> None:
    good = twilio.build(config(), MESSAGE)
    for old, new in ((b"ValidityPeriod", b"Validityperiod"), (b"To=", b"Too="), (b"From=", b"MessagingServiceSid=")):
        wrong = replace(good, body=good.body.replace(old, new))
        with pytest.raises(jsonschema.ValidationError):
            vendor_schema.assert_valid(wrong, vendor_schema.document("twilio-messages.json"))


def test_a_message_lives_no_longer_than_its_code() -> None:
    assert b"ValidityPeriod=300&" in twilio.build(config(), replace(MESSAGE, life=300)).body


def test_a_sender_of_a_messaging_service_can_be_named() -> None:
    body = twilio.build(config(messaging_service_sid=MG), MESSAGE).body
    assert b"From=%2B15005550006&MessagingServiceSid=MGbb" in body


def test_a_key_signs_in_where_both_are_given() -> None:
    both = twilio.build(config(key_id=SK, key_secret="secret"), MESSAGE)
    assert both.headers["Authorization"] == CAPTURES["twilio_api_key"]["request"]["headers"]["Authorization"]


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        ({}, "https://api.twilio.com"),
        ({"edge": "dublin", "region": "ie1"}, "https://api.dublin.ie1.twilio.com"),
        ({"edge": "sydney"}, "https://api.sydney.us1.twilio.com"),
        ({"base_url": "http://127.0.0.1:4010/mock/"}, "http://127.0.0.1:4010/mock"),
    ],
)
def test_where_it_calls(typed: dict[str, str], host: str) -> None:
    assert twilio.build(config(**typed), MESSAGE).url == f"{host}/2010-04-01/Accounts/{AC}/Messages.json"


# What an admin may type


@pytest.mark.parametrize("sender", ["+15005550006", "12345", "Example", "My Shop-1", "A&B_c+"])
def test_senders_that_are_right(sender: str) -> None:
    assert problems(sender=sender) == {}


@pytest.mark.parametrize("sender", ["15005550006", "+0123456789", "+1", "12", "LongerThan11", "Größe", "+", "a\u00a0b"])
def test_senders_that_are_wrong(sender: str) -> None:
    assert "up to 11 characters with a letter" in problems(sender=sender)["sender"]


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"account_sid": SK}, "account_sid", "AC and 32 characters"),
        ({"account_sid": "AC123"}, "account_sid", "AC and 32 characters"),
        ({"account_sid": ""}, "account_sid", "Fill this in"),
        ({"messaging_service_sid": AC}, "messaging_service_sid", "MG and 32 characters"),
        ({"key_id": AC, "key_secret": "x"}, "key_id", "SK and 32 characters"),
        ({"sender": ""}, "sender", "a sender or a Messaging Service"),
        ({"auth_token": ""}, "auth_token", "Auth Token, or an API key"),
        ({"auth_token": "two words"}, "auth_token", "no spaces"),
        ({"key_id": SK}, "key_secret", "both or none"),
        ({"auth_token": "", "key_secret": "x"}, "key_id", "both or none"),
        ({"region": "ie1"}, "edge", "Name the edge"),
        ({"edge": "evil.example/"}, "edge", "such as dublin"),
        ({"base_url": "http://127.0.0.1/?x=1"}, "base_url", "without ?"),
    ],
)
def test_each_mistake_is_told_at_its_field(typed: dict[str, str], field: str, words: str) -> None:
    found = problems(**typed)
    assert list(found) == [field]
    assert words in found[field]


# Replies


def test_how_long_to_wait_is_passed_on() -> None:
    assert read(429, {"code": 20429}, **{"retry-after": "7"}).retry_after == 7
