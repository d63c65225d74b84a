"""Sinch: our request against that of its own library, its webhook's signature, its replies against ours."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from connectors import sinch
from connectors.contract import Message, Refusal
from connectors.receipts import Notice, Receipt, ReceiptState, receipt
from connectors.testkit import MESSAGE, NOW, SECRET, ConnectorContract, reply

CAPTURES = Path(__file__).parent / "captures"
SEND = json.loads((CAPTURES / "sinch_batches.json").read_text())
WEBHOOK = json.loads((CAPTURES / "webhook_sinch.json").read_text())
ID = "01FC66621XXXXX119Z8PMV1QPQ"
URL = MESSAGE.receipt_url
CAPTURED = Notice("POST", URL, WEBHOOK["headers"], WEBHOOK["raw_body"].encode(), NOW)


def refusal(status: int, code: str) -> Any:
    return reply(status, {"code": code, "text": "Words"})


def notice(at: int = NOW, **report: Any) -> Notice:
    """Signed as Sinch signs."""
    body = json.dumps({"type": "recipient_delivery_report_sms", "batch_id": ID, **report}).encode()
    nonce = "01FJA8B4A7BM43YGWSG9GBV067"
    signature = b64encode(hmac.new(b"secret", body + f".{nonce}.{at}".encode(), hashlib.sha256).digest()).decode()
    headers = {"": signature, "-algorithm": "HmacSHA256", "-nonce": nonce, "-timestamp": str(at)}
    return Notice("POST", URL, {f"x-sinch-webhook-signature{k}": v for k, v in headers.items()}, body, NOW)


def failed(status: str, code: int, kind: Refusal | None) -> tuple[Notice, list[Receipt]]:
    sample = notice(status=status, code=code, client_reference="ours")
    return sample, [receipt(ReceiptState.FAILED, ID, message_id="ours", refusal=kind, code=code)]


class TestSinch(ConnectorContract):
    module = sinch
    typed: ClassVar = {
        "service_plan_id": "plan123",
        "api_token": SECRET,
        "sender": "+15005550006",
        "webhook_secret": SECRET,
    }
    accepted = ((reply(201, SEND["response_served"]["body"]), ID),)
    refused = (
        (refusal(403, "blocked_account"), Refusal.BAD_CREDENTIALS),
        (reply(401), Refusal.BAD_CREDENTIALS),
        (reply(402), Refusal.NO_BALANCE),
        (refusal(403, "illegal_number_type"), Refusal.BAD_NUMBER),
        (refusal(400, "syntax_invalid_parameter_format"), Refusal.SENDER_OR_TEMPLATE),
        (refusal(403, "missing_callback_url"), Refusal.SENDER_OR_TEMPLATE),
        (
            reply(400, {"error": {"code": 400, "message": "x", "status": "INVALID_ARGUMENT"}}),
            Refusal.SENDER_OR_TEMPLATE,
        ),
        (reply(429), Refusal.THROTTLED),
        (reply(503), Refusal.TEMPORARY),
    )
    unknown = (
        refusal(500, "blocked_account"),
        reply(504),
        reply(201),
        reply(201, b"<html>"),
        reply(201, {"id": None}),
        reply(200, {"id": ID}),
    )
    signs_receipts = True
    signed_with: ClassVar = {"webhook_secret": "secret"}
    notices = (
        (CAPTURED, [receipt(ReceiptState.DELIVERED, ID)]),
        (
            notice(status="Dispatched", code=401, client_reference="ours"),
            [receipt(ReceiptState.SENT, ID, message_id="ours")],
        ),
        (notice(status="Unknown", code=0), [receipt(ReceiptState.SENT, ID)]),
        failed("Failed", 300, Refusal.BAD_NUMBER),
        failed("Rejected", 15, Refusal.BLOCKED),
        failed("Rejected", 64, Refusal.THROTTLED),
        failed("Aborted", 412, Refusal.SENDER_OR_TEMPLATE),
        failed("Aborted", 404, Refusal.TEMPORARY),
        failed("Aborted", 413, Refusal.BAD_CREDENTIALS),
        failed("Expired", 999, None),
        (notice(status="Queued", code=400), []),
        (notice(type="mo_text", status="Delivered"), []),
        (notice(type="delivery_report_sms", statuses=[{"status": "Delivered"}]), []),
    )


config, problems = TestSinch().config, TestSinch().problems


def built(**changes: Any) -> dict[str, Any]:
    return dict(json.loads(sinch.build(config(), replace(MESSAGE, **changes)).body))


def test_the_request_is_that_of_sinchs_library_and_says_how_long_the_code_is_good() -> None:
    inputs, theirs = SEND["inputs"], SEND["request"]
    reference = theirs["body_parsed"]["client_reference"]
    message = Message(reference, inputs["to"][0], inputs["body"], "sign_in", "en", 600, receipt_url=URL, sent_at=NOW)
    typed = {"service_plan_id": inputs["service_plan_id"], "api_token": inputs["api_token"], "region": "eu"}
    ours = sinch.build(config(**typed, sender=inputs["from_"]), message)
    assert (ours.method, ours.url) == (theirs["method"], theirs["url"])
    for header in ("Authorization", "Content-Type"):
        assert ours.headers[header] == theirs["headers"][header]
    added = {"expire_at": "2023-11-14T22:23:20.000Z", "callback_url": URL}
    assert json.loads(ours.body) == theirs["body_parsed"] | added


@pytest.mark.parametrize(("life", "end"), [(-5, "22:13:21"), (60, "22:14:20")])
def test_a_message_lives_no_longer_than_its_code(life: int, end: str) -> None:
    assert built(life=life)["expire_at"] == f"2023-11-14T{end}.000Z"


def test_a_message_lives_three_days_at_most() -> None:
    assert built(life=10**7)["expire_at"] == "2023-11-17T22:13:20.000Z"


def test_no_receipts_are_asked_for_where_sinch_cannot_reach_us() -> None:
    body = built(receipt_url="")
    assert body["delivery_report"] == "none"
    assert "callback_url" not in body


def test_the_service_plan_can_choose_the_sender() -> None:
    assert "from" not in json.loads(sinch.build(config(sender=""), MESSAGE).body)


# Receipts


def test_without_a_secret_the_address_is_the_proof() -> None:
    unsigned = replace(CAPTURED, headers={})
    assert sinch.receive(config(webhook_secret=""), unsigned) == [receipt(ReceiptState.DELIVERED, ID)]
    assert sinch.receive(config(webhook_secret="secret"), unsigned) is None


@pytest.mark.parametrize("at", [NOW - 301, NOW + 301, 0])
def test_an_old_receipt_is_not_believed(at: int) -> None:
    assert sinch.receive(config(webhook_secret="secret"), notice(at, status="Delivered")) is None


# What an admin may type


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ({}, "https://us.sms.api.sinch.com"),
        ({"region": "br"}, "https://br.sms.api.sinch.com"),
        ({"base_url": "http://127.0.0.1:4010/mock/", "region": "eu"}, "http://127.0.0.1:4010/mock"),
    ],
)
def test_where_it_calls(typed: dict[str, str], address: str) -> None:
    assert sinch.build(config(**typed), MESSAGE).url == f"{address}/xms/v1/plan123/batches"


@pytest.mark.parametrize("sender", ["+15005550006", "12345", "Example", "My Shop 1", ""])
def test_senders_that_are_right(sender: str) -> None:
    assert problems(sender=sender) == {}


@pytest.mark.parametrize("sender", ["15005550006", "+0123456789", "12", "LongerThan11", "Größe", "a-b", "+"])
def test_senders_that_are_wrong(sender: str) -> None:
    assert "up to 11 letters, digits and spaces" in problems(sender=sender)["sender"]


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"service_plan_id": ""}, "service_plan_id", "Fill this in"),
        ({"service_plan_id": "a/b"}, "service_plan_id", "letters, digits"),
        ({"api_token": ""}, "api_token", "Fill this in"),
        ({"api_token": "two words"}, "api_token", "no spaces"),
        ({"region": "uk"}, "region", "Choose one"),
        ({"webhook_secret": "two words"}, "webhook_secret", "no spaces"),
        ({"base_url": "http://127.0.0.1/?x=1"}, "base_url", "without ?"),
    ],
)
def test_each_mistake_is_told_at_its_field(typed: dict[str, str], field: str, words: str) -> None:
    found = problems(**typed)
    assert list(found) == [field]
    assert words in found[field]
