"""Vonage Messages: our requests against those of its own library and its OpenAPI document, its replies against ours."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64decode
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import jsonschema
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import vonage_messages
from connectors.contract import Message, Outcome, Refusal, Request
from connectors.receipts import Notice, Receipt, ReceiptState, receipt
from connectors.testkit import MESSAGE, NOW, SECRET, ConnectorContract, reply
from tests.connectors import vendor_schema
from tests.connectors.test_tokens import token

FOLDER = Path(__file__).parent / "captures"
CAPTURES = {path.stem: json.loads(path.read_text()) for path in FOLDER.glob("vonage_messages_*.json")}
WEBHOOK = json.loads((FOLDER / "webhook_vonage.json").read_text())["messages_api_signed_jwt"]
APPLICATION = "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab"
UUID = "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab"
URL = "https://id.example/receipts/vonage_messages/s3cr3t-path"
PROBLEM = "https://developer.vonage.com/api-errors/messages#"


def pem(key: Any, encryption: KeySerializationEncryption | None = None) -> str:
    return str(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption()).decode())


KEY = rsa.generate_private_key(65537, 2048)
PEM = pem(KEY)


def claims(body: bytes, **changes: Any) -> dict[str, Any]:
    return WEBHOOK["claims"] | {"payload_hash": hashlib.sha256(body).hexdigest()} | changes


def signed(body: bytes, found: dict[str, Any]) -> Notice:
    bearer = token({"alg": "HS256", "typ": "JWT"}, found, WEBHOOK["signature_secret"])
    return Notice("POST", URL, {"authorization": f"Bearer {bearer}"}, body, NOW)


def notice(status: str, **more: Any) -> Notice:
    """One as Vonage sends it, signed."""
    found = {"message_uuid": UUID, "status": status, "channel": "sms", "client_ref": "txn-1"} | more
    body = json.dumps(found).encode()
    return signed(body, claims(body))


def of(state: ReceiptState, **values: Any) -> list[Receipt]:
    return [receipt(state, UUID, message_id="txn-1", **values)]


def problem(status: int, code: str = "", detail: str = "words") -> Any:
    return reply(status, {"type": f"{PROBLEM}{code}" if code else PROBLEM[:-1], "title": "Title", "detail": detail})


CAPTURED = Notice("POST", URL, {"authorization": WEBHOOK["header"].partition(" ")[2]}, WEBHOOK["body"].encode(), NOW)
DELIVERED = of(ReceiptState.DELIVERED, price="0.0333", currency="EUR")


class TestVonageMessages(ConnectorContract):
    module = vonage_messages
    typed: ClassVar = {
        "key_id": "abcd1234",
        "application_id": APPLICATION,
        "private_key": PEM,
        "api_secret": SECRET,
        "signature_secret": SECRET,
        "sender": "Acme",
    }
    accepted = ((reply(202, {"message_uuid": UUID}), UUID),)
    refused = (
        (problem(401), Refusal.BAD_CREDENTIALS),
        (problem(401, "1060"), Refusal.BAD_CREDENTIALS),
        (problem(402), Refusal.NO_BALANCE),
        (problem(402, "1070"), Refusal.NO_BALANCE),
        (problem(422), Refusal.SENDER_OR_TEMPLATE),
        (problem(422, "1120"), Refusal.SENDER_OR_TEMPLATE),
        (problem(422, "1160"), Refusal.SENDER_OR_TEMPLATE),
        (problem(422, "1170"), Refusal.BAD_NUMBER),
        (problem(422, "1240"), Refusal.BLOCKED),
        (problem(422, "1470"), Refusal.BLOCKED),
        (problem(429), Refusal.THROTTLED),
        (problem(429, "1460"), Refusal.THROTTLED),
        (problem(500, "1100"), Refusal.TEMPORARY),
        (problem(422, "9999"), Refusal.SENDER_OR_TEMPLATE),
        (reply(503, b""), Refusal.TEMPORARY),
    )
    unknown = (
        problem(500),
        problem(500, "1030"),
        reply(202),
        reply(202, {"message_uuid": None}),
        reply(200, {"message_uuid": UUID}),
        problem(202, "1170"),
        reply(504, b"<html>"),
    )
    signs_receipts = True
    signed_with: ClassVar = {"signature_secret": WEBHOOK["signature_secret"]}
    notices = (
        (CAPTURED, DELIVERED),
        (
            notice("submitted", usage={"price": "0.0333", "currency": "EUR"}),
            of(ReceiptState.SENT, price="0.0333", currency="EUR"),
        ),
        (notice("read"), of(ReceiptState.DELIVERED)),
        (
            notice("rejected", error={"type": f"{PROBLEM}1210", "title": 1210, "detail": "Spam"}),
            of(ReceiptState.FAILED, refusal=Refusal.BLOCKED, code="1210", detail="Spam"),
        ),
        (
            notice("undeliverable", error={"type": "about:blank", "title": 1180}),
            of(ReceiptState.FAILED, refusal=Refusal.TEMPORARY, code="1180"),
        ),
        (notice("undeliverable", error="?", usage=[]), of(ReceiptState.FAILED)),
        (notice("new"), []),
        (signed(b"[]", claims(b"[]")), []),
    )


config, problems = TestVonageMessages().config, TestVonageMessages().problems
BASIC = {"application_id": "", "private_key": "", "api_secret": "secret"}


def built(name: str) -> Request:
    capture = CAPTURES[name]
    sent, frozen = capture["request"]["body_parsed"], capture["frozen"]
    message = Message(
        sent.get("client_ref", "1"),
        f"+{sent['to']}",
        sent["text"],
        "sign_in",
        "en",
        sent.get("ttl", 600),
        receipt_url=sent.get("webhook_url", ""),
        sent_at=frozen.get("iat", NOW),
        nonce=frozen.get("jti", ""),
    )
    return vonage_messages.build(config(**({} if "private_key" in capture["inputs"] else BASIC)), message)


def parts(bearer: str) -> list[bytes]:
    return [urlsafe_b64decode(part + "==") for part in bearer.removeprefix("Bearer ").split(".")]


# The request


def test_every_capture_is_compared() -> None:
    assert CAPTURES.keys() == {"vonage_messages_basic", "vonage_messages_jwt"}


def test_the_request_with_a_token_is_that_of_vonages_library_byte_for_byte() -> None:
    ours, theirs = built("vonage_messages_jwt"), CAPTURES["vonage_messages_jwt"]["request"]
    assert (ours.method, ours.url, ours.body.decode()) == (theirs["method"], theirs["url"], theirs["body_raw"])
    assert ours.headers["Content-Type"] == theirs["headers"]["Content-Type"]
    assert ours.headers["Accept"] == theirs["headers"]["Accept"]


def test_the_token_is_that_of_vonages_library_byte_for_byte_but_for_the_key() -> None:
    ours, theirs = built("vonage_messages_jwt"), CAPTURES["vonage_messages_jwt"]["request"]
    bearer = ours.headers["Authorization"]
    assert bearer.rpartition(".")[0] == theirs["headers"]["Authorization"].rpartition(".")[0]
    signature, text = parts(bearer)[2], bearer.removeprefix("Bearer ").rpartition(".")[0]
    KEY.public_key().verify(signature, text.encode(), padding.PKCS1v15(), hashes.SHA256())


def test_the_request_with_a_secret_is_that_of_vonages_library() -> None:
    """Added: our id, how long the code is good, and that the encoding is Vonage's choice."""
    ours, theirs = built("vonage_messages_basic"), CAPTURES["vonage_messages_basic"]["request"]
    assert (ours.method, ours.url) == (theirs["method"], theirs["url"])
    for header in ("Authorization", "Content-Type", "Accept"):
        assert ours.headers[header] == theirs["headers"][header]
    added = {"client_ref": "1", "ttl": 600, "sms": {"encoding_type": "auto"}}
    assert json.loads(ours.body) == theirs["body_parsed"] | added


@pytest.mark.parametrize("name", CAPTURES)
def test_the_captured_reply_is_understood(name: str) -> None:
    served = CAPTURES[name]["response_served"]
    answer = vonage_messages.read({}, reply(served["status"], served["body"]))
    assert (answer.outcome, answer.provider_id) == (Outcome.ACCEPTED, served["body"]["message_uuid"])


def test_the_vendors_own_examples_are_understood() -> None:
    responses = vendor_schema.document("vonage-messages-v1.json")["paths"]["/v1/messages"]["post"]["responses"]
    found = {
        status: vonage_messages.read({}, reply(int(status), response["content"]["application/json"]["example"]))
        for status, response in responses.items()
    }
    assert {status: answer.refusal or answer.outcome for status, answer in found.items()} == {
        "202": Outcome.ACCEPTED,
        "401": Refusal.BAD_CREDENTIALS,
        "402": Refusal.NO_BALANCE,
        "422": Refusal.SENDER_OR_TEMPLATE,
        "429": Refusal.THROTTLED,
        "500": Outcome.UNKNOWN,
    }


@pytest.mark.parametrize("name", CAPTURES)
def test_the_request_is_what_the_vendors_openapi_asks_for(name: str) -> None:
    vendor_schema.assert_valid(built(name), vendor_schema.document("vonage-messages-v1.json"))


texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=300)


@settings(max_examples=60, deadline=None)
@given(text=texts, life=st.integers(-1, 10**7))
def test_any_text_and_life_gives_a_valid_request(text: str, life: int) -> None:
    request = vonage_messages.build(config(**BASIC), replace(MESSAGE, text=text, life=life))
    vendor_schema.assert_valid(request, vendor_schema.document("vonage-messages-v1.json"))


def test_the_validator_sees_a_wrong_request() -> None:
    good = vonage_messages.build(config(), MESSAGE)
    for old, new in ((b'"ttl": 600', b'"ttl": 6000000'), (b'"to": "', b'"to": "+'), (b"client_ref", b"client-ref")):
        wrong = replace(good, body=good.body.replace(old, new))
        with pytest.raises(jsonschema.ValidationError):
            vendor_schema.assert_valid(wrong, vendor_schema.document("vonage-messages-v1.json"))


@pytest.mark.parametrize(("life", "ttl"), [(1, 20), (300, 300), (10**7, 604_800)])
def test_a_message_lives_no_longer_than_its_code(life: int, ttl: int) -> None:
    assert json.loads(vonage_messages.build(config(), replace(MESSAGE, life=life)).body)["ttl"] == ttl


@pytest.mark.parametrize("typed", [BASIC, {"signature_secret": ""}])
def test_no_receipt_is_asked_for_that_could_not_be_had_or_verified(typed: dict[str, str]) -> None:
    assert b"webhook" in vonage_messages.build(config(), MESSAGE).body
    assert b"webhook" not in vonage_messages.build(config(**typed), MESSAGE).body


def test_an_application_signs_in_where_both_are_given() -> None:
    request = vonage_messages.build(config(), MESSAGE)
    header, found, _signature = parts(request.headers["Authorization"])
    assert json.loads(header) == {"alg": "RS256", "typ": "JWT"}
    assert json.loads(found) == {
        "application_id": APPLICATION,
        "iat": MESSAGE.sent_at,
        "jti": MESSAGE.nonce,
        "exp": MESSAGE.sent_at + 900,
    }


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        ({}, "https://api.nexmo.com"),
        ({"region": "api-eu"}, "https://api-eu.nexmo.com"),
        ({"base_url": "http://127.0.0.1:4010/"}, "http://127.0.0.1:4010"),
    ],
)
def test_where_it_calls(typed: dict[str, str], host: str) -> None:
    assert vonage_messages.build(config(**typed), MESSAGE).url == f"{host}/v1/messages"


# What an admin may type


@pytest.mark.parametrize("sender", ["14155550100", "12345", "Acme", "MyShop24", "abcdefghijk"])
def test_senders_that_are_right(sender: str) -> None:
    assert problems(sender=sender) == {}


@pytest.mark.parametrize("sender", ["+14155550100", "12", "My Shop", "LongerThan11", "Größe", "1234567890123456"])
def test_senders_that_are_wrong(sender: str) -> None:
    assert "without +" in problems(sender=sender)["sender"]


PUBLIC = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
WRONG_KEYS = (
    "private.key",
    PEM[:400],
    PUBLIC,
    pem(KEY, BestAvailableEncryption(b"password")),
    pem(ec.generate_private_key(ec.SECP256R1())),
    pem(rsa.generate_private_key(65537, 1024)),  # noqa: S505 - that is what must be refused
)


@pytest.mark.parametrize("key", WRONG_KEYS, ids=range(len(WRONG_KEYS)))
def test_a_private_key_that_could_not_sign_is_told(key: str) -> None:
    assert "Paste the whole file" in problems(private_key=key)["private_key"]


def test_a_private_key_may_come_with_the_line_ends_of_a_form() -> None:
    typed = PEM.replace("\n", "\r\n")
    assert problems(private_key=typed) == {}
    assert (
        vonage_messages.build(config(private_key=typed), MESSAGE).headers
        == vonage_messages.build(config(), MESSAGE).headers
    )


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"key_id": ""}, "key_id", "Fill this in"),
        ({"key_id": "abc"}, "key_id", "8 letters and digits"),
        ({"application_id": "abcd1234"}, "application_id", "five groups"),
        ({"application_id": ""}, "application_id", "both or none"),
        ({"private_key": ""}, "private_key", "both or none"),
        ({"application_id": "", "private_key": "", "api_secret": ""}, "application_id", "or the API secret"),
        ({"api_secret": "two words"}, "api_secret", "no spaces"),
        ({"signature_secret": "short"}, "signature_secret", "at least 16"),
        ({"region": "api-sa"}, "region", "one of the list"),
        ({"sender": ""}, "sender", "Fill this in"),
        ({"base_url": "http://127.0.0.1/?x=1"}, "base_url", "without ?"),
    ],
)
def test_each_mistake_is_told_at_its_field(typed: dict[str, str], field: str, words: str) -> None:
    found = problems(**typed)
    assert list(found) == [field]
    assert words in found[field]


@pytest.mark.parametrize("typed", [{"api_secret": ""}, BASIC])
def test_an_application_or_a_secret_is_enough(typed: dict[str, str]) -> None:
    assert problems(**typed) == {}


# Replies and receipts


def test_how_long_to_wait_is_passed_on() -> None:
    told = reply(429, {"type": f"{PROBLEM}1000", "detail": "words"}, **{"retry-after": "7"})
    answer = vonage_messages.read({}, told)
    assert (answer.retry_after, answer.code, answer.detail) == (7, "1000", "words")


def received(notice: Notice, **typed: str) -> Any:
    return vonage_messages.receive(config(**({"signature_secret": WEBHOOK["signature_secret"]} | typed)), notice)


def test_no_byte_of_the_captured_receipt_can_be_changed() -> None:
    for at, byte in enumerate(CAPTURED.body):
        body = CAPTURED.body[:at] + bytes([byte ^ 1]) + CAPTURED.body[at + 1 :]
        assert received(replace(CAPTURED, body=body)) is None


def test_no_character_of_the_captured_token_can_be_changed() -> None:
    bearer = CAPTURED.headers["authorization"]
    for at in range(len("Bearer "), len(bearer) - 1):  # the last one has two bits that count for nothing
        wrong = bearer[:at] + ("A" if bearer[at] != "A" else "B") + bearer[at + 1 :]
        assert received(replace(CAPTURED, headers={"authorization": wrong})) is None


@pytest.mark.parametrize(("late", "believed"), [(-301, False), (-300, True), (300, True), (301, False)])
def test_a_receipt_is_believed_for_five_minutes(late: int, believed: bool) -> None:
    assert (received(replace(CAPTURED, at=NOW + late)) is not None) is believed


@pytest.mark.parametrize(
    "changes",
    [
        {"payload_hash": ""},
        {"payload_hash": None},
        {"payload_hash": hashlib.sha256(b"another").hexdigest()},
        {"api_key": "another1"},
        {"api_key": None},
        {"iat": None},
        {"iat": "NaN"},
        {"iat": [NOW]},
        {"iat": NOW - 3600, "exp": NOW + 3600},
    ],
)
def test_a_token_that_says_something_else_is_not_believed(changes: dict[str, Any]) -> None:
    assert received(signed(CAPTURED.body, claims(CAPTURED.body))) == DELIVERED
    assert received(signed(CAPTURED.body, claims(CAPTURED.body, **changes))) is None


def test_another_algorithm_is_not_believed() -> None:
    for algorithm in ("none", "HS384", "RS256", "hs256"):
        wrong = token({"alg": algorithm}, WEBHOOK["claims"], WEBHOOK["signature_secret"])
        assert received(replace(CAPTURED, headers={"authorization": f"Bearer {wrong}"})) is None


def test_without_a_signature_secret_nothing_is_believed() -> None:
    assert received(CAPTURED, signature_secret="") is None
    assert received(replace(CAPTURED, headers={}), signature_secret="") is None
