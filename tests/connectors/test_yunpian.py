"""Yunpian: our requests against the vendor's description, its replies and receipts."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import parse_qsl, quote_plus, urlencode

import pytest

from connectors import yunpian
from connectors.contract import Message, Refusal, Request
from connectors.receipts import Notice, ReceiptState, receipt
from connectors.testkit import MESSAGE, NOW, SECRET, ConnectorContract, reply

CHINESE = replace(MESSAGE, to="+8613800138000", country="CN")
# The vendor's own examples, with the number's uid filled in.
SENT = {
    "code": 0,
    "msg": "发送成功",
    "count": 1,
    "fee": 0.05,
    "unit": "RMB",
    "mobile": "13200000000",
    "sid": 3310228982,
}
DELIVERED = {
    "error_detail": "接收成功",
    "sid": 9527,
    "uid": "0192f3c4",
    "user_receive_time": "2014-03-17 22:55:21",
    "error_msg": "",
    "mobile": "+93701234567",
    "report_status": "SUCCESS",
}
FAILED = {
    "error_detail": "错误号码,不扣费",
    "sid": 9528,
    "uid": None,
    "user_receive_time": "2014-03-17 22:55:23",
    "error_msg": "YP:54",
    "mobile": "+93701234566",
    "report_status": "FAIL",
}
WORDS = json.dumps([DELIVERED, FAILED, {"report_status": "ON ITS WAY", "sid": 1}, "text"], ensure_ascii=False)


def no(code: int, detail: str = "words", status: int = 400) -> Any:
    return reply(status, {"http_status_code": 400, "code": code, "msg": "msg", "detail": detail})


def notice(sms_status: str) -> Notice:
    body = urlencode({"sms_status": sms_status}).encode()
    return Notice("POST", MESSAGE.receipt_url, {"content-type": "application/x-www-form-urlencoded"}, body, NOW)


RECEIPTS = [
    receipt(ReceiptState.DELIVERED, "9527", message_id="0192f3c4"),
    receipt(ReceiptState.FAILED, "9528", refusal=Refusal.BAD_NUMBER, code="YP:54", detail="错误号码,不扣费"),
]


class TestYunpian(ConnectorContract):
    module = yunpian
    typed: ClassVar = {"api_key": SECRET, "sign_name": "云片网"}
    accepted = ((reply(200, SENT), "3310228982"),)
    refused = (
        (no(-1), Refusal.BAD_CREDENTIALS),
        (no(-3), Refusal.BAD_CREDENTIALS),
        (no(-5), Refusal.THROTTLED),
        (no(8), Refusal.THROTTLED),
        (no(22), Refusal.THROTTLED),
        (no(43), Refusal.THROTTLED),
        (no(3), Refusal.NO_BALANCE),
        (no(10), Refusal.BLOCKED),
        (no(2, "参数 mobile 格式不正确，mobile:189194884497"), Refusal.BAD_NUMBER),
        (no(2, "参数 text 格式不正确"), Refusal.SENDER_OR_TEMPLATE),
        (no(5), Refusal.SENDER_OR_TEMPLATE),
        (no(15), Refusal.SENDER_OR_TEMPLATE),
        (no(20), Refusal.SENDER_OR_TEMPLATE),
        (no(99), Refusal.SENDER_OR_TEMPLATE),
        (no(3, status=200), Refusal.NO_BALANCE),
        (reply(401), Refusal.BAD_CREDENTIALS),
        (reply(503), Refusal.TEMPORARY),
    )
    unknown = (
        no(-50),
        no(-51),
        no(-53),
        no(99, status=200),
        reply(200, {"code": 0}),
        reply(200, {"sid": 3310228982}),
        reply(200, SENT | {"code": False}),
        reply(200, SENT | {"sid": None}),
        reply(500, SENT),
        reply(502),
    )
    notices = (
        (notice(WORDS), RECEIPTS),
        (notice(quote_plus(WORDS)), RECEIPTS),
        (
            notice(json.dumps([FAILED | {"error_msg": "DB:0103", "error_detail": None}])),
            [receipt(ReceiptState.FAILED, "9528", code="DB:0103")],
        ),
    )


config, problems = TestYunpian().config, TestYunpian().problems


def parameters(request: Request) -> dict[str, str]:
    return dict(parse_qsl(request.body.decode("ascii"), strict_parsing=True))


@pytest.mark.parametrize(
    ("message", "number"),
    [
        (CHINESE, "13800138000"),
        (MESSAGE, "+14155552671"),
        (replace(MESSAGE, to="+85221234567", country="HK"), "+85221234567"),
        (replace(MESSAGE, country=""), "+14155552671"),
    ],
)
def test_the_country_decides_how_the_number_is_spelled(message: Message, number: str) -> None:
    request = yunpian.build(config(), message)
    assert (request.method, request.url) == ("POST", "https://sms.yunpian.com/v2/sms/single_send.json")
    assert request.headers == {
        "Content-Type": "application/x-www-form-urlencoded;charset=utf-8",
        "Accept": "application/json;charset=utf-8",
    }
    assert parameters(request) == {
        "apikey": SECRET,
        "mobile": number,
        "text": "【云片网】Your code is 482913",
        "uid": "0192f3c4",
        "callback_url": "https://id.example/receipts/example/s3cr3t-path",
    }


def test_without_a_public_address_no_receipts_are_asked_for() -> None:
    assert "callback_url" not in parameters(yunpian.build(config(), replace(MESSAGE, receipt_url="")))


def test_the_price_is_kept() -> None:
    answer = yunpian.read({}, reply(200, SENT))
    assert (answer.price, answer.currency) == (0.05, "CNY")
    assert yunpian.read({}, reply(200, SENT | {"unit": "USD"})).currency == "USD"


def test_a_text_is_signed_once() -> None:
    assert parameters(yunpian.build(config(), replace(MESSAGE, text="【Other】x")))["text"] == "【Other】x"
    assert parameters(yunpian.build(config(sign_name=""), MESSAGE))["text"] == MESSAGE.text


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ({"host": "us.yunpian.com"}, "https://us.yunpian.com/v2/sms/single_send.json"),
        ({"base_url": "http://127.0.0.1:4010/mock/"}, "http://127.0.0.1:4010/mock/v2/sms/single_send.json"),
    ],
)
def test_where_it_calls(typed: dict[str, str], url: str) -> None:
    assert yunpian.build(config(**typed), MESSAGE).url == url


@pytest.mark.parametrize("sign_name", ["云片网", "Example Ltd", "A"])
def test_signatures_that_are_right(sign_name: str) -> None:
    assert problems(sign_name=sign_name) == {}


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"api_key": ""}, "api_key", "Fill this in"),
        ({"api_key": "two words"}, "api_key", "no spaces"),
        ({"sign_name": "【云片网】"}, "sign_name", "without the brackets"),
        ({"sign_name": "a" * 21}, "sign_name", "up to 20"),
        ({"host": "evil.example"}, "host", "Choose one"),
        ({"base_url": "http://127.0.0.1/#x"}, "base_url", "without ?"),
    ],
)
def test_each_mistake_is_told_at_its_field(typed: dict[str, Any], field: str, words: str) -> None:
    found = problems(**typed)
    assert list(found) == [field]
    assert words in found[field]


def test_yunpian_hears_that_its_receipt_was_taken() -> None:
    assert TestYunpian().connector.receipt_reply == b"SUCCESS"
