"""Vonage SMS: our requests against those of its own libraries and its OpenAPI document, its replies against ours."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import vonage_sms
from connectors.contract import Message, Outcome, Refusal, Reply, Request
from connectors.receipts import Notice, ReceiptState, receipt
from connectors.testkit import MESSAGE, NOW, SECRET, ConnectorContract, reply
from tests.connectors import vendor_schema

FOLDER = Path(__file__).parent / "captures"
CAPTURES = {
    path.stem: json.loads(path.read_text()) for path in FOLDER.glob("vonage*_sms_*.json") if "messages" not in path.stem
}
SIGNED = [name for name in CAPTURES if "_signed_" in name]
BASIC = ["vonage_sms_basic", "vonage_sms_basic_full", "vonage_sms_error_status4_http200"]
SIGNED_NOTICES = json.loads((FOLDER / "webhook_vonage.json").read_text())["sms_api_dlr_sig"]
SIGNATURE_SECRET = "signature-secret-0123456789abcdef"
URL = "https://id.example/receipts/vonage_sms/s3cr3t-path"
ID = "0A0000001234567B"
DELIVERED = receipt(ReceiptState.DELIVERED, ID, message_id="a=b&c", price="0.0333")
METHODS = {"HMAC-md5": "md5", "HMAC-sha1": "sha1", "HMAC-sha256": "sha256", "HMAC-sha512": "sha512"}


def unsigned(body: dict[str, Any], **changes: Any) -> Notice:
    return Notice("POST", URL, {"content-type": "application/json"}, json.dumps(body | changes).encode(), NOW)


SENT = {"messageId": ID, "status": "accepted", "err-code": "0", "client-ref": "0192f3c4", "price": "0.03330000"}


def part(status: str, **values: str) -> dict[str, str]:
    return {"to": "14155552671", "status": status, "error-text": "words"} | values


def parts(*them: dict[str, str]) -> Reply:
    return reply(200, {"message-count": str(len(them)), "messages": them})


GOOD = {"to": "14155552671", "message-id": "m1", "status": "0", "message-price": "0.03330000", "network": "1"}


class TestVonageSms(ConnectorContract):
    module = vonage_sms
    typed: ClassVar = {"key_id": "abcd1234", "api_secret": SECRET, "sender": "Acme"}
    accepted = ((parts(GOOD), "m1"), (parts(GOOD, {**GOOD, "message-id": "m2"}), "m1"))
    refused = (
        (parts(part("1")), Refusal.THROTTLED),
        (parts(part("2")), Refusal.SENDER_OR_TEMPLATE),
        (parts(part("4")), Refusal.BAD_CREDENTIALS),
        (parts(part("6")), Refusal.BAD_NUMBER),
        (parts(part("7")), Refusal.BLOCKED),
        (parts(part("9")), Refusal.NO_BALANCE),
        (parts(part("13")), Refusal.TEMPORARY),
        (parts(part("14")), Refusal.BAD_CREDENTIALS),
        (parts(part("15")), Refusal.SENDER_OR_TEMPLATE),
        (parts(part("29")), Refusal.SENDER_OR_TEMPLATE),
        (parts(part("33")), Refusal.BAD_NUMBER),
        (parts(part("9"), part("9")), Refusal.NO_BALANCE),
        (reply(401, b""), Refusal.BAD_CREDENTIALS),
        (reply(429, b""), Refusal.THROTTLED),
    )
    unknown = (
        parts(part("5")),
        parts(GOOD, part("5")),
        parts(GOOD, part("9")),
        parts(part("9"), part("5")),
        parts(part("99")),
        parts({"status": "0"}),
        parts(),
        reply(200),
        reply(200, {"messages": "0"}),
        reply(200, {"messages": ["0"]}),
        reply(500, b"<html>"),
        reply(502, {"messages": [GOOD]}),
        reply(202, {"messages": [GOOD]}),
    )
    notices = (
        (unsigned(SENT), [receipt(ReceiptState.SENT, ID, message_id="0192f3c4", price="0.0333")]),
        (unsigned(SENT, status="buffered"), [receipt(ReceiptState.SENT, ID, message_id="0192f3c4", price="0.0333")]),
        (
            unsigned({"messageId": ID, "status": "failed", "err-code": "9"}),
            [receipt(ReceiptState.FAILED, ID, refusal=Refusal.BLOCKED, code="9")],
        ),
        (
            unsigned({"messageId": ID, "status": "rejected", "err-code": 3}),
            [receipt(ReceiptState.FAILED, ID, refusal=Refusal.BAD_NUMBER, code="3")],
        ),
        (unsigned({"messageId": ID, "status": "expired"}), [receipt(ReceiptState.FAILED, ID)]),
        (unsigned({"messageId": ID, "status": "unknown", "err-code": "1"}), []),
        (Notice("GET", f"{URL}?messageId={ID}&status=delivered", at=NOW), [receipt(ReceiptState.DELIVERED, ID)]),
        (
            Notice("POST", URL, {}, f"messageId={ID}&status=delivered&price=0.03".encode(), NOW),
            [receipt(ReceiptState.DELIVERED, ID, price="0.03")],
        ),
    )


config, problems = TestVonageSms().config, TestVonageSms().problems


def built(name: str) -> Request:
    """Our request for what the library was given."""
    capture = CAPTURES[name]
    inputs, sent = capture["inputs"], dict(capture["request"]["body_parsed"])
    typed = {"api_secret": inputs.get("api_secret", "secret")}
    if "signature_secret" in inputs:
        method = inputs["signature_method"] or "md5hash"
        typed = {"api_secret": "", "signature_secret": inputs["signature_secret"], "signature_method": method}
    text = sent["text"] + ("\u4f60" if sent.get("type") == "unicode" else "")
    life, reference = int(sent.get("ttl", 600_000)) // 1000, sent.get("client-ref", "1")
    to, callback, at = f"+{sent['to']}", sent.get("callback", ""), capture["frozen"].get("time", 0)
    message = Message(reference, to, text, "sign_in", "en", life, receipt_url=callback, sent_at=at)
    return vonage_sms.build(config(sender=sent["from"], **typed), message)


# The request


def test_every_capture_is_compared() -> None:
    assert CAPTURES.keys() == {*SIGNED, *BASIC, "vonage3_sms_key_secret_in_body"}
    assert len(SIGNED) == 5


@pytest.mark.parametrize("name", [*SIGNED, *BASIC])
def test_the_request_is_that_of_vonages_libraries(name: str) -> None:
    """Left out: status-report-req, which is on; added: our id and how long the code is good."""
    ours, theirs = built(name), CAPTURES[name]["request"]
    assert (ours.method, ours.url) == (theirs["method"], theirs["url"])
    for header in ("Authorization", "Content-Type", "Accept"):
        assert ours.headers.get(header) == theirs["headers"].get(header)
    sent, wanted = dict(parse_qsl(ours.body.decode())), dict(theirs["body_parsed"])
    added = {"client-ref", "ttl"} - wanted.keys()
    assert sent.keys() - added == wanted.keys() - {"status-report-req"}
    differing = {"sig"} | ({"text"} if "type" in wanted else set())
    assert all(sent[name] == wanted[name] for name in sent.keys() - added - differing)
    assert [name for name in sent if name in wanted and name not in ("ttl", "type")] == [
        name for name in wanted if name in sent and name not in ("ttl", "type")
    ]


@pytest.mark.parametrize("name", SIGNED)
def test_the_signature_is_that_of_vonages_library(name: str) -> None:
    capture = CAPTURES[name]
    secret, method = capture["inputs"]["signature_secret"], capture["inputs"]["signature_method"] or "md5hash"
    theirs = dict(capture["request"]["body_parsed"])
    assert vonage_sms.signature(secret, method, theirs) == theirs["sig"] == capture["checks"]["documented"]
    ours = dict(parse_qsl(built(name).body.decode()))
    assert list(ours)[-1] == "sig"
    assert ours["sig"] == vonage_sms.signature(secret, method, ours)


def test_a_body_of_the_librarys_parameters_is_its_own_byte_for_byte() -> None:
    for name in SIGNED:
        body = CAPTURES[name]["request"]["body_raw"]
        pairs = dict(parse_qsl(body))
        inputs = CAPTURES[name]["inputs"]
        pairs["sig"] = vonage_sms.signature(inputs["signature_secret"], inputs["signature_method"] or "md5hash", pairs)
        assert urlencode(pairs) == body


def test_no_proof_is_sent_beside_the_signature() -> None:
    request = vonage_sms.build(config(signature_secret=SIGNATURE_SECRET), MESSAGE)
    assert "Authorization" not in request.headers
    assert SECRET.encode() not in request.body
    assert SIGNATURE_SECRET.encode() not in request.body


def test_signs_at_equals_and_ampersands_are_replaced_before_signing() -> None:
    pairs = {"a": "1&2=3", "b": "4"}
    assert vonage_sms.signature("s", "sha256", pairs) == vonage_sms.signature("s", "sha256", pairs | {"a": "1_2_3"})


@pytest.mark.parametrize("name", [*SIGNED, *BASIC])
def test_the_request_is_what_the_vendors_openapi_asks_for(name: str) -> None:
    vendor_schema.assert_valid(built(name), vendor_schema.document("vonage-sms-current.json"))


texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=300)


@settings(max_examples=60, deadline=None)
@given(text=texts, life=st.integers(-1, 10**7), method=st.sampled_from(["", "md5hash", "sha512"]))
def test_any_text_and_life_gives_a_valid_request(text: str, life: int, method: str) -> None:
    typed = {"signature_secret": SIGNATURE_SECRET, "signature_method": method} if method else {}
    request = vonage_sms.build(config(**typed), replace(MESSAGE, text=text, life=life))
    vendor_schema.assert_valid(request, vendor_schema.document("vonage-sms-current.json"))


def test_the_validator_sees_a_wrong_request() -> None:
    good = vonage_sms.build(config(), MESSAGE)
    for old, new in ((b"ttl=600000", b"ttl=600"), (b"to=", b"to=%2B"), (b"client-ref", b"client_ref")):
        wrong = replace(good, body=good.body.replace(old, new))
        with pytest.raises(jsonschema.ValidationError):
            vendor_schema.assert_valid(wrong, vendor_schema.document("vonage-sms-current.json"))


def sent(**changes: Any) -> dict[str, str]:
    return dict(parse_qsl(vonage_sms.build(config(), replace(MESSAGE, **changes)).body.decode()))


@pytest.mark.parametrize(("text", "kind"), [("Code: 1 {€}", None), ("Kód: 1", "unicode"), ("验证码 1", "unicode")])
def test_the_provider_is_told_what_gsm_7_lacks(text: str, kind: str | None) -> None:
    assert sent(text=text).get("type") == kind


@pytest.mark.parametrize(("life", "ttl"), [(1, "20000"), (300, "300000"), (10**7, "604800000")])
def test_a_message_lives_no_longer_than_its_code(life: int, ttl: str) -> None:
    assert sent(life=life)["ttl"] == ttl


def test_an_address_that_vonage_would_refuse_is_left_out() -> None:
    assert sent()["callback"] == MESSAGE.receipt_url
    assert "callback" not in sent(receipt_url="https://id.example/" + "x" * 82)
    assert "callback" not in sent(receipt_url="")


def test_where_it_calls() -> None:
    assert vonage_sms.build(config(), MESSAGE).url == "https://rest.nexmo.com/sms/json"
    assert vonage_sms.build(config(base_url="http://127.0.0.1:4010/"), MESSAGE).url == "http://127.0.0.1:4010/sms/json"


# What an admin may type


@pytest.mark.parametrize("sender", ["14155550100", "12345", "Acme", "MyShop24", "abcdefghijk", "447700900000123"])
def test_senders_that_are_right(sender: str) -> None:
    assert problems(sender=sender) == {}


@pytest.mark.parametrize("sender", ["+14155550100", "12", "My Shop", "LongerThan11", "Größe", "1234567890123456"])
def test_senders_that_are_wrong(sender: str) -> None:
    assert "without +" in problems(sender=sender)["sender"]


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"key_id": ""}, "key_id", "Fill this in"),
        ({"key_id": "abc"}, "key_id", "8 letters and digits"),
        ({"api_secret": ""}, "api_secret", "API secret or the signature secret"),
        ({"api_secret": "two words"}, "api_secret", "no spaces"),
        ({"signature_secret": "two words"}, "signature_secret", "no spaces"),
        ({"signature_method": "sha3"}, "signature_method", "one of the list"),
        ({"sender": ""}, "sender", "Fill this in"),
        ({"base_url": "http://127.0.0.1/?x=1"}, "base_url", "without ?"),
    ],
)
def test_each_mistake_is_told_at_its_field(typed: dict[str, str], field: str, words: str) -> None:
    found = problems(**typed)
    assert list(found) == [field]
    assert words in found[field]


def test_a_signature_secret_is_enough() -> None:
    assert problems(api_secret="", signature_secret=SIGNATURE_SECRET) == {}


# Replies


@pytest.mark.parametrize("name", CAPTURES)
def test_the_captured_reply_is_understood(name: str) -> None:
    served = CAPTURES[name]["response_served"]
    answer = vonage_sms.read({}, reply(served["status"], served["body"]))
    first = served["body"]["messages"][0]
    if first["status"] == "0":
        assert (answer.outcome, answer.provider_id) == (Outcome.ACCEPTED, first["message-id"])
        assert answer.price == 0.0333
    else:
        assert (answer.refusal, answer.code, answer.detail) == (Refusal.BAD_CREDENTIALS, "4", "Bad Credentials")


def test_the_vendors_own_examples_are_understood() -> None:
    examples = vendor_schema.document("vonage-sms-current.json")["paths"]["/sms/{format}"]["post"]["responses"]["200"]
    found = {
        name: vonage_sms.read({}, reply(200, example["value"]))
        for name, example in examples["content"]["application/json"]["examples"].items()
    }
    assert {name: answer.refusal or answer.outcome for name, answer in found.items()} == {
        "success": Outcome.ACCEPTED,
        "throttled": Refusal.THROTTLED,
        "credentials": Refusal.BAD_CREDENTIALS,
        "internal": Outcome.UNKNOWN,
        "balance": Refusal.NO_BALANCE,
        "badsignature": Refusal.BAD_CREDENTIALS,
        "partial": Outcome.UNKNOWN,
    }


def test_the_price_is_that_of_all_parts() -> None:
    assert vonage_sms.read({}, parts(GOOD, GOOD)).price == pytest.approx(0.0666)
    assert vonage_sms.read({}, parts(GOOD, {**GOOD, "message-price": "?"})).price is None


# Receipts that are signed


def signed_notice(name: str, way: str, **changes: str) -> Notice:
    found = SIGNED_NOTICES[name]["params"] | changes
    if way == "GET":
        return Notice("GET", f"{URL}?{urlencode(found)}", at=NOW)
    body = json.dumps(found) if way == "JSON" else urlencode(found)
    return Notice("POST", URL, {}, body.encode(), NOW)


def received(name: str, notice: Notice) -> Any:
    method = METHODS.get(name, "md5hash")
    return vonage_sms.receive(config(signature_secret=SIGNATURE_SECRET, signature_method=method), notice)


@pytest.mark.parametrize("way", ["GET", "POST", "JSON"])
@pytest.mark.parametrize("name", SIGNED_NOTICES)
def test_a_signed_receipt_is_believed(name: str, way: str) -> None:
    notice = signed_notice(name, way)
    assert received(name, notice) == [DELIVERED]
    lower = SIGNED_NOTICES[name]["params"]["sig"].lower()
    assert received(name, signed_notice(name, way, sig=lower)) == [DELIVERED]


@pytest.mark.parametrize("way", ["GET", "POST", "JSON"])
@pytest.mark.parametrize("name", SIGNED_NOTICES)
def test_a_signed_receipt_that_was_changed_is_not(name: str, way: str) -> None:
    for field, value in SIGNED_NOTICES[name]["params"].items():
        wrong = value[:-1] + chr(ord(value[-1]) ^ 1)
        assert received(name, signed_notice(name, way, **{field: wrong})) is None, field
    assert received(name, signed_notice(name, way, more="1")) is None
    assert received(name, signed_notice(name, way, sig="")) is None
    other = next(each for each in SIGNED_NOTICES if each != name)
    assert received(other, signed_notice(name, way)) is None


def test_no_byte_of_a_signed_form_can_be_changed() -> None:
    notice = signed_notice("HMAC-sha256", "POST")
    for at, byte in enumerate(notice.body):
        changed = notice.body[:at] + bytes([byte ^ 1]) + notice.body[at + 1 :]
        assert received("HMAC-sha256", replace(notice, body=changed)) is None, notice.body[at:]


@pytest.mark.parametrize(("late", "believed"), [(-301, False), (-300, True), (300, True), (301, False)])
def test_a_signed_receipt_is_believed_for_five_minutes(late: int, believed: bool) -> None:
    notice = replace(signed_notice("HMAC-sha256", "POST"), at=NOW + late)
    assert (received("HMAC-sha256", notice) is not None) is believed


def test_a_receipt_that_is_not_signed_is_not_believed_where_a_signature_is_set() -> None:
    for notice, _receipts in TestVonageSms.notices:
        assert received("HMAC-sha256", notice) is None
    assert received("HMAC-sha256", unsigned({"status": "delivered", "messageId": "\ud800", "sig": "\ud800"})) is None
