"""Alibaba Cloud SMS: SendSms, version 2017-05-25; for free text abroad SendMessageToGlobe, version 2018-05-01.

https://help.aliyun.com/zh/sms/developer-reference/api-dysmsapi-2017-05-25-sendsms
https://help.aliyun.com/zh/sms/developer-reference/api-dysmsapi-2018-05-01-sendmessagetoglobe
https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature     ACS3-HMAC-SHA256
https://help.aliyun.com/zh/sms/developer-reference/api-error-codes                     of SendSms
https://help.aliyun.com/zh/sms/error-code-intl                                         of SendMessageToGlobe
https://help.aliyun.com/zh/sms/developer-reference/smsreport-2                         receipts of SendSms
https://www.alibabacloud.com/help/doc-detail/409034.htm                                receipts of SendMessageToGlobe

The parameters are in the address, the body is empty. A refusal mostly comes with status 200. Receipts are not signed.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from connectors.contract import Answer, Message, Refusal, Reply, Request, accepted, by_status, refused, spelled, unknown
from connectors.provider_templates import TEMPLATES, template_for, templates_problem
from connectors.receipts import Notice, Receipt, ReceiptState, receipt
from settings.fields import N_, Field, Kind, Problem

TITLE = "Alibaba Cloud SMS"
SUMMARY = N_("SMS to mainland China through approved templates, and abroad; with an account at Alibaba Cloud.")

KEY_ID = Field(
    "access_key_id",
    "AccessKey ID",
    required=True,
    pattern=r"[A-Za-z0-9._-]+",
    hint=N_("An AccessKey ID is letters and digits, and mostly begins with LTAI."),
    help=N_("Of a RAM user who may send messages and nothing else."),
)
KEY_SECRET = Field(
    "access_key_secret",
    N_("AccessKey secret"),
    required=True,
    secret=True,
    pattern=r"[!-~]+",
    hint=N_("An AccessKey secret has no spaces."),
)
BASE_URL = Field(
    "base_url",
    N_("Another address"),
    Kind.URL,
    pattern=r"[^?#]+",
    hint=N_("Type the address without ? and #."),
    help=N_("For tests: what to call instead of Alibaba Cloud's address."),
)
FIELDS = (
    KEY_ID,
    KEY_SECRET,
    Field(
        "sign_name",
        N_("Signature"),
        maximum=100,
        help=N_("The approved signature's text. Every message through a template carries it."),
    ),
    replace(TEMPLATES, required=False),
    Field(
        "host",
        N_("Host"),
        pattern=r"dysmsapi[a-z0-9.-]*\.aliyuncs\.com",
        hint=N_("Type a host of the service, such as dysmsapi.aliyuncs.com."),
        help=N_("Where messages through a template go. Empty: dysmsapi.aliyuncs.com."),
    ),
    Field(
        "free_text",
        N_("Free text abroad"),
        Kind.SWITCH,
        default=False,
        help=N_("Sends Doorcode's own texts outside mainland China, with an account of alibabacloud.com."),
    ),
    Field(
        "sender",
        N_("Sender abroad"),
        pattern=r"[A-Za-z0-9]{1,11}|[0-9]{1,15}",
        hint=N_("Type up to 11 letters and digits, or up to 15 digits."),
        help=N_("For free text. Empty: Alibaba Cloud's own."),
    ),
    BASE_URL,
)
HOST = "dysmsapi.aliyuncs.com"
GLOBE_HOST = "dysmsapi.ap-southeast-1.aliyuncs.com"  # the only one

# A code without isv. (the caller's fault) and isp. (Alibaba's), or what stands before its point.
ERRORS = {
    # https://api.aliyun.com/troubleshoot (the gateway of every Alibaba Cloud API, with status 4xx)
    **dict.fromkeys(("InvalidAccessKeyId", "SignatureDoesNotMatch", "IncompleteSignature"), Refusal.BAD_CREDENTIALS),
    **dict.fromkeys(("InvalidSecurityToken", "Forbidden", "NoPermission"), Refusal.BAD_CREDENTIALS),
    "Throttling": Refusal.THROTTLED,
    **dict.fromkeys(("InvalidTimeStamp", "ServiceUnavailable"), Refusal.TEMPORARY),  # a clock 15 minutes off; busy
    # https://help.aliyun.com/zh/sms/developer-reference/api-error-codes (the account and its rights)
    **dict.fromkeys(("RAM_PERMISSION_DENY", "ACCOUNT_NOT_EXISTS", "ACCOUNT_ABNORMAL"), Refusal.BAD_CREDENTIALS),
    **dict.fromkeys(("PRODUCT_UN_SUBSCRIPT", "PRODUCT_UNSUBSCRIBE", "DENY_IP_RANGE"), Refusal.BAD_CREDENTIALS),
    "SECURITY_FROZEN_ACCOUNT": Refusal.BAD_CREDENTIALS,
    # The number; one that opted out
    "MOBILE_NUMBER_ILLEGAL": Refusal.BAD_NUMBER,
    "CUSTOMER_REFUSED": Refusal.BLOCKED,
    # So many for a number, or a day
    **dict.fromkeys(("BUSINESS_LIMIT_CONTROL", "DAY_LIMIT_CONTROL", "MONTH_LIMIT_CONTROL"), Refusal.THROTTLED),
    # The balance
    **dict.fromkeys(("AMOUNT_NOT_ENOUGH", "OUT_OF_SERVICE"), Refusal.NO_BALANCE),
    # Signatures, templates, values (BLACK_KEY_CONTROL_LIMIT is a forbidden word in one), and any newer fault of ours
    **dict.fromkeys(("SMS_TEMPLATE_ILLEGAL", "SMS_SIGNATURE_ILLEGAL", "SMS_SIGN_ILLEGAL"), Refusal.SENDER_OR_TEMPLATE),
    **dict.fromkeys(("SMS_CONTENT_ILLEGAL", "BLACK_KEY_CONTROL_LIMIT"), Refusal.SENDER_OR_TEMPLATE),
    **dict.fromkeys(("INVALID_PARAMETERS", "INVALID_JSON_PARAM", "PARAM_LENGTH_LIMIT"), Refusal.SENDER_OR_TEMPLATE),
    "isv": Refusal.SENDER_OR_TEMPLATE,
    # https://help.aliyun.com/zh/sms/error-code-intl (SendMessageToGlobe, where others than above)
    **dict.fromkeys(("PRODUCT_NOT_SUBSCRIBED", "ACCOUNT_ILLEGAL", "FORBIDDEN_ACTION"), Refusal.BAD_CREDENTIALS),
    "QPS_LIMIT_CONTROL": Refusal.THROTTLED,
    **dict.fromkeys(("INVALID_SENDERID", "NOT_SUPPORTED_COUNTRY"), Refusal.SENDER_OR_TEMPLATE),
    "SMS_SECURITY_INTERCEPTED": Refusal.SENDER_OR_TEMPLATE,
}
# Alibaba's own faults, and a request that it has had before: the message may have been sent, whatever the status.
UNSURE = {"SYSTEM_ERROR", "GATEWAY_ERROR", "InternalError", "ONLINE_BILLING_FAILED", "SignatureNonceUsed"}

RECEIPT_ERRORS = {
    # https://help.aliyun.com/document_detail/101347.html
    **dict.fromkeys(("MOBILE_NOT_ON_SERVICE", "INVALID_NUMBER", "NO_ROUTE"), Refusal.BAD_NUMBER),
    **dict.fromkeys(("MOBILE_IN_BLACK", "USER_REJECT"), Refusal.BLOCKED),
    "MOBILE_SEND_LIMIT": Refusal.THROTTLED,
    "CONTENT_KEYWORD": Refusal.SENDER_OR_TEMPLATE,
}
STATES = {
    "true": ReceiptState.DELIVERED,  # success, of SendSms
    "false": ReceiptState.FAILED,
    "1": ReceiptState.DELIVERED,  # Status, of SendMessageToGlobe
    "2": ReceiptState.FAILED,
    "6": ReceiptState.FAILED,  # expired
}
RECEIPT_REPLY = b'{"code":0,"msg":"OK"}'


def check(config: Mapping[str, Any]) -> dict[str, Problem]:
    if not config["templates"] and config["free_text"]:  # an account that never sends to mainland China
        return {}
    problem = templates_problem(config)
    if problem:
        return {"templates": problem}
    return {} if config["sign_name"] else {"sign_name": Problem(N_("A message through a template needs a signature."))}


def build(config: Mapping[str, Any], message: Message) -> Request:
    if config["free_text"] and message.country != "CN":
        return signed_request(config, message, GLOBE_HOST, ("SendMessageToGlobe", "2018-05-01"), _text(config, message))
    host = config["host"] or HOST
    return signed_request(config, message, host, ("SendSms", "2017-05-25"), _template(config, message))


def _text(config: Mapping[str, Any], message: Message) -> dict[str, str]:
    return {
        "To": message.digits,
        "From": config["sender"],
        "Message": message.text,
        "Type": "OTP",
        "TaskId": message.id,
        "ValidityPeriod": str(max(1, message.life)),  # seconds
    }


def _template(config: Mapping[str, Any], message: Message) -> dict[str, str]:
    template = template_for(config, message)
    return {
        "PhoneNumbers": message.to if message.country == "CN" else message.digits,
        "SignName": config["sign_name"],
        "TemplateCode": template.id,
        "TemplateParam": json_of(dict(template.parameters)),
        "OutId": message.id,
    }


def json_of(values: Mapping[str, str]) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def signed_request(
    config: Mapping[str, Any], message: Message, host: str, action: tuple[str, str], parameters: Mapping[str, str]
) -> Request:
    """An Alibaba Cloud request of this (action, version), signed ACS3-HMAC-SHA256."""
    url = (config["base_url"] or f"https://{host}").rstrip("/") + "/"
    query = urlencode(sorted((name, value) for name, value in parameters.items() if value), safe="~", quote_via=quote)
    address = urlsplit(url)
    headers = {
        "host": address.netloc,
        "x-acs-action": action[0],
        "x-acs-version": action[1],
        "x-acs-date": f"{datetime.fromtimestamp(message.sent_at, UTC):%Y-%m-%dT%H:%M:%SZ}",
        "x-acs-signature-nonce": message.nonce,
        "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
    }
    signature = _signature(config["access_key_secret"], address.path, query, headers)
    names = ";".join(sorted(headers))
    headers["Authorization"] = (
        f"ACS3-HMAC-SHA256 Credential={config['access_key_id']},SignedHeaders={names},Signature={signature}"
    )
    return Request("POST", f"{url}?{query}", headers | {"Accept": "application/json"})


def _signature(secret: str, path: str, query: str, headers: Mapping[str, str]) -> str:
    """Of a POST without a body, over all these headers, named in lower case. A proxy may change any other header."""
    lines = "".join(f"{name}:{value.strip()}\n" for name, value in sorted(headers.items()))
    names = ";".join(sorted(headers))
    canonical = f"POST\n{path}\n{query}\n{lines}\n{names}\n{headers['x-acs-content-sha256']}"
    text = f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def read(_config: Mapping[str, Any], reply: Reply) -> Answer:
    answer = reply.json()
    code = spelled(answer.get("Code") or answer.get("ResponseCode"))
    words = answer.get("Message") or answer.get("ResponseDescription")
    sent = spelled(answer.get("BizId") or answer.get("MessageId"))
    if reply.status == 200 and code == "OK" and sent:
        return accepted(sent)
    return refusal_of(ERRORS, reply, code, words)


def refusal_of(errors: Mapping[str, Refusal], reply: Reply, code: str, words: object) -> Answer:
    short, family = code.removeprefix("isv.").removeprefix("isp."), code.partition(".")[0]
    kind = errors.get(short) or errors.get(family)
    if short in UNSURE:
        return unknown(code, words)
    return refused(kind, code, words) if kind else by_status(reply, code, words)


def receive(_config: Mapping[str, Any], notice: Notice) -> list[Receipt] | None:
    """Several in one notice, of either shape. They are not signed: the secret of the address is the proof."""
    reports = notice.parsed()
    reports = [report for report in reports if isinstance(report, dict)] if isinstance(reports, list) else []
    return [_receipt(report) for report in reports if _state(report) in STATES]


def _state(report: Mapping[str, Any]) -> str:
    return spelled(report.get("success", report.get("Status"))).lower()


def _receipt(report: Mapping[str, Any]) -> Receipt:
    code = spelled(report.get("err_code") or report.get("ErrorCode"))
    return receipt(
        STATES[_state(report)],
        report.get("biz_id") or report.get("MessageId"),
        message_id=report.get("out_id") or report.get("TaskId"),
        refusal=RECEIPT_ERRORS.get(code),
        code=code,
        detail=report.get("err_msg") or report.get("ErrorDescription"),
    )
