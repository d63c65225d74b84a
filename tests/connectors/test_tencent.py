"""Tencent Cloud SMS: our requests against those of its own library byte for byte, its replies and receipts."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from connectors import tencent
from connectors.contract import CannotBuildError, Message, Outcome, Refusal, Request
from connectors.receipts import Notice, ReceiptState, receipt
from connectors.testkit import MESSAGE, NOW, SECRET, ConnectorContract, reply
from delivery.caller import call
from tests.provider import Provider

CAPTURES = {path.stem: json.loads(path.read_text()) for path in (Path(__file__).parent / "captures").glob("tencent_*")}
LEGACY = "tencent_legacy_hmacsha1"  # the old signature, which we never use
NAMES = sorted(CAPTURES.keys() - {LEGACY})
SERIAL = "5000:1045710669157053657849499619"
TEMPLATE = {"id": "449739", "parameters": ["code", "minutes"]}


def sent(code: str, serial: str = "", **others: Any) -> dict[str, Any]:
    status = {"SerialNo": serial, "PhoneNumber": "+8613800138000", "Fee": 1, "Code": code, "Message": "words"} | others
    return {"Response": {"SendStatusSet": [status], "RequestId": "r"}}


def error(code: str) -> dict[str, Any]:
    return {"Response": {"Error": {"Code": code, "Message": "words"}, "RequestId": "r"}}


def notice(*reports: Any) -> Notice:
    body = json.dumps(list(reports)).encode()
    return Notice("POST", MESSAGE.receipt_url, {"content-type": "application/json"}, body, NOW)


def report(status: str, errmsg: str, description: str = "words") -> dict[str, str]:
    return {
        "user_receive_time": "2015-10-17 08:03:04",
        "nationcode": "86",
        "mobile": "13800138000",
        "report_status": status,
        "errmsg": errmsg,
        "description": description,
        "sid": SERIAL,
    }


class TestTencent(ConnectorContract):
    module = tencent
    typed: ClassVar = {
        "key_id": "AKIDEXAMPLE",
        "secret_key": SECRET,
        "sdk_app_id": "1400006666",
        "sign_name": "腾讯云",
        "templates": [TEMPLATE],
    }
    accepted = ((reply(200, sent("Ok", SERIAL)), SERIAL),)
    refused = (
        (reply(200, error("AuthFailure.SignatureFailure")), Refusal.BAD_CREDENTIALS),
        (reply(200, error("AuthFailure.NewerThanThisTable")), Refusal.BAD_CREDENTIALS),
        (reply(200, error("AuthFailure.SignatureExpire")), Refusal.TEMPORARY),
        (reply(200, error("InvalidParameterValue.SdkAppIdNotExist")), Refusal.BAD_CREDENTIALS),
        (reply(200, sent("InvalidParameterValue.IncorrectPhoneNumber")), Refusal.BAD_NUMBER),
        (reply(200, sent("FailedOperation.PhoneNumberInBlacklist")), Refusal.BLOCKED),
        (reply(200, sent("FailedOperation.InsufficientBalanceInSmsPackage")), Refusal.NO_BALANCE),
        (reply(200, error("UnauthorizedOperation.ServiceSuspendDueToArrears")), Refusal.NO_BALANCE),
        (reply(200, sent("LimitExceeded.PhoneNumberDailyLimit")), Refusal.THROTTLED),
        (reply(200, error("RequestLimitExceeded")), Refusal.THROTTLED),
        (reply(200, sent("LimitExceeded.AppCountryOrRegionInBlacklist")), Refusal.SENDER_OR_TEMPLATE),
        (reply(200, sent("FailedOperation.SignatureIncorrectOrUnapproved")), Refusal.SENDER_OR_TEMPLATE),
        (reply(200, sent("UnsupportedOperation.ChineseMainlandTemplateToGlobalPhone")), Refusal.SENDER_OR_TEMPLATE),
        (reply(200, error("ServiceUnavailable")), Refusal.TEMPORARY),
        (reply(429), Refusal.THROTTLED),
    )
    unknown = (
        reply(200, sent("Ok")),
        reply(200, sent("OK", SERIAL)),
        reply(200, sent("InternalError.Timeout")),
        reply(200, error("InternalError")),
        reply(200, error("FailedOperation")),
        reply(200, error("FailedOperation.OtherError")),
        reply(200, {"Response": {"SendStatusSet": [], "RequestId": "r"}}),
        reply(200, {"Response": {"SendStatusSet": sent("Ok", SERIAL)["Response"]["SendStatusSet"], "Error": "?"}}),
        reply(502, sent("Ok", SERIAL)),
    )
    notices = (
        (notice(report("SUCCESS", "DELIVRD")), [receipt(ReceiptState.DELIVERED, SERIAL)]),
        (
            notice(report("FAIL", "002"), report("SUCCESS", "DELIVRD"), {"report_status": "ON ITS WAY"}, "text"),
            [
                receipt(ReceiptState.FAILED, SERIAL, refusal=Refusal.BAD_NUMBER, code="002", detail="words"),
                receipt(ReceiptState.DELIVERED, SERIAL),
            ],
        ),
        (
            notice(report("FAIL", "MK:0001")),
            [receipt(ReceiptState.FAILED, SERIAL, code="MK:0001", detail="words")],
        ),
    )


config, problems = TestTencent().config, TestTencent().problems


def built(name: str) -> Request:
    inputs = CAPTURES[name]["inputs"]
    typed = {"key_id": inputs["SecretId"], "secret_key": inputs["SecretKey"], "region": inputs["region"]}
    [number], [code, minutes] = inputs["PhoneNumberSet"], inputs["TemplateParamSet"]
    message = Message(
        inputs["SessionContext"], number, "", "sign_in", "zh", 60 * int(minutes), code, country="CN", sent_at=NOW
    )
    return tencent.build(config(**typed), message)


@pytest.mark.parametrize("name", NAMES)
def test_the_request_is_that_of_tencents_library_byte_for_byte(name: str) -> None:
    """Except the language of its words, and what its library says of itself (X-TC-RequestClient, X-TC-TraceId)."""
    ours, theirs = built(name), CAPTURES[name]["request"]
    assert (ours.method, ours.url, ours.body.decode()) == (theirs["method"], theirs["url"], theirs["body_raw"])
    for header in ours.headers.keys() - {"X-TC-Language"}:
        assert ours.headers[header] == theirs["headers"][header]
    assert ours.headers["X-TC-Language"] == "en-US"


def test_what_was_captured_was_signed_at_our_time() -> None:
    assert {CAPTURES[name]["request"]["headers"]["X-TC-Timestamp"] for name in NAMES} == {str(NOW)}


def test_the_old_signature_carries_the_same_parameters() -> None:
    theirs = dict(CAPTURES[LEGACY]["request"]["body_parsed"])
    ours = json.loads(built("tencent_tc3").body)
    for name, value in ours.items():
        assert value == (theirs[name] if isinstance(value, str) else [theirs[f"{name}.{n}"] for n in range(len(value))])


@pytest.mark.parametrize("name", NAMES)
def test_the_captured_reply_is_understood(name: str) -> None:
    served = CAPTURES[name]["response_served"]
    answer = tencent.read({}, reply(served["status"], served["body"]))
    assert (answer.outcome, answer.refusal, answer.provider_id, answer.code) == {
        "tencent_tc3": (Outcome.ACCEPTED, None, SERIAL, ""),
        "tencent_error_auth_http200": (
            Outcome.REFUSED,
            Refusal.BAD_CREDENTIALS,
            "",
            "AuthFailure.SignatureFailure",
        ),
        "tencent_error_per_number_http200": (
            Outcome.REFUSED,
            Refusal.THROTTLED,
            "",
            "LimitExceeded.PhoneNumberThirtySecondLimit",
        ),
    }[name]


def test_the_day_of_the_signature_is_that_of_greenwich() -> None:
    last_second = replace(MESSAGE, sent_at=1_700_006_399)
    assert "/2023-11-14/sms/" in tencent.build(config(), last_second).headers["Authorization"]
    assert (
        "/2023-11-15/sms/"
        in tencent.build(config(), replace(last_second, sent_at=1_700_006_400)).headers["Authorization"]
    )


@pytest.mark.parametrize(
    ("typed", "url", "region"),
    [
        ({}, "https://sms.tencentcloudapi.com/", "ap-guangzhou"),
        ({"site": "international"}, "https://sms.intl.tencentcloudapi.com/", "ap-singapore"),
        ({"region": "ap-beijing"}, "https://sms.tencentcloudapi.com/", "ap-beijing"),
        ({"base_url": "http://127.0.0.1:4010/mock/"}, "http://127.0.0.1:4010/mock/", "ap-guangzhou"),
    ],
)
def test_where_it_calls(typed: dict[str, str], url: str, region: str) -> None:
    request = tencent.build(config(**typed), MESSAGE)
    assert (request.url, request.headers["X-TC-Region"]) == (url, region)


def test_the_host_is_signed() -> None:
    elsewhere = tencent.build(config(base_url="https://sms.ap-singapore.tencentcloudapi.com"), MESSAGE)
    assert elsewhere.headers["Authorization"] != tencent.build(config(), MESSAGE).headers["Authorization"]


def test_what_arrives_is_what_was_signed() -> None:
    """Over a real connection: the content type, the host and each byte of the body."""
    with Provider() as provider:
        provider.answer(200, sent("Ok", SERIAL))
        request = tencent.build(config(base_url=provider.url), MESSAGE)
        assert tencent.read({}, call(request, private=True)).provider_id == SERIAL
        [seen] = provider.requests
    assert seen.headers["content-type"] == "application/json"
    assert seen.headers["host"] == provider.url.removeprefix("http://")
    ours = tencent._authorization(config(), provider.url + seen.path, seen.body, NOW)
    assert seen.headers["authorization"] == ours


def test_the_sender_id_is_for_messages_abroad() -> None:
    typed = config(sender_id="Example")
    assert json.loads(tencent.build(typed, MESSAGE).body)["SenderId"] == "Example"
    assert "SenderId" not in json.loads(tencent.build(typed, replace(MESSAGE, country="CN")).body)


def test_mainland_china_needs_a_signature_and_others_do_not() -> None:
    unsigned = config(sign_name="")
    assert "SignName" not in json.loads(tencent.build(unsigned, MESSAGE).body)
    with pytest.raises(CannotBuildError, match="signature"):
        tencent.build(unsigned, replace(MESSAGE, country="CN"))


@pytest.mark.parametrize("sender", ["Example", "10690", "A1"])
def test_senders_that_are_right(sender: str) -> None:
    assert problems(sender_id=sender) == {}


@pytest.mark.parametrize("sender", ["My Shop", "Größe", "+44", "SixteenCharacter"])
def test_senders_that_are_wrong(sender: str) -> None:
    assert "up to 15 letters and digits" in problems(sender_id=sender)["sender_id"]


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"key_id": ""}, "key_id", "Fill this in"),
        ({"key_id": "AKID EXAMPLE"}, "key_id", "letters and digits"),
        ({"secret_key": "two words"}, "secret_key", "no spaces"),
        ({"sdk_app_id": "my app"}, "sdk_app_id", "such as 1400006666"),
        ({"region": "Guangzhou"}, "region", "such as ap-guangzhou"),
        ({"site": "moon"}, "site", "Choose one"),
        ({"templates": ""}, "templates", "Fill this in"),
        ({"templates": [{"id": "1"}]}, "templates", "the code must be one"),
        ({"templates": [TEMPLATE | {"usage": "register"}]}, "templates", "usage generic"),
        ({"base_url": "http://127.0.0.1/?x=1"}, "base_url", "without ?"),
    ],
)
def test_each_mistake_is_told_at_its_field(typed: dict[str, Any], field: str, words: str) -> None:
    found = problems(**typed)
    assert list(found) == [field]
    assert words in found[field]


def test_tencent_hears_that_its_receipt_was_taken() -> None:
    assert json.loads(TestTencent().connector.receipt_reply) == {"result": 0, "errmsg": "OK"}
