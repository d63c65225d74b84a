"""Plivo: our request against that of its own library, its webhook's signatures, its replies against ours."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlencode

import pytest

from connectors import plivo
from connectors.contract import Message, Refusal, Request
from connectors.receipts import Notice, Receipt, ReceiptState, receipt
from connectors.testkit import MESSAGE, NOW, SECRET, ConnectorContract, reply

CAPTURES = Path(__file__).parent / "captures"
SEND = json.loads((CAPTURES / "plivo_send.json").read_text())
WEBHOOK = json.loads((CAPTURES / "webhook_plivo.json").read_text())
AUTH_ID = SEND["inputs"]["auth_id"]
ID = "db3ce55a-7f1d-11e1-8ea7-1231380bc196"
POOL = "40385f64-5717-4562-b3fc-2c963f66afa6"
URL = MESSAGE.receipt_url
NONCE = "12345678901234567890"
# What the library always sends and we do not: nothing is to be tracked.
NOT_SENT = {"trackable"}


def captured() -> Notice:
    headers = {name.lower(): value for name, value in WEBHOOK["headers"].items()}
    return Notice(WEBHOOK["method"], WEBHOOK["uri"], headers, urlencode(WEBHOOK["params"]).encode(), NOW)


def signature(text: str) -> str:
    return b64encode(hmac.new(b"secret", text.encode(), hashlib.sha256).digest()).decode()


def notice(version: str = "v3", account: str = "", **fields: str) -> Notice:
    """As Plivo's library signs it: an address without a query is followed by a question mark and the fields."""
    text = f"{URL}?{''.join(name + fields[name] for name in sorted(fields))}.{NONCE}"
    headers = {
        f"x-plivo-signature-{account}{version}": signature(text if version == "v3" else URL + NONCE),
        f"x-plivo-signature-{version}-nonce": NONCE,
    }
    return Notice("POST", URL, headers, urlencode(fields).encode(), NOW)


def failed(code: str, refusal: Refusal | None) -> tuple[Notice, list[Receipt]]:
    sample = notice(MessageUUID=ID, Status="undelivered", ErrorCode=code)
    return sample, [receipt(ReceiptState.FAILED, ID, refusal=refusal, code=code)]


class TestPlivo(ConnectorContract):
    module = plivo
    typed: ClassVar = {"auth_id": AUTH_ID, "auth_token": SECRET, "sender": "+15005550006"}
    accepted = ((reply(202, SEND["response_served"]["body"]), ID),)
    refused = (
        (reply(202, {"message_uuid": [], "invalid_number": ["12"]}), Refusal.BAD_NUMBER),
        (reply(400, {"invalid_number": ["12"], "error": "x"}), Refusal.BAD_NUMBER),
        (reply(401, b"Could not verify your access level for that URL."), Refusal.BAD_CREDENTIALS),
        (reply(402, {"error": "x"}), Refusal.NO_BALANCE),
        (reply(400, {"api_id": "a", "error": "src is invalid"}), Refusal.SENDER_OR_TEMPLATE),
        (reply(404, {"error": "not found"}), Refusal.SENDER_OR_TEMPLATE),
        (reply(429), Refusal.THROTTLED),
        (reply(503), Refusal.TEMPORARY),
    )
    unknown = (
        reply(500, {"error": "internal"}),
        reply(504),
        reply(202),
        reply(202, b"<html>"),
        reply(202, {"message_uuid": []}),
        reply(202, {"message_uuid": ID}),
        reply(200, {"message_uuid": [ID]}),
        reply(500, {"invalid_number": ["12"]}),
    )
    signs_receipts = True
    signed_with: ClassVar = {"auth_token": "secret"}
    notices = (
        (captured(), [receipt(ReceiptState.DELIVERED, "db3ce55a")]),
        (notice(MessageUUID=ID, Status="sent", ErrorCode="000"), [receipt(ReceiptState.SENT, ID)]),
        (notice(account="ma-", MessageUUID=ID, Status="delivered"), [receipt(ReceiptState.DELIVERED, ID)]),
        (
            notice(MessageUUID="p1", ParentMessageUUID=ID, PartInfo="1 of 2", Status="delivered"),
            [receipt(ReceiptState.SENT, ID)],
        ),
        (
            notice(MessageUUID="p2", ParentMessageUUID=ID, PartInfo="2 of 2", Status="delivered"),
            [receipt(ReceiptState.DELIVERED, ID)],
        ),
        failed("50", Refusal.BAD_NUMBER),
        failed("200", Refusal.BLOCKED),
        failed("900", Refusal.NO_BALANCE),
        failed("910", Refusal.BAD_CREDENTIALS),
        failed("450", Refusal.SENDER_OR_TEMPLATE),
        failed("20", Refusal.TEMPORARY),
        failed("1000", None),
        (notice(MessageUUID=ID, Status="queued"), []),
    )


config, problems = TestPlivo().config, TestPlivo().problems


def built(**changes: Any) -> tuple[Request, dict[str, Any]]:
    request = plivo.build(config(), replace(MESSAGE, **changes))
    return request, json.loads(request.body)


def test_the_request_is_that_of_plivos_library_but_for_what_is_kept_there() -> None:
    inputs, theirs = SEND["inputs"], SEND["request"]
    message = Message("1", inputs["dst"], inputs["text"], "sign_in", "en", 600, receipt_url=inputs["url"])
    ours = plivo.build(config(auth_token=inputs["auth_token"], sender=inputs["src"]), message)
    assert (ours.method, ours.url) == (theirs["method"], theirs["url"])
    for header in ("Authorization", "Content-Type", "Accept"):
        assert ours.headers[header] == theirs["headers"][header]
    expected = {name: value for name, value in theirs["body_parsed"].items() if name not in NOT_SENT}
    assert json.loads(ours.body) == expected | {"log": "false", "message_expiry": 600}


@pytest.mark.parametrize(("life", "expiry"), [(1, 5), (600, 600), (20_000, 10_800)])
def test_a_message_lives_no_longer_than_its_code(life: int, expiry: int) -> None:
    assert built(life=life)[1]["message_expiry"] == expiry


def test_a_pool_sends_in_place_of_a_sender() -> None:
    body = json.loads(plivo.build(config(sender="", powerpack_uuid=POOL), MESSAGE).body)
    assert body["powerpack_uuid"] == POOL
    assert "src" not in body


def test_no_receipts_are_asked_for_where_plivo_cannot_reach_us() -> None:
    assert {"url", "method"}.isdisjoint(built(receipt_url="")[1])


# Receipts


def received(sample: Notice) -> list[Receipt] | None:
    return plivo.receive(config(auth_token="secret"), sample)


def test_one_of_several_signatures_is_enough() -> None:
    sample = captured()
    several = f"{signature('x')}, {sample.headers['x-plivo-signature-v3']}"
    assert received(replace(sample, headers={**sample.headers, "x-plivo-signature-v3": several}))


def test_the_second_version_is_taken_where_no_third_came() -> None:
    sample = notice("v2", MessageUUID=ID, Status="delivered")
    assert received(sample) == [receipt(ReceiptState.DELIVERED, ID)]
    assert received(replace(sample, url=f"{URL}x")) is None
    third = {"x-plivo-signature-v3": signature("x"), "x-plivo-signature-v3-nonce": NONCE}
    assert received(replace(sample, headers={**sample.headers, **third})) is None


def test_a_signature_is_for_one_address() -> None:
    assert received(replace(captured(), url="https://example.com/other?t=1")) is None
    assert received(replace(captured(), url="https://example.com/dlr?t=2")) is None


# What an admin may type


@pytest.mark.parametrize(
    ("typed", "address"),
    [({}, "https://api.plivo.com"), ({"base_url": "http://127.0.0.1:4010/mock/"}, "http://127.0.0.1:4010/mock")],
)
def test_where_it_calls(typed: dict[str, str], address: str) -> None:
    assert plivo.build(config(**typed), MESSAGE).url == f"{address}/v1/Account/{AUTH_ID}/Message/"


@pytest.mark.parametrize("sender", ["+15005550006", "12345", "Example", "My Shop 1"])
def test_senders_that_are_right(sender: str) -> None:
    assert problems(sender=sender) == {}


@pytest.mark.parametrize("sender", ["15005550006", "+0123456789", "12", "LongerThan11", "Größe", "a-b", "+1<+2"])
def test_senders_that_are_wrong(sender: str) -> None:
    assert "up to 11 letters, digits and spaces" in problems(sender=sender)["sender"]


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"auth_id": ""}, "auth_id", "Fill this in"),
        ({"auth_id": "AC" + "A" * 18}, "auth_id", "MA, or SA"),
        ({"auth_token": ""}, "auth_token", "Fill this in"),
        ({"auth_token": "two words"}, "auth_token", "no spaces"),
        ({"sender": ""}, "sender", "a sender or a Powerpack"),
        ({"powerpack_uuid": POOL}, "sender", "not both"),
        ({"powerpack_uuid": "pool"}, "powerpack_uuid", "five groups"),
        ({"base_url": "http://127.0.0.1/?x=1"}, "base_url", "without ?"),
    ],
)
def test_each_mistake_is_told_at_its_field(typed: dict[str, str], field: str, words: str) -> None:
    found = problems(**typed)
    assert list(found) == [field]
    assert words in found[field]
