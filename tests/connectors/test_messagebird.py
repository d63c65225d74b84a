"""MessageBird: our request against that of its own library, the tokens of its library's tests, its replies."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlencode

import pytest

from connectors import messagebird
from connectors.contract import Message, Refusal
from connectors.receipts import Notice, Receipt, ReceiptState, receipt
from connectors.testkit import MESSAGE, NOW, SECRET, ConnectorContract, reply

SEND = json.loads((Path(__file__).parent / "captures" / "messagebird_send.json").read_text())
ID = "e8077d803532c0b5937c639b60216938"
URL = MESSAGE.receipt_url

# From the vectors of github.com/messagebird/go-rest-api, signature_jwt/testdata/reference.json; received at this time.
VENDORS_KEY = "36efdd1aace2e26cd490f0d951138253bef2f7c6d34d18981da781555cc4cebb"
VENDORS_TIME = 1_625_479_200
HEADER = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
WITHOUT_BODY = (
    f"{HEADER}.eyJpc3MiOiJNZXNzYWdlQmlyZCIsIm5iZiI6MTYyNTQ3OTIwMCwiZXhwIjoxNjI1NDc5MjYwLCJqdGkiOiJjOTQ2YWY3Ny1lMTgyLT"
    "RlYWEtYjJmZi0xYTU0NWI1ZTk5MWEiLCJ1cmxfaGFzaCI6IjQxZjA1ZjBkZGQwYTIyYWIyMDlhYzQ2ZjQ3YzQ1NzJkOWNlZmEyNTdlZDc0YjI0MDA"
    "0YmFlNzUzZWNlNmMyNjAifQ.huo2ou6JDoDc7sV25d75UMWeYhBeavQlLsqIibSZuac"
)
WITH_BODY = (
    f"{HEADER}.eyJpc3MiOiJNZXNzYWdlQmlyZCIsIm5iZiI6MTYyNTQ3OTIwMCwiZXhwIjoxNjI1NDc5MjYwLCJqdGkiOiI5M2U1NTAwNi1hMGU4LT"
    "Q1MjYtYTE5MC1mYTVmZjAwZWExMTYiLCJ1cmxfaGFzaCI6IjQxZjA1ZjBkZGQwYTIyYWIyMDlhYzQ2ZjQ3YzQ1NzJkOWNlZmEyNTdlZDc0YjI0MDA"
    "0YmFlNzUzZWNlNmMyNjAiLCJwYXlsb2FkX2hhc2giOiJkZmZkNjAyMWJiMmJkNWIwYWY2NzYyOTA4MDllYzNhNTMxOTFkZDgxYzdmNzBhNGIyODY4"
    "OGEzNjIxODI5ODZmIn0._H--TOuYFLpeEH39-rg5E3IHVkjHozBcaKVWPRC5m9I"
)


def error(code: int, parameter: str | None = None, status: int = 422) -> Any:
    return reply(status, {"errors": [{"code": code, "description": "Words", "parameter": parameter}]})


def part(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def token(key: str, url: str, *, alg: str = "HS256", **claims: Any) -> str:
    """As MessageBird makes it."""
    url_hash = hashlib.sha256(url.encode()).hexdigest()
    payload = {"iss": "MessageBird", "nbf": NOW, "exp": NOW + 60, "jti": "1", "url_hash": url_hash} | claims
    signed = f"{part({'alg': alg, 'typ': 'JWT'})}.{part(payload)}"
    return f"{signed}.{part(hmac.new(key.encode(), signed.encode(), hashlib.sha256).digest())}"


def notice(key: str = SECRET, claims: dict[str, Any] | None = None, **report: str) -> Notice:
    url = f"{URL}?{urlencode({'id': ID, 'reference': 'ours', **report})}"
    return Notice("GET", url, {"messagebird-signature-jwt": token(key, url, **claims or {})}, b"", NOW)


def failed(code: str, kind: Refusal | None) -> tuple[Notice, list[Receipt]]:
    sample = notice(status="delivery_failed", statusErrorCode=code, statusReason="Why")
    return sample, [receipt(ReceiptState.FAILED, ID, message_id="ours", refusal=kind, code=code, detail="Why")]


class TestMessageBird(ConnectorContract):
    module = messagebird
    typed: ClassVar = {"access_key": SECRET, "sender": "Example", "signing_key": SECRET}
    accepted = ((reply(201, SEND["response_served"]["body"]), ID),)
    refused = (
        (error(2, "access_key", 401), Refusal.BAD_CREDENTIALS),
        (error(25), Refusal.NO_BALANCE),
        (error(9, "recipients"), Refusal.BAD_NUMBER),
        (error(10, "recipient"), Refusal.BAD_NUMBER),
        (error(10, "originator"), Refusal.SENDER_OR_TEMPLATE),
        (error(9, "body"), Refusal.SENDER_OR_TEMPLATE),
        (error(98, None, 404), Refusal.SENDER_OR_TEMPLATE),
        (error(777), Refusal.SENDER_OR_TEMPLATE),
        (reply(401), Refusal.BAD_CREDENTIALS),
        (reply(429), Refusal.THROTTLED),
        (reply(503), Refusal.TEMPORARY),
    )
    unknown = (
        error(99, None, 500),
        error(25, None, 500),
        reply(504),
        reply(201),
        reply(201, b"<html>"),
        reply(201, {"id": None}),
        reply(200, {"id": ID}),
    )
    signs_receipts = True
    notices = (
        (notice(status="sent"), [receipt(ReceiptState.SENT, ID, message_id="ours")]),
        (
            notice(status="delivered", **{"price[amount]": "0.05", "price[currency]": "EUR"}),
            [receipt(ReceiptState.DELIVERED, ID, message_id="ours", price="0.05", currency="EUR")],
        ),
        (notice(status="expired"), [receipt(ReceiptState.FAILED, ID, message_id="ours")]),
        failed("1", Refusal.BAD_NUMBER),
        failed("13", Refusal.BLOCKED),
        failed("27", Refusal.TEMPORARY),
        failed("104", None),
        (notice(status="buffered"), []),
    )


config, problems = TestMessageBird().config, TestMessageBird().problems


def built(**changes: Any) -> dict[str, Any]:
    return dict(json.loads(messagebird.build(config(), replace(MESSAGE, **changes)).body))


def test_the_request_is_that_of_messagebirds_library_with_its_life_and_encoding() -> None:
    inputs, theirs = SEND["inputs"], SEND["request"]
    message = Message(inputs["params"]["reference"], inputs["recipients"], inputs["body"], "sign_in", "en", 600)
    ours = messagebird.build(config(access_key=inputs["access_key"], sender=inputs["originator"]), message)
    assert (ours.method, ours.url) == (theirs["method"], theirs["url"])
    for header in ("Authorization", "Content-Type", "Accept"):
        assert ours.headers[header] == theirs["headers"][header]
    assert json.loads(ours.body) == theirs["body_parsed"] | {"validity": 600, "datacoding": "plain"}


@pytest.mark.parametrize(("text", "coding"), [("Code 1 €", "plain"), ("Код 1", "unicode"), ("‘1’", "unicode")])
def test_the_encoding_is_that_of_the_text(text: str, coding: str) -> None:
    assert built(text=text)["datacoding"] == coding


def test_a_message_lives_no_longer_than_its_code() -> None:
    assert (built(life=300)["validity"], built(life=-1)["validity"]) == (300, 1)


def test_a_number_as_sender_loses_its_plus() -> None:
    body = messagebird.build(config(sender="+15005550006"), MESSAGE).body
    assert json.loads(body)["originator"] == "15005550006"


def test_receipts_are_asked_for_where_messagebird_can_reach_us() -> None:
    assert built()["reportUrl"] == URL
    assert "reportUrl" not in built(receipt_url="")


# Receipts


def vendors(jwt: str, body: bytes = b"", query: str = "bar=1&foo=2", at: int = VENDORS_TIME) -> Notice:
    url = f"https://example.com/path?{query}"
    return Notice("POST", url, {"messagebird-signature-jwt": jwt}, body, at)


def is_believed(sample: Notice, key: str = VENDORS_KEY) -> bool:
    return messagebird.receive(config(signing_key=key), sample) is not None


def test_the_tokens_of_the_vendors_library_are_believed() -> None:
    assert is_believed(vendors(WITHOUT_BODY))
    assert is_believed(vendors(WITH_BODY, b"Hello, World!"))


@pytest.mark.parametrize(
    "sample",
    [
        vendors(WITHOUT_BODY, query="foo=2&bar=1"),
        vendors(WITHOUT_BODY, b"Hello, World!"),
        vendors(WITH_BODY),
        vendors(WITH_BODY, b"Hello, World?"),
        vendors(WITHOUT_BODY, at=VENDORS_TIME + 301),
        vendors(WITHOUT_BODY, at=VENDORS_TIME - 301),
        vendors(""),
        vendors("a.b.c"),
        vendors(f"{part({'alg': 'none'})}.{WITHOUT_BODY.split('.')[1]}."),
    ],
)
def test_the_tokens_of_something_else_are_not_believed(sample: Notice) -> None:
    assert not is_believed(sample)


def test_another_key_algorithm_or_issuer_is_not_believed() -> None:
    assert is_believed(notice(status="sent"), SECRET)
    assert not is_believed(notice("other", status="sent"), SECRET)
    assert not is_believed(notice(claims={"alg": "HS512"}, status="sent"), SECRET)
    assert not is_believed(notice(claims={"iss": "Other"}, status="sent"), SECRET)


def test_without_a_key_the_address_is_the_proof() -> None:
    unsigned = replace(notice(status="sent"), headers={})
    expected = [receipt(ReceiptState.SENT, ID, message_id="ours")]
    assert messagebird.receive(config(signing_key=""), unsigned) == expected


# What an admin may type


@pytest.mark.parametrize(
    ("typed", "address"),
    [({}, "https://rest.messagebird.com"), ({"base_url": "http://127.0.0.1:4010/mock/"}, "http://127.0.0.1:4010/mock")],
)
def test_where_it_calls(typed: dict[str, str], address: str) -> None:
    assert messagebird.build(config(**typed), MESSAGE).url == f"{address}/messages"


@pytest.mark.parametrize("sender", ["+15005550006", "12345", "Example", "My Shop 1"])
def test_senders_that_are_right(sender: str) -> None:
    assert problems(sender=sender) == {}


@pytest.mark.parametrize("sender", ["15005550006", "+0123456789", "12", "LongerThan11", "Größe", "a-b", "+"])
def test_senders_that_are_wrong(sender: str) -> None:
    assert "up to 11 letters, digits and spaces" in problems(sender=sender)["sender"]


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"access_key": ""}, "access_key", "Fill this in"),
        ({"access_key": "two words"}, "access_key", "no spaces"),
        ({"sender": ""}, "sender", "Fill this in"),
        ({"signing_key": "two words"}, "signing_key", "no spaces"),
        ({"base_url": "http://127.0.0.1/?x=1"}, "base_url", "without ?"),
    ],
)
def test_each_mistake_is_told_at_its_field(typed: dict[str, str], field: str, words: str) -> None:
    found = problems(**typed)
    assert list(found) == [field]
    assert words in found[field]
