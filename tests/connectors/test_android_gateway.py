"""SMS Gateway for Android: our request against its own library's, repeats that are sent once, signed receipts."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from connectors import android_gateway
from connectors.contract import Outcome, Refusal, Request
from connectors.receipts import Notice, Receipt, ReceiptState, receipt
from connectors.testkit import MESSAGE, NOW, SECRET, ConnectorContract, reply

CAPTURES = Path(__file__).parent / "captures"
SEND = json.loads((CAPTURES / "android_gateway_send.json").read_text())
WEBHOOK = json.loads((CAPTURES / "webhook_android_gateway.json").read_text())
URL = "https://id.example/receipts/android_gateway/s3cr3t-path"
CAPTURED = Notice(
    "POST", URL, {name.lower(): value for name, value in WEBHOOK["headers"].items()}, WEBHOOK["raw_body"].encode(), NOW
)


def signed(event: str, at: int = NOW, **payload: Any) -> Notice:
    body = json.dumps({"deviceId": "dev", "event": event, "payload": {"messageId": "msg-0001", **payload}}).encode()
    digest = hmac.new(b"secret", body + str(at).encode(), hashlib.sha256).hexdigest()
    return Notice("POST", URL, {"x-timestamp": str(at), "x-signature": digest}, body, NOW)


def failed(reason: str, code: str, refusal: Refusal | None) -> tuple[Notice, list[Receipt]]:
    told = receipt(ReceiptState.FAILED, message_id="msg-0001", refusal=refusal, code=code, detail=reason)
    return signed("sms:failed", reason=reason), [told]


class TestAndroidGateway(ConnectorContract):
    module = android_gateway
    typed: ClassVar = {"username": "login", "password": SECRET, "device_id": "dev", "signing_key": SECRET}
    accepted = ((reply(202, {"id": "0192f3c4", "state": "Pending"}), "0192f3c4"), (reply(409), ""))
    refused = (
        (reply(401, {"message": "Unauthorized"}), Refusal.BAD_CREDENTIALS),
        (reply(400, {"message": "failed to use phone in row 1: invalid phone number"}), Refusal.BAD_NUMBER),
        (reply(400, {"message": "No devices registered"}), Refusal.SENDER_OR_TEMPLATE),
        (reply(400, {"message": "simNumber must be >= 1"}), Refusal.SENDER_OR_TEMPLATE),
        (reply(429, {}), Refusal.THROTTLED),
        (reply(503, {"error": "QueueLimitExceeded", "message": "queue limits exceeded: ..."}), Refusal.TEMPORARY),
        (reply(503), Refusal.TEMPORARY),
    )
    unknown = (
        reply(500, {"message": "No devices"}),
        reply(202),
        reply(202, {"id": None}),
        reply(200, {"id": "0192f3c4"}),
        reply(504),
    )
    signs_receipts = True
    signed_with: ClassVar = {"signing_key": "secret"}
    notices = (
        (CAPTURED, [receipt(ReceiptState.DELIVERED, message_id="msg-0001")]),
        (signed("sms:sent"), [receipt(ReceiptState.SENT, message_id="msg-0001")]),
        failed(
            "Send result: RESULT_ERROR_LIMIT_EXCEEDED (Failed...)", "RESULT_ERROR_LIMIT_EXCEEDED", Refusal.THROTTLED
        ),
        failed("Can't send message: No SIMs found", "No SIMs found", Refusal.SENDER_OR_TEMPLATE),
        failed("Send result: RESULT_ERROR_GENERIC_FAILURE", "RESULT_ERROR_GENERIC_FAILURE", None),
        failed("TTL expired", "", None),
        (signed("sms:received"), []),
        (signed("system:ping"), []),
    )


config, problems = TestAndroidGateway().config, TestAndroidGateway().problems


def built(**typed: Any) -> Request:
    return android_gateway.build(config(**typed), MESSAGE)


def test_the_request_is_that_of_the_apps_library() -> None:
    """Save that ours names the device and goes before bulk messages, and theirs says that it is not encrypted."""
    theirs = SEND["request"]
    message = replace(MESSAGE, id="msg-0001", to="+14155552671", life=300)
    ours = android_gateway.build(config(password="secret"), message)
    assert (ours.method, ours.url) == (theirs["method"], theirs["url"])
    for header in ("Authorization", "Content-Type"):
        assert ours.headers[header] == theirs["headers"][header]
    wanted = {name: value for name, value in theirs["body_parsed"].items() if name != "isEncrypted"}
    assert json.loads(ours.body) == wanted | {"deviceId": "dev", "priority": 100}


def test_the_captured_reply_is_understood() -> None:
    served = SEND["response_served"]
    answer = android_gateway.read(config(), reply(served["status"], served["body"]))
    assert (answer.outcome, answer.provider_id) == (Outcome.ACCEPTED, "msg-0001")


def test_a_message_is_the_same_at_each_attempt_and_taken_once() -> None:
    again = android_gateway.build(config(), replace(MESSAGE, nonce="another", sent_at=NOW + 60))
    assert again == built()
    repeated = android_gateway.read(config(), reply(409, {"message": "message with such id already exists"}))
    assert repeated.outcome is Outcome.ACCEPTED


def test_a_late_message_is_not_sent() -> None:
    assert json.loads(android_gateway.build(config(), replace(MESSAGE, life=1)).body)["ttl"] == 5


def test_the_sim_card_can_be_chosen() -> None:
    assert json.loads(built(sim_number=2).body)["simNumber"] == 2
    assert "simNumber" not in json.loads(built().body)


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("", "https://api.sms-gate.app/3rdparty/v1/messages"),
        ("https://sms.example/api/3rdparty/v1/", "https://sms.example/api/3rdparty/v1/messages"),
        ("http://192.168.1.10:8080", "http://192.168.1.10:8080/message"),
        ("http://192.168.1.10:8080/", "http://192.168.1.10:8080/message"),
    ],
)
def test_where_it_calls(address: str, url: str) -> None:
    assert built(base_url=address).url == url


def test_only_a_phone_that_is_called_itself_needs_no_name() -> None:
    assert problems(base_url="http://192.168.1.10:8080", device_id="") == {}
    assert "deviceId" not in json.loads(built(base_url="http://192.168.1.10:8080", device_id="").body)
    for address in ("", "https://sms.example/3rdparty/v1"):
        assert "which phone" in problems(base_url=address, device_id="")["device_id"]


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"base_url": "192.168.1.10"}, "base_url", "whole address"),
        ({"base_url": "http://192.168.1.10/?x=1"}, "base_url", "without ?"),
        ({"username": ""}, "username", "Fill this in"),
        ({"username": "a:b"}, "username", "no colon"),
        ({"password": ""}, "password", "Fill this in"),
        ({"device_id": "my phone"}, "device_id", "as the app shows"),
        ({"sim_number": 4}, "sim_number", "from 0 to 3"),
    ],
)
def test_each_mistake_is_told_at_its_field(typed: dict[str, Any], field: str, words: str) -> None:
    found = problems(**typed)
    assert list(found) == [field]
    assert words in found[field]


# Receipts


@pytest.mark.parametrize("late", [-301, 301])
def test_an_old_receipt_is_not_believed(late: int) -> None:
    settings = config(signing_key="secret")
    assert android_gateway.receive(settings, signed("sms:sent", at=NOW + late)) is None
    assert android_gateway.receive(settings, signed("sms:sent", at=NOW + late // 2)) is not None


def test_no_receipt_is_believed_without_a_key() -> None:
    digest = hmac.new(b"", b"{}" + str(NOW).encode(), hashlib.sha256).hexdigest()
    notice = Notice("POST", URL, {"x-timestamp": str(NOW), "x-signature": digest}, b"{}", NOW)
    assert android_gateway.receive(config(signing_key=""), notice) is None
