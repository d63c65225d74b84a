"""SMS Aero: our requests against those of its own library, its refusals in all their shapes, its receipts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlencode

import pytest

from connectors import smsaero
from connectors.contract import CannotBuildError, Message, Outcome, Refusal
from connectors.receipts import Notice, ReceiptState, receipt
from connectors.testkit import NOW, SECRET, ConnectorContract, reply

CAPTURES = {
    path.stem: json.loads(path.read_text()) for path in (Path(__file__).parent / "captures").glob("smsaero_*.json")
}
TYPED: dict[str, dict[str, Any]] = {
    "smsaero_send": {},
    "smsaero_send_us": {"sign": "Acme"},
    "smsaero_error_no_credits": {},
    "smsaero_error_unauthorized": {},
    "smsaero_error_validation": {},
    "smsaero_testsend": {"test_mode": True},
}
# We ask for receipts instead of polling, and send by SMS only.
NOT_COVERED = {"smsaero_status", "smsaero_telegram"}

URL = "https://id.example/receipts/smsaero/s3cr3t-path"
SENT = {"success": True, "data": {"id": 12345, "status": 0, "extendStatus": "queue", "cost": 5.49}, "message": None}


def posted(**fields: Any) -> Notice:
    return Notice("POST", URL, {"content-type": "application/json"}, json.dumps(fields).encode(), NOW)


def failed(**data: Any) -> dict[str, Any]:
    return {"success": False, "data": data, "message": "Validation error."}


class TestSmsAero(ConnectorContract):
    module = smsaero
    typed: ClassVar = {"email": "user+tag@gmail.com", "api_key": SECRET, "sign": "SMS Aero"}
    accepted = ((reply(200, SENT), "12345"),)
    refused = (
        (reply(401, {"success": False, "message": "Your request was made with invalid credentials."}),
         Refusal.BAD_CREDENTIALS),
        (reply(200, {"success": False, "data": None, "message": "Incorrect api_key."}), Refusal.BAD_CREDENTIALS),
        (reply(200, {"result": "no credits"}), Refusal.NO_BALANCE),
        (reply(402, {"success": False, "message": "Not enough money"}), Refusal.NO_BALANCE),
        (reply(400, failed(number=["Wrong."])), Refusal.BAD_NUMBER),
        (reply(200, {"result": "reject", "reason": "incorrect number"}), Refusal.BAD_NUMBER),
        (reply(200, {"result": "reject", "reason": "number in blacklist"}), Refusal.BLOCKED),
        (reply(400, failed(sign=["Необходимо заполнить «Sign»."])), Refusal.SENDER_OR_TEMPLATE),
        (reply(400, failed(text=[])), Refusal.SENDER_OR_TEMPLATE),
        (reply(200, {"result": "reject", "reason": "нет"}), Refusal.SENDER_OR_TEMPLATE),
        (reply(200, {"success": False}), Refusal.SENDER_OR_TEMPLATE),
        (reply(400, {"success": False, "message": "Limit is reached"}), Refusal.THROTTLED),
        (reply(429), Refusal.THROTTLED),
        (reply(503), Refusal.TEMPORARY),
        (reply(404, b"<html>"), Refusal.SENDER_OR_TEMPLATE),
    )  # fmt: skip
    unknown = (
        reply(500, {"success": False, "message": "Internal error"}),
        reply(502),
        reply(200, b"<html>"),
        reply(200, {"success": True}),
        reply(200, {"success": True, "data": []}),
        reply(200, {"success": "true", "data": {"id": 1}}),
        reply(202, SENT),
    )
    notices = (
        (posted(id=12345, status=1, extendStatus="delivery"), [receipt(ReceiptState.DELIVERED, "12345")]),
        (posted(id=12345, status=3, extendStatus="send"), [receipt(ReceiptState.SENT, "12345")]),
        (
            posted(id="12345", status="2", extendStatus="failed"),
            [receipt(ReceiptState.FAILED, "12345", code="2", detail="failed")],
        ),
        (
            posted(id=12345, status=3, extendStatus="reject"),
            [receipt(ReceiptState.FAILED, "12345", code="3", detail="reject")],
        ),
        (posted(id=12345, status=6), [receipt(ReceiptState.FAILED, "12345", code="6")]),
        (posted(id=12345, status=0, extendStatus="queue"), []),
        (posted(id=12345, status=4), []),
        (posted(id=12345, status=8, extendStatus="moderation"), []),
        (posted(status=1), []),
        (
            Notice("POST", URL, {}, urlencode({"id": "7", "status": "1"}).encode(), NOW),
            [receipt(ReceiptState.DELIVERED, "7")],
        ),
    )


config, problems = TestSmsAero().config, TestSmsAero().problems


def test_every_capture_is_compared() -> None:
    assert CAPTURES.keys() == TYPED.keys() | NOT_COVERED


@pytest.mark.parametrize("name", TYPED)
def test_the_request_is_that_of_smsaeros_library(name: str) -> None:
    """Less a callbackUrl of null; and one number, where the library was given two."""
    theirs = CAPTURES[name]["request"]
    wanted = dict(theirs["body_parsed"])
    numbers = wanted.pop("numbers", None) or [wanted["number"]]
    wanted["number"] = numbers[0]
    key = CAPTURES["smsaero_send"]["inputs"]["api_key"]
    message = Message(
        "1", f"+{numbers[0]}", wanted["text"], "sign_in", "en", 600, receipt_url=wanted["callbackUrl"] or ""
    )
    ours = smsaero.build(config(**TYPED[name], api_key=key), message)
    assert (ours.method, ours.url) == (theirs["method"], theirs["url"])
    for header in ("Authorization", "Content-Type"):
        assert ours.headers[header] == theirs["headers"][header]
    assert json.loads(ours.body) == {name: value for name, value in wanted.items() if value is not None}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("smsaero_error_no_credits", Refusal.NO_BALANCE),
        ("smsaero_error_unauthorized", Refusal.BAD_CREDENTIALS),
        ("smsaero_error_validation", Refusal.SENDER_OR_TEMPLATE),
        ("smsaero_send", None),
        ("smsaero_testsend", None),
    ],
)
def test_the_captured_reply_is_understood(name: str, kind: Refusal | None) -> None:
    served = CAPTURES[name]["response_served"]
    answer = smsaero.read(config(), reply(served["status"], served["body"]))
    assert answer.refusal is kind
    assert (answer.outcome is Outcome.ACCEPTED) == (kind is None)


def test_what_it_costs_is_kept_and_a_test_costs_nothing() -> None:
    answer = smsaero.read(config(), reply(200, SENT))
    assert (answer.price, answer.currency) == (5.49, "RUB")
    assert smsaero.read(config(test_mode=True), reply(200, SENT)).price is None


def test_a_refusal_says_what_is_wrong() -> None:
    answer = smsaero.read(config(), reply(400, failed(number=["Too short."])))
    assert answer.detail == "Validation error. number: Too short."


@pytest.mark.parametrize("text", ["x", "x" * 641])
def test_a_text_that_it_does_not_take_is_not_sent(text: str) -> None:
    with pytest.raises(CannotBuildError, match="2 to 640"):
        smsaero.build(config(), Message("1", "+79031234567", text, "sign_in", "ru", 600))


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        ({}, "https://gate.smsaero.ru/v2/sms/send"),
        ({"host": "gate.smsaero.net"}, "https://gate.smsaero.net/v2/sms/send"),
        ({"base_url": "http://127.0.0.1:4010/"}, "http://127.0.0.1:4010/v2/sms/send"),
        ({"test_mode": "on"}, "https://gate.smsaero.ru/v2/sms/testsend"),
    ],
)
def test_where_it_calls(typed: dict[str, str], host: str) -> None:
    assert smsaero.build(config(**typed), TestSmsAero.message).url == host


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"email": "user"}, "email", "e-mail address"),
        ({"email": ""}, "email", "Fill this in"),
        ({"api_key": "too-short"}, "api_key", "16 to 32 characters"),
        ({"api_key": "two words, and long"}, "api_key", "no spaces"),
        ({"sign": ""}, "sign", "Fill this in"),
        ({"sign": "A"}, "sign", "2 to 64"),
        ({"sign": "A" * 65}, "sign", "2 to 64"),
        ({"host": "gate.example"}, "host", "one of the list"),
        ({"base_url": "http://127.0.0.1/?x=1"}, "base_url", "without ?"),
    ],
)
def test_each_mistake_is_told_at_its_field(typed: dict[str, str], field: str, words: str) -> None:
    found = problems(**typed)
    assert list(found) == [field]
    assert words in found[field]


@pytest.mark.parametrize("sign", ["SMS Aero", "Acme", "Моя фирма", "A1"])
def test_senders_that_are_right(sign: str) -> None:
    assert problems(sign=sign) == {}
