"""Infobip: its request as its documentation shows it, refusals inside a 200, receipts in bundles."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from connectors import infobip
from connectors.contract import Refusal
from connectors.receipts import Notice, Receipt, ReceiptState, receipt
from connectors.testkit import MESSAGE, NOW, SECRET, ConnectorContract, reply

ID = "2250be2d4219-3af1-78856-aabe-1362af1edfd2"
URL = MESSAGE.receipt_url


def status(group: int, number: int) -> dict[str, Any]:
    return {"groupId": group, "groupName": "X", "id": number, "name": "X", "description": "Words"}


def answer(group: int, number: int, code: int = 200) -> Any:
    return reply(code, {"bulkId": "b", "messages": [{"messageId": ID, "status": status(group, number)}]})


def report(group: int, number: int, error: int = 0, **more: Any) -> dict[str, Any]:
    failure = {"groupId": 1, "id": error, "name": "X", "description": "Why", "permanent": True}
    return {"messageId": ID, "callbackData": "ours", "status": status(group, number), "error": failure, **more}


def notice(*reports: Any) -> Notice:
    return Notice("POST", URL, {}, json.dumps({"results": reports}).encode(), NOW)


def failed(group: int, number: int, error: int, kind: Refusal | None) -> tuple[Notice, list[Receipt]]:
    code, words = (error, "Why") if error else (number, "Words")
    found = receipt(ReceiptState.FAILED, ID, message_id="ours", refusal=kind, code=code, detail=words)
    return notice(report(group, number, error)), [found]


class TestInfobip(ConnectorContract):
    module = infobip
    typed: ClassVar = {"host": "abc123.api.infobip.com", "api_key": SECRET, "sender": "Example"}
    accepted = ((answer(1, 26), ID), (answer(1, 7), ID), (answer(3, 2), ID))
    refused = (
        (answer(5, 52), Refusal.BAD_NUMBER),
        (answer(5, 10), Refusal.BLOCKED),
        (answer(4, 87), Refusal.BLOCKED),
        (answer(5, 12), Refusal.NO_BALANCE),
        (answer(5, 20), Refusal.THROTTLED),
        (answer(5, 11), Refusal.SENDER_OR_TEMPLATE),
        (answer(5, 18), Refusal.SENDER_OR_TEMPLATE),
        (answer(5, 999), Refusal.SENDER_OR_TEMPLATE),
        (answer(5, 21), Refusal.TEMPORARY),
        (answer(2, 31), Refusal.TEMPORARY),
        (reply(401, {"errorCode": "E401", "description": "x"}), Refusal.BAD_CREDENTIALS),
        (reply(403, {"errorCode": "E403", "description": "x"}), Refusal.BAD_CREDENTIALS),
        (reply(400, {"requestError": {"serviceException": {"messageId": "BAD_REQUEST"}}}), Refusal.SENDER_OR_TEMPLATE),
        (reply(429, {"errorCode": "E429"}), Refusal.THROTTLED),
        (reply(503), Refusal.TEMPORARY),
    )
    unknown = (
        reply(500, {"errorCode": "E500"}),
        reply(504),
        reply(200),
        reply(200, b"<html>"),
        reply(200, {"messages": []}),
        reply(200, {"messages": [{"messageId": ID}]}),
        reply(200, {"messages": [{"messageId": None, "status": status(1, 26)}]}),
        answer(2, 9),
        answer(4, 15),
        answer(1, 26, 201),
        answer(5, 12, 500),
    )
    notices = (
        (notice(report(3, 2)), [receipt(ReceiptState.SENT, ID, message_id="ours")]),
        (
            notice(report(3, 5, price={"pricePerMessage": 0.01, "currency": "EUR"})),
            [receipt(ReceiptState.DELIVERED, ID, message_id="ours", price=0.01, currency="EUR")],
        ),
        failed(2, 9, 1, Refusal.BAD_NUMBER),
        failed(2, 4, 13, Refusal.BLOCKED),
        failed(5, 20, 4104, Refusal.THROTTLED),
        failed(4, 15, 27, Refusal.TEMPORARY),
        failed(5, 12, 0, Refusal.NO_BALANCE),
        failed(5, 11, 5000, Refusal.SENDER_OR_TEMPLATE),
        failed(2, 9, 5000, None),
        (notice(report(4, 29)), []),
        (notice(report(1, 7)), []),
        (notice(), []),
        (notice(None, report(3, 5)), [receipt(ReceiptState.DELIVERED, ID, message_id="ours")]),
    )


config, problems = TestInfobip().config, TestInfobip().problems


def test_the_request_is_the_one_that_infobip_documents() -> None:
    request = infobip.build(config(), MESSAGE)
    assert (request.method, request.url) == ("POST", "https://abc123.api.infobip.com/sms/3/messages")
    assert request.headers["Authorization"] == f"App {SECRET}"
    assert request.headers["Content-Type"] == request.headers["Accept"] == "application/json"
    assert json.loads(request.body) == {
        "messages": [
            {
                "sender": "Example",
                "destinations": [{"to": "14155552671"}],
                "content": {"text": "Your code is 482913"},
                "options": {"validityPeriod": {"amount": 600, "timeUnit": "SECONDS"}},
                "webhooks": {
                    "delivery": {"url": URL},
                    "contentType": "application/json",
                    "callbackData": MESSAGE.id,
                },
            }
        ]
    }


@pytest.mark.parametrize(("life", "amount"), [(-1, 1), (300, 300), (10**6, 172_800)])
def test_a_message_lives_no_longer_than_its_code(life: int, amount: int) -> None:
    body = json.loads(infobip.build(config(), replace(MESSAGE, life=life)).body)
    assert body["messages"][0]["options"]["validityPeriod"]["amount"] == amount


def test_no_receipts_are_asked_for_where_infobip_cannot_reach_us() -> None:
    assert b"webhooks" not in infobip.build(config(), replace(MESSAGE, receipt_url="")).body


def test_a_number_as_sender_loses_its_plus() -> None:
    assert b'"sender": "15005550006"' in infobip.build(config(sender="+15005550006"), MESSAGE).body


def test_a_bundle_of_reports_is_read_one_by_one() -> None:
    found = infobip.receive(config(), notice(report(3, 2), report(1, 7), report(3, 5)))
    assert [each.state for each in found or ()] == [ReceiptState.SENT, ReceiptState.DELIVERED]


# What an admin may type


@pytest.mark.parametrize("host", ["abc123.api.infobip.com", "api.infobip.com", "api2.infobip.com"])
def test_hosts_that_are_right(host: str) -> None:
    assert problems(host=host) == {}
    assert infobip.build(config(host=host), MESSAGE).url == f"https://{host}/sms/3/messages"


def test_another_address_is_called_where_there_is_one() -> None:
    request = infobip.build(config(base_url="http://127.0.0.1:4010/mock/"), MESSAGE)
    assert request.url == "http://127.0.0.1:4010/mock/sms/3/messages"


@pytest.mark.parametrize("sender", ["+15005550006", "12345", "Example", "My Shop 1"])
def test_senders_that_are_right(sender: str) -> None:
    assert problems(sender=sender) == {}


@pytest.mark.parametrize("sender", ["15005550006", "+0123456789", "12", "LongerThan11", "Größe", "a-b", "+"])
def test_senders_that_are_wrong(sender: str) -> None:
    assert "up to 11 letters, digits and spaces" in problems(sender=sender)["sender"]


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"host": ""}, "host", "Fill this in"),
        ({"host": "https://abc123.api.infobip.com"}, "host", "without https://"),
        ({"host": "abc123.api.infobip.com.evil.example"}, "host", "abc123.api.infobip.com"),
        ({"host": "evil.example"}, "host", "abc123.api.infobip.com"),
        ({"api_key": ""}, "api_key", "Fill this in"),
        ({"api_key": "two words"}, "api_key", "no spaces"),
        ({"sender": ""}, "sender", "Fill this in"),
        ({"base_url": "http://127.0.0.1/?x=1"}, "base_url", "without ?"),
    ],
)
def test_each_mistake_is_told_at_its_field(typed: dict[str, str], field: str, words: str) -> None:
    found = problems(**typed)
    assert list(found) == [field]
    assert words in found[field]
