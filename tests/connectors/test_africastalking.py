"""Africa's Talking: our requests against its own library's, refusals with the status of success, unsigned receipts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlencode

import pytest

from connectors import africastalking
from connectors.contract import Message, Outcome, Refusal
from connectors.receipts import Notice, ReceiptState, receipt
from connectors.testkit import MESSAGE, NOW, SECRET, ConnectorContract, reply

CAPTURES = {
    path.stem: json.loads(path.read_text()) for path in (Path(__file__).parent / "captures").glob("africastalking_*")
}
TYPED: dict[str, dict[str, str]] = {
    "africastalking_send": {"sender": "Acme"},
    "africastalking_error_blacklist_http201": {"sender": "Acme"},
    "africastalking_sandbox": {"username": "sandbox"},
}
URL = "https://id.example/receipts/africastalking/s3cr3t-path"
ID = "ATPid_SampleTxnId123"


def answer(code: object, status: str = "", message_id: str = "None", cost: str = "0") -> dict[str, Any]:
    recipient = {"statusCode": code, "number": "+254711", "status": status, "cost": cost, "messageId": message_id}
    return {"SMSMessageData": {"Message": "Sent to 0/1 Total Cost: 0", "Recipients": [recipient]}}


def posted(**fields: str) -> Notice:
    return Notice("POST", URL, {}, urlencode({"id": ID, "phoneNumber": "+254711", **fields}).encode(), NOW)


class TestAfricasTalking(ConnectorContract):
    module = africastalking
    typed: ClassVar = {"username": "acme", "api_key": SECRET}
    accepted = (
        (reply(201, answer(101, "Success", ID, "KES 0.8000")), ID),
        (reply(201, answer(102, "Queued", ID)), ID),
        (reply(201, answer("100", "Processed", ID)), ID),
    )
    refused = (
        (reply(401, b"The supplied authentication is invalid"), Refusal.BAD_CREDENTIALS),
        (reply(201, answer(403, "InvalidPhoneNumber")), Refusal.BAD_NUMBER),
        (reply(201, answer(404, "UnsupportedNumberType")), Refusal.BAD_NUMBER),
        (reply(201, answer(405, "InsufficientBalance")), Refusal.NO_BALANCE),
        (reply(201, answer(406, "UserInBlacklist")), Refusal.BLOCKED),
        (reply(409, answer(409, "DoNotDisturbRejection")), Refusal.BLOCKED),
        (reply(201, answer(402, "InvalidSenderId")), Refusal.SENDER_OR_TEMPLATE),
        (reply(201, answer(407, "CouldNotRoute")), Refusal.SENDER_OR_TEMPLATE),
        (reply(201, answer(502, "RejectedByGateway")), Refusal.SENDER_OR_TEMPLATE),
        (reply(201, answer(None, "InvalidPhoneNumber")), Refusal.BAD_NUMBER),
        (
            reply(201, {"SMSMessageData": {"Message": "InvalidSenderId", "Recipients": []}}),
            Refusal.SENDER_OR_TEMPLATE,
        ),
        (reply(400, b"Request is missing required form field 'to'"), Refusal.SENDER_OR_TEMPLATE),
        (reply(429), Refusal.THROTTLED),
        (reply(503), Refusal.TEMPORARY),
    )
    unknown = (
        reply(201, answer(401, "RiskHold")),
        reply(201, answer(500, "InternalServerError")),
        reply(201, answer(501, "GatewayError")),
        reply(201, answer(101, "Success")),
        reply(200, answer(101, "Success", ID)),
        reply(201, {"SMSMessageData": {"Message": "Sent to 0/1", "Recipients": []}}),
        reply(201, b"<html>"),
        reply(500, answer(403, "InvalidPhoneNumber")),
    )
    notices = (
        (posted(status="Sent"), [receipt(ReceiptState.SENT, ID)]),
        (posted(status="Submitted"), [receipt(ReceiptState.SENT, ID)]),
        (posted(status="Buffered"), [receipt(ReceiptState.SENT, ID)]),
        (posted(status="Success", networkCode="63902"), [receipt(ReceiptState.DELIVERED, ID)]),
        (
            posted(status="Failed", failureReason="UserDoesNotExist"),
            [receipt(ReceiptState.FAILED, ID, refusal=Refusal.BAD_NUMBER, code="UserDoesNotExist")],
        ),
        (
            posted(status="Rejected", failureReason="UserInBlackList"),
            [receipt(ReceiptState.FAILED, ID, refusal=Refusal.BLOCKED, code="UserInBlackList")],
        ),
        (
            posted(status="AbsentSubscriber"),
            [receipt(ReceiptState.FAILED, ID, refusal=Refusal.TEMPORARY, code="AbsentSubscriber")],
        ),
        (
            posted(status="Failed", failureReason="DeliveryFailure"),
            [receipt(ReceiptState.FAILED, ID, code="DeliveryFailure")],
        ),
        (posted(status="Rejected"), [receipt(ReceiptState.FAILED, ID, code="Rejected")]),
        (posted(status="SomethingNew"), []),
        (posted(status="Success", id=""), []),
    )


config, problems = TestAfricasTalking().config, TestAfricasTalking().problems


def test_every_capture_is_compared() -> None:
    assert CAPTURES.keys() == TYPED.keys()


@pytest.mark.parametrize("name", TYPED)
def test_the_request_is_that_of_their_library_byte_for_byte(name: str) -> None:
    theirs = CAPTURES[name]["request"]
    message = Message("1", "+254711123456", "Your code is 482913", "sign_in", "en", 600)
    ours = africastalking.build(config(**TYPED[name], api_key="secret"), message)
    assert (ours.method, ours.url, ours.body.decode()) == (theirs["method"], theirs["url"], theirs["body_raw"])
    for header in ("apiKey", "Content-Type", "Accept"):
        assert ours.headers[header] == theirs["headers"][header]


@pytest.mark.parametrize("name", TYPED)
def test_the_captured_reply_is_understood(name: str) -> None:
    served = CAPTURES[name]["response_served"]
    found = africastalking.read(config(), reply(served["status"], served["body"]))
    if "error" in name:
        assert (found.refusal, found.code, found.detail) == (Refusal.BLOCKED, "406", "UserInBlacklist")
    else:
        assert (found.outcome, found.provider_id) == (Outcome.ACCEPTED, ID)
        assert (found.price, found.currency) == (0.8, "KES")


def test_what_it_costs_is_kept_only_where_it_is_told() -> None:
    found = africastalking.read(config(), reply(201, answer(101, "Success", ID, "cheap")))
    assert (found.outcome, found.price, found.currency) == (Outcome.ACCEPTED, None, "")


def test_their_words_are_kept_where_they_are_no_json() -> None:
    found = africastalking.read(config(), reply(401, b"The supplied authentication is invalid"))
    assert found.detail == "The supplied authentication is invalid"


def test_another_address_is_called_in_the_sandbox_too() -> None:
    for username in ("acme", "sandbox"):
        request = africastalking.build(config(username=username, base_url="http://127.0.0.1:4010/"), MESSAGE)
        assert request.url == "http://127.0.0.1:4010/version1/messaging"


# What an admin may type


@pytest.mark.parametrize("sender", ["", "22384", "Acme", "My Shop-1"])
def test_senders_that_are_right(sender: str) -> None:
    assert problems(sender=sender) == {}


@pytest.mark.parametrize("sender", ["+254711123456", "12", "LongerThan11", "Größe", "-"])
def test_senders_that_are_wrong(sender: str) -> None:
    assert "up to 11 characters with a letter" in problems(sender=sender)["sender"]


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"username": "me@example.com"}, "username", "not the e-mail"),
        ({"username": ""}, "username", "Fill this in"),
        ({"api_key": ""}, "api_key", "Fill this in"),
        ({"api_key": "two words"}, "api_key", "no spaces"),
        ({"base_url": "http://127.0.0.1/?x=1"}, "base_url", "without ?"),
    ],
)
def test_each_mistake_is_told_at_its_field(typed: dict[str, str], field: str, words: str) -> None:
    found = problems(**typed)
    assert list(found) == [field]
    assert words in found[field]
