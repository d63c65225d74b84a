"""Telnyx: our request against that of its own library, its webhook's signature, its replies against ours."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from connectors import telnyx
from connectors.contract import Message, Outcome, Refusal
from connectors.receipts import Notice, Receipt, ReceiptState, receipt
from connectors.testkit import MESSAGE, NOW, SECRET, ConnectorContract, reply

CAPTURES = Path(__file__).parent / "captures"
SEND = json.loads((CAPTURES / "telnyx_send.json").read_text())
WEBHOOK = json.loads((CAPTURES / "webhook_telnyx.json").read_text())
KEY = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(WEBHOOK["private_seed_hex"]))
PROFILE = SEND["inputs"]["messaging_profile_id"]
ID = "40385f64-5717-4562-b3fc-2c963f66afa6"
URL = MESSAGE.receipt_url


def error(code: str, status: int = 400) -> Any:
    return reply(status, {"errors": [{"code": code, "title": "Title", "detail": "Words"}]})


def notice(body: bytes, at: int = NOW) -> Notice:
    """Signed as Telnyx signs."""
    signature = b64encode(KEY.sign(f"{at}|".encode() + body)).decode()
    return Notice("POST", URL, {"telnyx-signature-ed25519": signature, "telnyx-timestamp": str(at)}, body, NOW)


def event(status: str, kind: str = "message.finalized", errors: list[Any] | None = None) -> Notice:
    payload = {"id": ID, "to": [{"status": status}], "errors": errors or []}
    return notice(json.dumps({"data": {"event_type": kind, "payload": payload}}).encode())


def failed(code: str, refusal: Refusal | None) -> tuple[Notice, list[Receipt]]:
    sample = event("delivery_failed", errors=[{"code": code, "title": "Why"}])
    return sample, [receipt(ReceiptState.FAILED, ID, refusal=refusal, code=code, detail="Why")]


CAPTURED = Notice("POST", URL, WEBHOOK["headers"], WEBHOOK["raw_body"].encode(), NOW)


class TestTelnyx(ConnectorContract):
    module = telnyx
    typed: ClassVar = {"api_key": SECRET, "sender": "+15005550006", "public_key": WEBHOOK["public_key_b64"]}
    accepted = (
        (reply(200, SEND["response_served"]["body"]), ID),
        (reply(200, {"data": {"id": ID, "cost": {"amount": "0.0051", "currency": "USD"}}}), ID),
    )
    refused = (
        (error("10009", 401), Refusal.BAD_CREDENTIALS),
        (error("20100", 403), Refusal.NO_BALANCE),
        (error("40310"), Refusal.BAD_NUMBER),
        (error("40300", 403), Refusal.BLOCKED),
        (error("40300", 422), Refusal.BLOCKED),
        (error("10011", 429), Refusal.THROTTLED),
        (error("40318"), Refusal.THROTTLED),
        (error("40305"), Refusal.SENDER_OR_TEMPLATE),
        (error("10002"), Refusal.SENDER_OR_TEMPLATE),
        (error("99999"), Refusal.SENDER_OR_TEMPLATE),
        (error("99999", 401), Refusal.BAD_CREDENTIALS),
        (reply(503), Refusal.TEMPORARY),
    )
    unknown = (
        error("10007", 500),
        error("40310", 500),
        error("99999", 422),
        error("10012", 409),
        reply(422),
        reply(504),
        reply(200, b"<html>"),
        reply(200, {"data": {"id": None}}),
        reply(200, {"data": {"id": ID, "errors": [{"code": "40310"}]}}),
        reply(201, {"data": {"id": ID}}),
    )
    signs_receipts = True
    notices = (
        (CAPTURED, [receipt(ReceiptState.DELIVERED, ID, price="0.0045", currency="USD")]),
        (event("sent", "message.sent"), [receipt(ReceiptState.SENT, ID)]),
        (event("sending_failed"), [receipt(ReceiptState.FAILED, ID)]),
        (event("expired"), [receipt(ReceiptState.FAILED, ID)]),
        failed("40001", Refusal.BAD_NUMBER),
        failed("40002", Refusal.BLOCKED),
        failed("40016", Refusal.THROTTLED),
        failed("40010", Refusal.SENDER_OR_TEMPLATE),
        failed("40006", Refusal.TEMPORARY),
        failed("49999", None),
        (event("delivery_unconfirmed"), []),
        (event("queued", "message.sent"), []),
        (event("delivered", "message.received"), []),
    )


config, problems = TestTelnyx().config, TestTelnyx().problems


def test_the_request_is_that_of_telnyxs_library() -> None:
    inputs, theirs = SEND["inputs"], SEND["request"]
    message = Message(inputs["idempotency_key"], inputs["to"], inputs["text"], "sign_in", "en", 600)
    ours = telnyx.build(
        config(api_key=inputs["api_key"], sender=inputs["from_"], messaging_profile_id=PROFILE), message
    )
    assert (ours.method, ours.url) == (theirs["method"], f"https://api.telnyx.com{theirs['path']}")
    for header in ("Authorization", "Content-Type", "Accept", "Idempotency-Key"):
        assert ours.headers[header] == theirs["headers"][header]
    assert json.loads(ours.body) == theirs["body_parsed"]


def test_what_a_message_cost_is_passed_on() -> None:
    answer = telnyx.read({}, TestTelnyx.accepted[1][0])
    assert (answer.price, answer.currency) == (0.0051, "USD")


def test_how_long_to_wait_is_passed_on() -> None:
    assert telnyx.read({}, replace(error("10011", 429), headers={"retry-after": "7"})).retry_after == 7


def test_the_reply_to_a_key_that_was_used_for_another_text_does_not_let_another_provider_send() -> None:
    assert telnyx.read({}, reply(422, {"errors": [{"title": "Idempotency"}]})).outcome is Outcome.UNKNOWN


def test_receipts_are_asked_for_only_where_they_can_be_proved() -> None:
    assert json.loads(telnyx.build(config(), MESSAGE).body)["webhook_url"] == URL
    assert b"webhook_url" not in telnyx.build(config(public_key=""), MESSAGE).body
    assert telnyx.receive(config(public_key=""), CAPTURED) is None


@pytest.mark.parametrize("at", [NOW - 301, NOW + 301, 0])
def test_an_old_receipt_is_not_believed(at: int) -> None:
    assert telnyx.receive(config(), notice(CAPTURED.body, at)) is None


def test_the_signature_of_another_key_is_not_believed() -> None:
    other = b64encode(Ed25519PrivateKey.from_private_bytes(b"1" * 32).public_key().public_bytes_raw()).decode()
    assert telnyx.receive(config(public_key=other), CAPTURED) is None


@pytest.mark.parametrize(
    ("typed", "address"),
    [({}, "https://api.telnyx.com"), ({"base_url": "http://127.0.0.1:4010/mock/"}, "http://127.0.0.1:4010/mock")],
)
def test_where_it_calls(typed: dict[str, str], address: str) -> None:
    assert telnyx.build(config(**typed), MESSAGE).url == f"{address}/v2/messages"


@pytest.mark.parametrize("sender", ["+15005550006", "12345", "Example", "My Shop 1", ""])
def test_senders_that_are_right(sender: str) -> None:
    assert problems(sender=sender, messaging_profile_id=PROFILE) == {}


@pytest.mark.parametrize("sender", ["15005550006", "+0123456789", "12", "LongerThan11", "Größe", "a-b", "+"])
def test_senders_that_are_wrong(sender: str) -> None:
    assert "up to 11 letters, digits and spaces" in problems(sender=sender, messaging_profile_id=PROFILE)["sender"]


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"api_key": ""}, "api_key", "Fill this in"),
        ({"api_key": "two words"}, "api_key", "no spaces"),
        ({"sender": "Example"}, "messaging_profile_id", "a name, or no sender"),
        ({"sender": ""}, "messaging_profile_id", "a name, or no sender"),
        ({"messaging_profile_id": "profile"}, "messaging_profile_id", "five groups"),
        ({"public_key": "KEYabc"}, "public_key", "44 characters"),
        ({"base_url": "http://127.0.0.1/?x=1"}, "base_url", "without ?"),
    ],
)
def test_each_mistake_is_told_at_its_field(typed: dict[str, str], field: str, words: str) -> None:
    found = problems(**typed)
    assert list(found) == [field]
    assert words in found[field]
