"""Tencent Cloud SMS: SendSms, version 2021-01-11.

https://cloud.tencent.com/document/api/382/55981            the request, from an account of the Chinese site
https://www.tencentcloud.com/document/product/382/40465     the host of the international site
https://cloud.tencent.com/document/api/382/52072            the signature TC3-HMAC-SHA256
https://cloud.tencent.com/document/api/382/59177            the codes of SMS; 52075 those of every Tencent API
https://www.tencentcloud.com/document/product/382/43547     receipts, which are not signed

Every answer has status 200. A text is a template of the account with values in its order.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from connectors.contract import (
    Answer,
    CannotBuildError,
    Message,
    Refusal,
    Reply,
    Request,
    accepted,
    by_status,
    refused,
    spelled,
)
from connectors.provider_templates import TEMPLATES, template_for, templates_problem
from connectors.receipts import Notice, Receipt, ReceiptState, receipt
from settings.fields import N_, Field, Kind, Problem

TITLE = "Tencent Cloud SMS"
SUMMARY = N_("SMS through approved templates to mainland China and abroad, with an account at Tencent Cloud.")

# site: the host, and the region where none is named
SITES = {
    "mainland": ("sms.tencentcloudapi.com", "ap-guangzhou"),
    "international": ("sms.intl.tencentcloudapi.com", "ap-singapore"),
}
FIELDS = (
    Field(
        "site",
        N_("Site"),
        Kind.CHOICE,
        "mainland",
        choices=(("mainland", "cloud.tencent.com"), ("international", "tencentcloud.com")),
        help=N_("Where the account was opened."),
    ),
    Field(
        "key_id",
        "SecretId",
        required=True,
        pattern=r"[A-Za-z0-9]+",
        hint=N_("A SecretId is letters and digits, and begins with AKID or IKID."),
        help=N_("In the console under Access Management, API Keys. Let the key use SMS only."),
    ),
    Field(
        "secret_key",
        "SecretKey",
        required=True,
        secret=True,
        pattern=r"[!-~]+",
        hint=N_("A SecretKey has no spaces."),
    ),
    Field(
        "sdk_app_id",
        "SDKAppID",
        required=True,
        pattern=r"[0-9]{6,20}",
        hint=N_("An SDKAppID is a number, such as 1400006666."),
        help=N_("In the SMS console under Applications."),
    ),
    Field(
        "sign_name",
        N_("Signature"),
        maximum=100,
        help=N_("The approved signature's text, not its number. Mainland China asks for one."),
    ),
    Field(
        "sender_id",
        N_("Sender ID"),
        pattern=r"[A-Za-z0-9]{1,15}",
        hint=N_("Type up to 15 letters and digits."),
        help=N_("Only for messages abroad, where Tencent has registered one for you."),
    ),
    TEMPLATES,
    Field(
        "region",
        N_("Region"),
        pattern=r"[a-z]{2}-[a-z]+",
        hint=N_("Type a region as Tencent writes it, such as ap-guangzhou."),
        help=N_("Empty: ap-guangzhou, or ap-singapore with an account of tencentcloud.com."),
    ),
    Field(
        "base_url",
        N_("Another address"),
        Kind.URL,
        pattern=r"[^?#]+",
        hint=N_("Type the address without ? and #."),
        help=N_("For tests: what to call instead of Tencent's address."),
    ),
)

# A code, or what stands before its point. InternalError is left out: such a request may have sent the message.
ERRORS = {
    # https://cloud.tencent.com/document/api/382/52075 (those of every Tencent API, and what the others begin with)
    "AuthFailure": Refusal.BAD_CREDENTIALS,
    "UnauthorizedOperation": Refusal.BAD_CREDENTIALS,
    "IpInBlacklist": Refusal.BAD_CREDENTIALS,
    "IpNotInWhitelist": Refusal.BAD_CREDENTIALS,
    **dict.fromkeys(("LimitExceeded", "RequestLimitExceeded"), Refusal.THROTTLED),
    **dict.fromkeys(("ResourceUnavailable", "ServiceUnavailable"), Refusal.TEMPORARY),
    **dict.fromkeys(("InvalidParameter", "InvalidParameterValue", "MissingParameter"), Refusal.SENDER_OR_TEMPLATE),
    **dict.fromkeys(("UnknownParameter", "UnsupportedOperation", "UnsupportedRegion"), Refusal.SENDER_OR_TEMPLATE),
    **dict.fromkeys(("ActionOffline", "InvalidAction", "NoSuchVersion"), Refusal.SENDER_OR_TEMPLATE),
    # A clock that is wrong by more than five minutes
    **dict.fromkeys(("AuthFailure.SignatureExpire", "InternalError.RequestTimeException"), Refusal.TEMPORARY),
    # https://cloud.tencent.com/document/api/382/59177 (the application and the key)
    **dict.fromkeys(
        ("InvalidParameterValue.SdkAppIdNotExist", "FailedOperation.ProhibitSubAccountUse"), Refusal.BAD_CREDENTIALS
    ),
    "InternalError.SigVerificationFail": Refusal.BAD_CREDENTIALS,
    # The number
    **dict.fromkeys(
        ("InvalidParameterValue.IncorrectPhoneNumber", "FailedOperation.PhoneNumberParseFail"), Refusal.BAD_NUMBER
    ),
    "FailedOperation.PhoneNumberInBlacklist": Refusal.BLOCKED,
    # The balance
    **dict.fromkeys(
        ("FailedOperation.InsufficientBalanceInSmsPackage", "UnauthorizedOperation.ServiceSuspendDueToArrears"),
        Refusal.NO_BALANCE,
    ),
    # The countries that the account may send to
    "LimitExceeded.AppCountryOrRegionInBlacklist": Refusal.SENDER_OR_TEMPLATE,
    # The signature of the text, the template and its values
    "FailedOperation.SignatureIncorrectOrUnapproved": Refusal.SENDER_OR_TEMPLATE,
    "FailedOperation.MissingSignature": Refusal.SENDER_OR_TEMPLATE,
    "FailedOperation.TemplateIncorrectOrUnapproved": Refusal.SENDER_OR_TEMPLATE,
    "FailedOperation.TemplateUnapprovedOrNotExist": Refusal.SENDER_OR_TEMPLATE,
    "FailedOperation.TemplateIdNotExist": Refusal.SENDER_OR_TEMPLATE,
    "FailedOperation.TemplateParamSetNotMatchApprovedTemplate": Refusal.SENDER_OR_TEMPLATE,
    "FailedOperation.ContainSensitiveWord": Refusal.SENDER_OR_TEMPLATE,
    "FailedOperation.FailResolvePacket": Refusal.SENDER_OR_TEMPLATE,
}

# Those of receipts are the operators' own and many; the few that Tencent explains for all three Chinese operators.
RECEIPT_ERRORS = {
    # https://cloud.tencent.com/document/product/382/3771 (off, suspended or out of reach; a forbidden word)
    "002": Refusal.BAD_NUMBER,
    "-106": Refusal.SENDER_OR_TEMPLATE,
}
STATES = {"SUCCESS": ReceiptState.DELIVERED, "FAIL": ReceiptState.FAILED}
RECEIPT_REPLY = b'{"result":0,"errmsg":"OK"}'


def check(config: Mapping[str, Any]) -> dict[str, Problem]:
    problem = templates_problem(config)
    return {"templates": problem} if problem else {}


def build(config: Mapping[str, Any], message: Message) -> Request:
    """The parameters in the order of Tencent's own library."""
    if message.country == "CN" and not config["sign_name"]:
        raise CannotBuildError("Mainland China asks for a signature.")
    host, region = SITES[config["site"]]
    template = template_for(config, message)
    parameters = {
        "PhoneNumberSet": [message.to],
        "SmsSdkAppId": config["sdk_app_id"],
        "TemplateId": template.id,
        "SignName": config["sign_name"],
        "TemplateParamSet": template.values,
        "SessionContext": message.id,
        "SenderId": "" if message.country == "CN" else config["sender_id"],
    }
    url = (config["base_url"] or f"https://{host}").rstrip("/") + "/"
    body = json.dumps({name: value for name, value in parameters.items() if value}).encode()
    headers = {
        "Authorization": _authorization(config, url, body, message.sent_at),
        "Content-Type": "application/json",
        "X-TC-Action": "SendSms",
        "X-TC-Version": "2021-01-11",
        "X-TC-Timestamp": str(message.sent_at),
        "X-TC-Region": config["region"] or region,
        "X-TC-Language": "en-US",
    }
    return Request("POST", url, headers, body)


def _authorization(config: Mapping[str, Any], url: str, body: bytes, at: int) -> str:
    """TC3-HMAC-SHA256 over the headers content-type and host, and the body."""
    address = urlsplit(url)
    day = f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d}"
    scope, signed = f"{day}/sms/tc3_request", "content-type;host"
    headers = f"content-type:application/json\nhost:{address.netloc}\n"
    canonical = f"POST\n{address.path}\n\n{headers}\n{signed}\n{hashlib.sha256(body).hexdigest()}"
    text = f"TC3-HMAC-SHA256\n{at}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = b"TC3" + config["secret_key"].encode()
    for part in (day, "sms", "tc3_request", text):
        key = hmac.digest(key, part.encode(), hashlib.sha256)
    return f"TC3-HMAC-SHA256 Credential={config['key_id']}/{scope}, SignedHeaders={signed}, Signature={key.hex()}"


def read(_config: Mapping[str, Any], reply: Reply) -> Answer:
    """An error of the request as a whole, or else what became of the one number."""
    error, sent = reply.at("Response.Error"), reply.at("Response.SendStatusSet.0")
    told = sent if error is None else error
    if not isinstance(told, dict):
        return by_status(reply)
    code, words = spelled(told.get("Code")), told.get("Message")
    if reply.status == 200 and error is None and code == "Ok" and spelled(told.get("SerialNo")):
        return accepted(told["SerialNo"])
    kind = ERRORS.get(code) or ERRORS.get(code.partition(".")[0])
    return refused(kind, code, words) if kind else by_status(reply, code, words)


def receive(_config: Mapping[str, Any], notice: Notice) -> list[Receipt] | None:
    """Several in one notice. They are not signed: the secret of the address is the proof."""
    reports = notice.parsed()
    return [
        _receipt(report)
        for report in (reports if isinstance(reports, list) else [])
        if isinstance(report, dict) and spelled(report.get("report_status")) in STATES
    ]


def _receipt(report: Mapping[str, Any]) -> Receipt:
    code = spelled(report.get("errmsg"))
    return receipt(
        STATES[spelled(report["report_status"])],
        report.get("sid"),
        refusal=RECEIPT_ERRORS.get(code),
        code=code,
        detail=report.get("description"),
    )
