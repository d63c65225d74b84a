"""GatewayAPI's older REST API: its documented examples, and its receipts in tokens."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc.errors import SecurityWarning

from connectors import gatewayapi_classic
from connectors.contract import Refusal
from connectors.receipts import Notice, Receipt, ReceiptState, receipt
from connectors.testkit import MESSAGE, NOW, SECRET, ConnectorContract, reply
from tests.connectors.test_tokens import token

WEBHOOK = json.loads((Path(__file__).parent / "captures" / "webhook_gatewayapi.json").read_text())["classic_rest"]
WEBHOOK_SECRET = WEBHOOK["secret"]
VECTOR = WEBHOOK["vector_from_nickdnk_gatewayapi_php_tests"]
URL = "https://id.example/receipts/gatewayapi_classic/s3cr3t-path"
CAPTURED = Notice("POST", URL, {"x-gwapi-signature": WEBHOOK["header"].split()[1]}, b"", NOW)
DELIVERED = [receipt(ReceiptState.DELIVERED, 1000001, message_id="txn-1")]


def notice(status: str, **more: Any) -> Notice:
    """One as GatewayAPI sends it, signed; without its body, which proves nothing."""
    claims = {"id": 1000001, "msisdn": 4591234567, "time": NOW, "status": status, "userref": "txn-1"} | more
    return Notice("POST", URL, {"x-gwapi-signature": token({"alg": "HS256"}, claims, WEBHOOK_SECRET)}, b"", NOW)


def of(state: ReceiptState, **values: Any) -> list[Receipt]:
    return [receipt(state, 1000001, message_id="txn-1", **values)]


class TestGatewayapiClassic(ConnectorContract):
    module = gatewayapi_classic
    typed: ClassVar = {"token": SECRET, "sender": "Acme"}
    accepted = (
        (reply(200, {"ids": [421332671], "usage": {"currency": "DKK", "total_cost": 0.36}}), "421332671"),
        (reply(200, {"ids": [421332671]}), "421332671"),
    )
    refused = (
        (reply(403, {"code": "0x0213", "message": "Unauthorized IP-address: %1"}), Refusal.BAD_CREDENTIALS),
        (reply(401, {"code": "0x0229"}), Refusal.BAD_CREDENTIALS),
        (reply(401, {"code": "0x021d"}), Refusal.BAD_CREDENTIALS),
        (reply(401, b""), Refusal.BAD_CREDENTIALS),
        (reply(403, {"code": "0x0214"}), Refusal.THROTTLED),
        (reply(403, {"code": "0x0215"}), Refusal.BLOCKED),
        (reply(403, {"code": "0x0216"}), Refusal.NO_BALANCE),
        (reply(403, {"code": "0x0217"}), Refusal.SENDER_OR_TEMPLATE),
        (reply(400, {"code": "0x0311"}), Refusal.SENDER_OR_TEMPLATE),
        (reply(422, {"message": "Invalid JSON"}), Refusal.SENDER_OR_TEMPLATE),
        (reply(429, b""), Refusal.THROTTLED),
        (reply(503, b""), Refusal.TEMPORARY),
    )
    unknown = (
        reply(200),
        reply(200, {"ids": []}),
        reply(200, {"ids": [None]}),
        reply(200, {"code": "0x0213"}),
        reply(202, {"ids": [1]}),
        reply(500, {"message": "Traceback"}),
        reply(500, {"code": "0x0201"}),
        reply(502, b"<html>"),
    )
    signs_receipts = True
    signed_with: ClassVar = {"webhook_secret": WEBHOOK_SECRET}
    notices = (
        (CAPTURED, DELIVERED),
        (notice("ENROUTE"), of(ReceiptState.SENT)),
        (notice("ACCEPTED"), of(ReceiptState.SENT)),
        (
            notice("UNDELIVERABLE", code="0x1010", error="Unknown subscriber"),
            of(ReceiptState.FAILED, refusal=Refusal.BAD_NUMBER, code="0x1010", detail="Unknown subscriber"),
        ),
        (
            notice("REJECTED", code="0x1905"),
            of(ReceiptState.FAILED, refusal=Refusal.SENDER_OR_TEMPLATE, code="0x1905"),
        ),
        (notice("EXPIRED", code="0x1013"), of(ReceiptState.FAILED, refusal=Refusal.TEMPORARY, code="0x1013")),
        (notice("DELETED"), of(ReceiptState.FAILED)),
        (notice("SKIPPED"), of(ReceiptState.FAILED)),
        (notice("SCHEDULED"), []),
        (notice("BUFFERED"), []),
        (notice("UNKNOWN"), []),
    )


config, problems = TestGatewayapiClassic().config, TestGatewayapiClassic().problems


def sent(typed: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    return dict(json.loads(gatewayapi_classic.build(config(**typed or {}), replace(MESSAGE, **changes)).body))


# The request; no library of the vendor's was at hand for this API


def test_the_request_is_the_documented_one() -> None:
    request = gatewayapi_classic.build(config(), MESSAGE)
    assert (request.method, request.url) == ("POST", "https://gatewayapi.com/rest/mtsms")
    assert request.headers == {
        "Authorization": f"Token {SECRET}",
        "Content-Type": "application/json",
        "Accept": "application/json",
    }
    assert json.loads(request.body) == {
        "class": "standard",
        "message": "Your code is 482913",
        "sender": "Acme",
        "recipients": [{"msisdn": 14155552671}],
        "encoding": "UTF8",
        "userref": "0192f3c4",
        "validity_period": 600,
        "callback_url": MESSAGE.receipt_url,
    }


@settings(max_examples=60, deadline=None)
@given(text=st.text(st.characters(codec="utf-8"), min_size=1, max_size=300), life=st.integers(-1, 10**7))
def test_any_text_and_life_gives_a_request_of_the_documented_form(text: str, life: int) -> None:
    body = sent(text=text, life=life)
    assert body["message"] == text
    assert 60 <= body["validity_period"] <= 432_000


@pytest.mark.parametrize(("text", "encoding"), [("Code: 1 {€}", "UTF8"), ("Kód: 1", "UCS2"), ("验证码 1", "UCS2")])
def test_the_provider_is_told_what_gsm_7_lacks(text: str, encoding: str) -> None:
    assert sent(text=text)["encoding"] == encoding


def test_a_text_can_be_kept_secret() -> None:
    assert sent({"message_class": "secret"})["class"] == "secret"


def test_no_address_is_named_where_there_is_none() -> None:
    assert "callback_url" not in sent(receipt_url="")


def test_only_the_webhook_that_signs_is_called_where_a_secret_is_set() -> None:
    assert "callback_url" not in sent({"webhook_secret": WEBHOOK_SECRET})


@pytest.mark.parametrize(
    ("typed", "host"),
    [({"setup": "eu"}, "https://gatewayapi.eu"), ({"base_url": "http://127.0.0.1:4010/"}, "http://127.0.0.1:4010")],
)
def test_where_it_calls(typed: dict[str, str], host: str) -> None:
    assert gatewayapi_classic.build(config(**typed), MESSAGE).url == f"{host}/rest/mtsms"


# What an admin may type


@pytest.mark.parametrize("sender", ["4512345678", "1204", "Acme", "My Shop 24", "A"])
def test_senders_that_are_right(sender: str) -> None:
    assert problems(sender=sender) == {}


@pytest.mark.parametrize("sender", ["+4512345678", "LongerThan11", "Größe", "1234567890123456", "a-b-c"])
def test_senders_that_are_wrong(sender: str) -> None:
    assert "without +" in problems(sender=sender)["sender"]


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"token": ""}, "token", "Fill this in"),
        ({"token": "two words"}, "token", "no spaces"),
        ({"setup": "dk"}, "setup", "one of the list"),
        ({"message_class": "charge"}, "message_class", "one of the list"),
        ({"sender": ""}, "sender", "Fill this in"),
        ({"webhook_secret": "short"}, "webhook_secret", "at least 16"),
        ({"base_url": "http://127.0.0.1/?x=1"}, "base_url", "without ?"),
    ],
)
def test_each_mistake_is_told_at_its_field(typed: dict[str, str], field: str, words: str) -> None:
    found = problems(**typed)
    assert list(found) == [field]
    assert words in found[field]


# Replies and receipts


def test_the_price_is_read() -> None:
    answer = gatewayapi_classic.read({}, TestGatewayapiClassic.accepted[0][0])
    assert (answer.price, answer.currency) == (0.36, "DKK")


def test_what_is_signed_is_read_and_not_the_body() -> None:
    signed = config(webhook_secret=WEBHOOK_SECRET)
    assert json.loads(WEBHOOK["body"]) == WEBHOOK["decoded"]
    assert gatewayapi_classic.receive(signed, replace(CAPTURED, body=WEBHOOK["body"].encode())) == DELIVERED
    forged = WEBHOOK["body"].replace("1000001", "1000002").encode()
    assert gatewayapi_classic.receive(signed, replace(CAPTURED, body=forged)) == DELIVERED
    assert gatewayapi_classic.receive(signed, Notice("POST", URL, {}, WEBHOOK["body"].encode(), NOW)) is None


def test_no_character_of_the_captured_token_can_be_changed() -> None:
    signed, value = config(webhook_secret=WEBHOOK_SECRET), CAPTURED.headers["x-gwapi-signature"]
    for at in range(len(value) - 1):  # the last one has two bits that count for nothing
        wrong = value[:at] + ("A" if value[at] != "A" else "B") + value[at + 1 :]
        assert gatewayapi_classic.receive(signed, replace(CAPTURED, headers={"x-gwapi-signature": wrong})) is None


def test_another_algorithm_is_not_believed() -> None:
    signed = config(webhook_secret=WEBHOOK_SECRET)
    for algorithm in ("none", "HS384", "RS256", "hs256"):
        wrong = token({"alg": algorithm}, WEBHOOK["decoded"], WEBHOOK_SECRET)
        notice = replace(CAPTURED, headers={"x-gwapi-signature": wrong})
        assert gatewayapi_classic.receive(signed, notice) is None


def test_a_token_of_another_librarys_tests_is_read() -> None:
    signed = config() | {"webhook_secret": VECTOR["secret"]}  # shorter than the console lets it be
    with pytest.warns(SecurityWarning):
        found = gatewayapi_classic.receive(signed, replace(CAPTURED, headers={"x-gwapi-signature": VECTOR["jwt"]}))
    assert found == [receipt(ReceiptState.DELIVERED, 2381703, message_id="a reference")]


def test_without_a_webhook_secret_the_address_is_the_proof() -> None:
    plain = Notice("POST", URL, {}, WEBHOOK["body"].encode(), NOW)
    assert gatewayapi_classic.receive(config(), plain) == DELIVERED
