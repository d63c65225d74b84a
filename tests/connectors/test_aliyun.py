"""Alibaba Cloud SMS: our requests against those of its own libraries, its replies and receipts."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, parse_qsl, quote, urlencode, urlsplit

import pytest

from connectors import aliyun
from connectors.contract import CannotBuildError, Message, Outcome, Refusal, Request
from connectors.receipts import Notice, ReceiptState, receipt
from connectors.testkit import MESSAGE, NOW, SECRET, ConnectorContract, reply
from delivery.caller import call
from tests.provider import Provider

FOLDER = Path(__file__).parent / "captures"
CAPTURES = {
    path.stem: json.loads(path.read_text())
    for path in FOLDER.glob("aliyun_*")
    if not path.stem.startswith("aliyun_authentication")
}
# Signed the older way, which we never use; what they ask for is the same.
OLDER = {"aliyun_globe_rpc_sha1", "aliyun_sendsms_rpc_sha1", "aliyun_sendsms_rpc_sha1_classic"}
PUBLIC = {"AccessKeyId", "Action", "Format", "RegionId", "Signature", "SignatureMethod", "SignatureNonce"} | {
    *("SignatureType", "SignatureVersion", "Timestamp", "Version")
}
NAMES = sorted(CAPTURES.keys() - OLDER)
ALWAYS_SENT = "ValidityPeriod"  # by us, where the library was not given it
BIZ_ID, GLOBE_ID = "607300000000000000^0", "191921051015****"
TEMPLATE = {"id": "SMS_154950909", "parameters": {"code": "code"}}
CHINESE = replace(MESSAGE, to="+8613800138000", country="CN")


def notice(*reports: Any) -> Notice:
    body = json.dumps(list(reports)).encode()
    return Notice("POST", MESSAGE.receipt_url, {"content-type": "application/json"}, body, NOW)


def report(success: bool, code: str, words: str) -> dict[str, Any]:
    return {
        "phone_number": "13800138000",
        "send_time": "2017-01-01 00:00:00",
        "report_time": "2017-01-01 00:00:00",
        "success": success,
        "err_code": code,
        "err_msg": words,
        "sms_size": "1",
        "biz_id": BIZ_ID,
        "out_id": "0192f3c4",
    }


def globe_report(status: str, code: str, words: str) -> dict[str, Any]:
    return {
        "To": "8521234567",
        "Status": status,
        "MessageId": GLOBE_ID,
        "SmsSize": "1",
        "TaskId": "0192f3c4",
        "SendDate": "Thu, 25 Nov 2021 10:27:00 +0800",
        "ReceiveDate": "Thu, 25 Nov 2021 10:27:33 +0800",
        "ErrorCode": code,
        "ErrorDescription": words,
    }


def failed(provider_id: str, refusal: Refusal | None, code: str, detail: str) -> Any:
    return receipt(ReceiptState.FAILED, provider_id, message_id="0192f3c4", refusal=refusal, code=code, detail=detail)


class TestAliyun(ConnectorContract):
    module = aliyun
    typed: ClassVar = {
        "access_key_id": "AKIDEXAMPLE",
        "access_key_secret": SECRET,
        "sign_name": "阿里云短信测试",
        "templates": [TEMPLATE],
        "free_text": True,
    }
    accepted = (
        (reply(200, {"Code": "OK", "BizId": BIZ_ID}), BIZ_ID),
        (reply(200, {"ResponseCode": "OK", "MessageId": GLOBE_ID}), GLOBE_ID),
    )
    refused = (
        (reply(404, {"Code": "InvalidAccessKeyId.NotFound"}), Refusal.BAD_CREDENTIALS),
        (reply(400, {"Code": "SignatureDoesNotMatch"}), Refusal.BAD_CREDENTIALS),
        (reply(403, {"Code": "Forbidden.RAM"}), Refusal.BAD_CREDENTIALS),
        (reply(200, {"Code": "isp.RAM_PERMISSION_DENY"}), Refusal.BAD_CREDENTIALS),
        (reply(200, {"Code": "isv.DENY_IP_RANGE"}), Refusal.BAD_CREDENTIALS),
        (reply(200, {"ResponseCode": "RAM_PERMISSION_DENY"}), Refusal.BAD_CREDENTIALS),
        (reply(400, {"Code": "InvalidTimeStamp.Expired"}), Refusal.TEMPORARY),
        (reply(503, {"Code": "ServiceUnavailable"}), Refusal.TEMPORARY),
        (reply(400, {"Code": "Throttling.User"}), Refusal.THROTTLED),
        (reply(200, {"Code": "isv.DAY_LIMIT_CONTROL"}), Refusal.THROTTLED),
        (reply(200, {"ResponseCode": "QPS_LIMIT_CONTROL"}), Refusal.THROTTLED),
        (reply(200, {"Code": "isv.MOBILE_NUMBER_ILLEGAL"}), Refusal.BAD_NUMBER),
        (reply(200, {"ResponseCode": "MOBILE_NUMBER_ILLEGAL"}), Refusal.BAD_NUMBER),
        (reply(200, {"Code": "isv.CUSTOMER_REFUSED"}), Refusal.BLOCKED),
        (reply(200, {"Code": "isv.AMOUNT_NOT_ENOUGH"}), Refusal.NO_BALANCE),
        (reply(200, {"ResponseCode": "OUT_OF_SERVICE"}), Refusal.NO_BALANCE),
        (reply(200, {"Code": "isv.SMS_SIGNATURE_ILLEGAL"}), Refusal.SENDER_OR_TEMPLATE),
        (reply(200, {"Code": "isv.BLACK_KEY_CONTROL_LIMIT"}), Refusal.SENDER_OR_TEMPLATE),
        (reply(200, {"Code": "isv.NEWER_THAN_THIS_TABLE"}), Refusal.SENDER_OR_TEMPLATE),
        (reply(200, {"ResponseCode": "NOT_SUPPORTED_COUNTRY"}), Refusal.SENDER_OR_TEMPLATE),
        (reply(400, {"Code": "MissingParameter"}), Refusal.SENDER_OR_TEMPLATE),
    )
    unknown = (
        reply(200, {"Code": "OK"}),
        reply(200, {"Code": "ok", "BizId": BIZ_ID}),
        reply(200, {"BizId": BIZ_ID}),
        reply(200, {"Code": "isp.SYSTEM_ERROR"}),
        reply(200, {"Code": "isp.GATEWAY_ERROR"}),
        reply(200, {"ResponseCode": "SYSTEM_ERROR"}),
        reply(400, {"Code": "InternalError"}),
        reply(400, {"Code": "SignatureNonceUsed"}),
        reply(500, {"Code": "InternalError"}),
        reply(504),
    )
    notices = (
        (
            notice(report(True, "DELIVERED", "OK")),
            [receipt(ReceiptState.DELIVERED, BIZ_ID, message_id="0192f3c4")],
        ),
        (
            notice(report(False, "MOBILE_NOT_ON_SERVICE", "off"), report(False, "MK:0001", "words"), "text"),
            [
                failed(BIZ_ID, Refusal.BAD_NUMBER, "MOBILE_NOT_ON_SERVICE", "off"),
                failed(BIZ_ID, None, "MK:0001", "words"),
            ],
        ),
        (
            notice(
                globe_report("1", "success", "OK"), globe_report("6", "E", "late"), globe_report("0", "", "on its way")
            ),
            [
                receipt(ReceiptState.DELIVERED, GLOBE_ID, message_id="0192f3c4"),
                failed(GLOBE_ID, None, "E", "late"),
            ],
        ),
        (
            notice(globe_report("2", "INVALID_NUMBER", "words")),
            [failed(GLOBE_ID, Refusal.BAD_NUMBER, "INVALID_NUMBER", "words")],
        ),
    )


config, problems = TestAliyun().config, TestAliyun().problems


def built(name: str) -> Request:
    """Our request for what the capture was asked for."""
    inputs, nonce = CAPTURES[name]["inputs"], CAPTURES[name]["frozen"]["nonce"]
    typed = {"access_key_id": inputs["access_key_id"], "access_key_secret": inputs["access_key_secret"]}
    if "message" in inputs:
        message = Message(inputs["task_id"], "+" + inputs["to"], inputs["message"], "sign_in", "en", 600, country="US")
        return aliyun.build(config(sender=inputs["from_"], **typed), replace(message, sent_at=NOW, nonce=nonce))
    out_id, to = inputs.get("out_id") or inputs["OutId"], inputs.get("phone_numbers") or inputs["PhoneNumbers"]
    message = Message(out_id, to, "", "sign_in", "zh", 300, "482913", country="CN")
    return aliyun.build(config(**typed), replace(message, sent_at=NOW, nonce=nonce))


def parameters(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, strict_parsing=True, keep_blank_values=True))


def test_every_capture_is_compared() -> None:
    assert CAPTURES.keys() > OLDER
    assert len(NAMES) == 4


@pytest.mark.parametrize("name", NAMES)
def test_the_signature_is_that_of_alibabas_library(name: str) -> None:
    """Over the headers that the library signs: it takes accept and user-agent too, which a proxy may change."""
    request, frozen = CAPTURES[name]["request"], CAPTURES[name]["frozen"]
    _, _, rest = request["headers"]["Authorization"].partition(",SignedHeaders=")
    names, _, theirs = rest.partition(",Signature=")
    headers = {**request["headers"], "user-agent": frozen["user_agent"]}
    signed = {header: headers[header] for header in names.split(";")}
    query = urlencode(parse_qsl(request["query_raw"]), safe="~", quote_via=quote)
    assert aliyun._signature("secret", request["path"], query, signed) == theirs


@pytest.mark.parametrize("name", NAMES)
def test_the_request_is_that_of_alibabas_library(name: str) -> None:
    """Less x-acs-credentials-provider, which tells of the library's own workings."""
    ours, theirs = built(name), CAPTURES[name]["request"]
    assert (ours.method, ours.body) == (theirs["method"], theirs["body_raw"].encode())
    assert urlsplit(ours.url)[:3] == urlsplit(theirs["url"])[:3]
    added = set() if ALWAYS_SENT in theirs["url"] or "Message=" not in theirs["url"] else {ALWAYS_SENT}
    assert {k: v for k, v in parameters(ours.url).items() if k not in added} == parameters(theirs["url"])
    for header in ours.headers.keys() - {"Authorization", "Accept"}:
        assert ours.headers[header] == theirs["headers"][header]
    assert ours.headers["Accept"] == theirs["headers"]["accept"]
    credential = theirs["headers"]["Authorization"].partition(",")[0]
    assert ours.headers["Authorization"].startswith(
        f"{credential},SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce"
        ";x-acs-version,Signature="
    )


@pytest.mark.parametrize("name", [name for name in NAMES if "globe" not in name])
def test_the_address_is_that_of_alibabas_library_byte_for_byte(name: str) -> None:
    """Where no space is in it, which the library writes as + and signs as %20."""
    assert built(name).url == CAPTURES[name]["request"]["url"]


@pytest.mark.parametrize("name", sorted(OLDER))
def test_the_parameters_are_those_of_the_older_signature_too(name: str) -> None:
    theirs = parameters(CAPTURES[name]["request"]["url"])
    ours = parameters(built(name).url)
    assert {k: v for k, v in ours.items() if k != ALWAYS_SENT} == {k: v for k, v in theirs.items() if k not in PUBLIC}
    assert built(name).headers["x-acs-action"] == theirs["Action"]
    assert built(name).headers["x-acs-version"] == theirs["Version"]
    assert built(name).headers["x-acs-date"] == theirs["Timestamp"]


@pytest.mark.parametrize("name", sorted(CAPTURES))
def test_the_captured_reply_is_understood(name: str) -> None:
    served = CAPTURES[name]["response_served"]
    answer = aliyun.read({}, reply(served["status"], served["body"]))
    if name == "aliyun_error_business_http200":
        assert (answer.refusal, answer.code) == (Refusal.THROTTLED, "isv.BUSINESS_LIMIT_CONTROL")
        assert answer.detail == served["body"]["Message"]
    elif name == "aliyun_error_gateway_http404":
        assert (answer.refusal, answer.code) == (Refusal.BAD_CREDENTIALS, "InvalidAccessKeyId.NotFound")
    else:
        assert answer.outcome is Outcome.ACCEPTED
        assert answer.provider_id == (GLOBE_ID if "globe" in name else BIZ_ID)


def test_what_is_signed_is_what_is_sent() -> None:
    """A space, a tilde, a plus and a star, in the spelling of RFC 3986; the query is in the order of its names."""
    request = aliyun.build(config(), replace(MESSAGE, text="a b~c+d*e/é"))
    query = urlsplit(request.url).query
    assert "Message=a%20b~c%2Bd%2Ae%2F%C3%A9" in query
    assert [pair.partition("=")[0] for pair in query.split("&")] == sorted(parse_qs(query))
    signed = {name: value for name, value in request.headers.items() if name not in ("Authorization", "Accept")}
    assert request.headers["Authorization"].endswith("=" + aliyun._signature(SECRET, "/", query, signed))


def test_what_arrives_is_what_was_signed() -> None:
    """Over a real connection: the address is not spelled anew on its way, and the host is named once, as signed."""
    with Provider() as provider:
        provider.answer(200, {"ResponseCode": "OK", "MessageId": GLOBE_ID})
        text = "a b~c+d*e/é(!)'|%7E%2B😀"
        request = aliyun.build(config(base_url=provider.url + "/mock"), replace(MESSAGE, text=text))
        assert aliyun.read({}, call(request, private=True)).provider_id == GLOBE_ID
        [seen] = provider.requests
    path, _, query = seen.path.partition("?")
    assert parameters("?" + query)["Message"] == text
    signed = {name: seen.headers[name] for name in ("host", *(n for n in seen.headers if n.startswith("x-acs-")))}
    assert seen.headers["authorization"].endswith("=" + aliyun._signature(SECRET, path, query, signed))
    assert (seen.method, seen.body) == ("POST", b"")


# Which of the two carries a message


@pytest.mark.parametrize(
    ("typed", "message", "action", "number"),
    [
        ({}, CHINESE, "SendSms", {"PhoneNumbers": "+8613800138000"}),
        ({"free_text": False}, CHINESE, "SendSms", {"PhoneNumbers": "+8613800138000"}),
        ({"free_text": False}, MESSAGE, "SendSms", {"PhoneNumbers": "14155552671"}),
        ({}, MESSAGE, "SendMessageToGlobe", {"To": "14155552671"}),
        ({}, replace(MESSAGE, to="+85221234567", country="HK"), "SendMessageToGlobe", {"To": "85221234567"}),
        ({}, replace(MESSAGE, to="+883510012345", country=""), "SendMessageToGlobe", {"To": "883510012345"}),
    ],
)
def test_the_country_decides(typed: dict[str, Any], message: Message, action: str, number: dict[str, str]) -> None:
    request = aliyun.build(config(**typed), message)
    assert request.headers["x-acs-action"] == action
    assert number.items() <= parameters(request.url).items()


def test_free_text_lives_no_longer_than_its_code() -> None:
    assert parameters(aliyun.build(config(), replace(MESSAGE, life=300)).url)["ValidityPeriod"] == "300"
    assert parameters(aliyun.build(config(), replace(MESSAGE, life=-1)).url)["ValidityPeriod"] == "1"


def test_an_account_for_abroad_has_no_template_and_cannot_send_to_mainland_china() -> None:
    typed = {"sign_name": "", "templates": ""}
    assert problems(**typed) == {}
    with pytest.raises(CannotBuildError, match="No template"):
        aliyun.build(config(**typed), CHINESE)


def test_values_are_named_as_the_template_names_them() -> None:
    template = {"id": "SMS_1", "parameters": {"yzm": "code", "min": "minutes"}}
    sent = parameters(aliyun.build(config(templates=[template]), CHINESE).url)["TemplateParam"]
    assert sent == '{"yzm":"482913","min":"10"}'


@pytest.mark.parametrize(
    ("typed", "message", "url"),
    [
        ({}, CHINESE, "https://dysmsapi.aliyuncs.com/"),
        ({}, MESSAGE, "https://dysmsapi.ap-southeast-1.aliyuncs.com/"),
        ({"host": "dysmsapi.eu-central-1.aliyuncs.com"}, CHINESE, "https://dysmsapi.eu-central-1.aliyuncs.com/"),
        ({"host": ""}, CHINESE, "https://dysmsapi.aliyuncs.com/"),
        ({"base_url": "http://127.0.0.1:4010/mock/"}, MESSAGE, "http://127.0.0.1:4010/mock/"),
    ],
)
def test_where_it_calls(typed: dict[str, str], message: Message, url: str) -> None:
    request = aliyun.build(config(**typed), message)
    assert request.url.partition("?")[0] == url
    assert request.headers["host"] == urlsplit(url).netloc


# What an admin may type


@pytest.mark.parametrize("sender", ["Acme", "Alicloud321", "106900000000000", "1"])
def test_senders_that_are_right(sender: str) -> None:
    assert problems(sender=sender) == {}


@pytest.mark.parametrize("sender", ["LongerThan11", "+4412345", "My Shop", "1234567890123456", "Größe"])
def test_senders_that_are_wrong(sender: str) -> None:
    assert "up to 11 letters and digits" in problems(sender=sender)["sender"]


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"access_key_id": ""}, "access_key_id", "Fill this in"),
        ({"access_key_id": "LTAI 1"}, "access_key_id", "letters and digits"),
        ({"access_key_secret": "two words"}, "access_key_secret", "no spaces"),
        ({"sign_name": ""}, "sign_name", "needs a signature"),
        ({"templates": "", "free_text": False}, "templates", "usage generic"),
        ({"templates": [{"id": "SMS_1"}]}, "templates", "the code must be one"),
        ({"templates": {"id": "SMS_1"}}, "templates", "list of objects"),
        ({"host": "evil.example"}, "host", "such as dysmsapi.aliyuncs.com"),
        ({"host": "dysmsapi.evil.example/.aliyuncs.com"}, "host", "such as dysmsapi.aliyuncs.com"),
        ({"base_url": "http://127.0.0.1/?x=1"}, "base_url", "without ?"),
    ],
)
def test_each_mistake_is_told_at_its_field(typed: dict[str, Any], field: str, words: str) -> None:
    found = problems(**typed)
    assert list(found) == [field]
    assert words in found[field]


def test_alibaba_hears_that_its_receipt_was_taken() -> None:
    assert json.loads(TestAliyun().connector.receipt_reply) == {"code": 0, "msg": "OK"}
