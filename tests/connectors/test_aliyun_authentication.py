"""Alibaba Cloud's SMS authentication: our request against that of its own library, its replies and receipts."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest

from connectors import aliyun, aliyun_authentication
from connectors.contract import CannotBuildError, Message, Outcome, Refusal, Request
from connectors.receipts import Notice, ReceiptState, receipt
from connectors.testkit import MESSAGE, NOW, SECRET, ConnectorContract, reply

CAPTURE = json.loads((Path(__file__).parent / "captures" / "aliyun_authentication_acs3.json").read_text())
BIZ_ID = "112231421412414124123^4"
TEMPLATE = {"id": "100001", "parameters": {"code": "code", "min": "minutes"}}
CHINESE = replace(MESSAGE, to="+8613800138000", country="CN")


def notice(success: bool, code: str) -> Notice:
    """The vendor's example."""
    sample = {
        "phone_number": "13811110000",
        "send_time": "2017-01-01 00:00:00",
        "report_time": "2017-01-01 00:00:00",
        "success": success,
        "err_code": code,
        "err_msg": "words",
        "sms_size": "1",
        "biz_id": BIZ_ID,
        "out_id": "0192f3c4",
    }
    return Notice("POST", MESSAGE.receipt_url, {}, json.dumps([sample]).encode(), NOW)


class TestAliyunAuthentication(ConnectorContract):
    module = aliyun_authentication
    typed: ClassVar = {
        "access_key_id": "AKIDEXAMPLE",
        "access_key_secret": SECRET,
        "sign_name": "速通互联验证码",
        "templates": [TEMPLATE],
    }
    message = CHINESE
    accepted = ((reply(200, {"Code": "OK", "Success": True, "Model": {"BizId": BIZ_ID, "VerifyCode": ""}}), BIZ_ID),)
    refused = (
        (reply(200, {"Code": "biz.FREQUENCY", "Message": "check frequency failed"}), Refusal.THROTTLED),
        (reply(200, {"Code": "BUSINESS_LIMIT_CONTROL"}), Refusal.THROTTLED),
        (reply(200, {"Code": "isv.BUSINESS_LIMIT_CONTROL"}), Refusal.THROTTLED),
        (reply(200, {"Code": "MOBILE_NUMBER_ILLEGAL"}), Refusal.BAD_NUMBER),
        (reply(200, {"Code": "isv.MOBILE_NUMBER_ILLEGAL"}), Refusal.BAD_NUMBER),
        (reply(404, {"Code": "InvalidAccessKeyId.NotFound"}), Refusal.BAD_CREDENTIALS),
        (reply(200, {"Code": "isv.RAM_PERMISSION_DENY"}), Refusal.BAD_CREDENTIALS),
        (reply(200, {"Code": "isv.PRODUCT_UNSUBSCRIBE"}), Refusal.BAD_CREDENTIALS),
        (reply(200, {"Code": "isv.OUT_OF_SERVICE"}), Refusal.NO_BALANCE),
        (reply(200, {"Code": "isv.CUSTOMER_REFUSED"}), Refusal.BLOCKED),
        (reply(200, {"Code": "isv.VERIFY_SCHEME_NOT_EXIST"}), Refusal.SENDER_OR_TEMPLATE),
        (reply(200, {"Code": "isv.SMS_TEMPLATE_ILLEGAL"}), Refusal.SENDER_OR_TEMPLATE),
        (reply(400, {"Code": "InvalidTimeStamp.Expired"}), Refusal.TEMPORARY),
    )
    unknown = (
        reply(200, {"Code": "OK"}),
        reply(200, {"Code": "OK", "Model": {"BizId": ""}}),
        reply(200, {"Code": "OK", "BizId": BIZ_ID}),
        reply(200, {"Success": True, "Model": {"BizId": BIZ_ID}}),
        reply(200, {"Code": "isp.SYSTEM_ERROR"}),
        reply(500, {"Code": "InternalError"}),
    )
    notices = (
        (notice(True, "DELIVERED"), [receipt(ReceiptState.DELIVERED, BIZ_ID, message_id="0192f3c4")]),
        (
            notice(False, "MOBILE_IN_BLACK"),
            [
                receipt(
                    ReceiptState.FAILED,
                    BIZ_ID,
                    message_id="0192f3c4",
                    refusal=Refusal.BLOCKED,
                    code="MOBILE_IN_BLACK",
                    detail="words",
                )
            ],
        ),
        (replace(notice(True, "DELIVERED"), body=b'[{"biz_id": "1"}]'), []),
    )


config, problems = TestAliyunAuthentication().config, TestAliyunAuthentication().problems


def built(**typed: Any) -> Request:
    """Our request for what the capture was asked for."""
    inputs = CAPTURE["inputs"]
    message = Message(inputs["out_id"], "+86" + inputs["phone_number"], "", "sign_in", "zh", 300, "482913")
    message = replace(message, country="CN", sent_at=NOW, nonce=CAPTURE["frozen"]["nonce"])
    return aliyun_authentication.build(config(scheme_name=inputs["scheme_name"], **typed), message)


def parameters(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, strict_parsing=True))


def test_the_signature_is_that_of_alibabas_library() -> None:
    request = CAPTURE["request"]
    _, _, rest = request["headers"]["Authorization"].partition(",SignedHeaders=")
    names, _, theirs = rest.partition(",Signature=")
    headers = {**request["headers"], "user-agent": CAPTURE["frozen"]["user_agent"]}
    query = urlencode(parse_qsl(request["query_raw"]), safe="~", quote_via=quote)
    assert aliyun._signature("secret", "/", query, {header: headers[header] for header in names.split(";")}) == theirs


def test_the_request_is_that_of_alibabas_library() -> None:
    """Its spelling of false is Python's; it was asked for the 60 seconds that are the default."""
    ours, theirs = built(), CAPTURE["request"]
    assert (ours.method, ours.body) == (theirs["method"], theirs["body_raw"].encode())
    assert parameters(ours.url) == parameters(theirs["url"]) | {"ReturnVerifyCode": "false", "Interval": "30"}
    assert ours.url.partition("?")[0] == theirs["url"].partition("?")[0]
    for header in ours.headers.keys() - {"Authorization", "Accept"}:
        assert ours.headers[header] == theirs["headers"][header]


def test_the_captured_reply_is_understood() -> None:
    served = CAPTURE["response_served"]
    answer = aliyun_authentication.read({}, reply(served["status"], served["body"]))
    assert (answer.outcome, answer.provider_id) == (Outcome.ACCEPTED, BIZ_ID)


def test_the_code_is_ours() -> None:
    asked = parameters(aliyun_authentication.build(config(), CHINESE).url)
    assert asked["TemplateParam"] == '{"code":"482913","min":"10"}'
    assert asked["ReturnVerifyCode"] == "false"


@pytest.mark.parametrize("country", ["US", "HK", "TW", ""])
def test_it_reaches_mainland_china_only(country: str) -> None:
    with pytest.raises(CannotBuildError, match="mainland China only"):
        aliyun_authentication.build(config(), replace(CHINESE, country=country))


def test_a_number_that_begins_with_86_after_its_country_code_is_whole() -> None:
    request = aliyun_authentication.build(config(), replace(CHINESE, to="+868600138000"))
    assert parameters(request.url)["PhoneNumber"] == "8600138000"


def test_where_it_calls() -> None:
    assert aliyun_authentication.build(config(), CHINESE).url.startswith("https://dypnsapi.aliyuncs.com/?")
    assert built(base_url="http://127.0.0.1:4010").url.startswith("http://127.0.0.1:4010/?")


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"access_key_id": "LTAI 1"}, "access_key_id", "letters and digits"),
        ({"access_key_secret": ""}, "access_key_secret", "Fill this in"),
        ({"sign_name": ""}, "sign_name", "Fill this in"),
        ({"templates": ""}, "templates", "Fill this in"),
        ({"templates": [{"id": "100001", "parameters": {"min": "minutes"}}]}, "templates", "the code must be one"),
        ({"scheme_name": "x" * 21}, "scheme_name", "at most 20"),
        ({"base_url": "dypnsapi.aliyuncs.com"}, "base_url", "whole address"),
    ],
)
def test_each_mistake_is_told_at_its_field(typed: dict[str, Any], field: str, words: str) -> None:
    found = problems(**typed)
    assert list(found) == [field]
    assert words in found[field]


def test_alibaba_hears_that_its_receipt_was_taken() -> None:
    assert json.loads(TestAliyunAuthentication().connector.receipt_reply) == {"code": 0, "msg": "OK"}
