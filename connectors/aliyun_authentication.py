"""Alibaba Cloud's SMS authentication (Dypnsapi): SendSmsVerifyCode, version 2017-05-25, with a code of our own.

https://help.aliyun.com/zh/pnvs/developer-reference/api-dypnsapi-2017-05-25-sendsmsverifycode
https://help.aliyun.com/document_detail/85198.htm                                  the codes
https://help.aliyun.com/zh/pnvs/developer-reference/dypnssmsverifyreport-http      receipts, which are not signed

Mainland China only, with signatures and templates that Alibaba gives to everybody. Alibaba could make and check the
code too; it is told ours instead, and never to return one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors import aliyun
from connectors.contract import Answer, CannotBuildError, Message, Refusal, Reply, Request, accepted, spelled
from connectors.provider_templates import TEMPLATES, template_for, templates_problem
from settings.fields import N_, Field, Problem

TITLE = N_("Alibaba Cloud SMS authentication")
SUMMARY = N_("Codes to mainland China through Alibaba Cloud's ready-made signatures and templates.")

FIELDS = (
    aliyun.KEY_ID,
    aliyun.KEY_SECRET,
    Field(
        "sign_name",
        N_("Signature"),
        required=True,
        maximum=100,
        help=N_("One of those that the console gives to you, such as 速通互联验证码."),
    ),
    TEMPLATES,
    Field("scheme_name", N_("Scheme"), maximum=20, help=N_("Its name. Empty: the default scheme.")),
    aliyun.BASE_URL,
)
HOST = "dypnsapi.aliyuncs.com"
SHORTEST_WAIT = 30  # seconds between two codes to a number, where Alibaba would ask for 60; ours are 30 at first

ERRORS = aliyun.ERRORS | {
    # https://help.aliyun.com/document_detail/85198.htm; biz.FREQUENCY and its like are not on that page
    "biz": Refusal.THROTTLED,
    "VERIFY_SCHEME_NOT_EXIST": Refusal.SENDER_OR_TEMPLATE,
}

RECEIPT_REPLY = aliyun.RECEIPT_REPLY
receive = aliyun.receive


def check(config: Mapping[str, Any]) -> dict[str, Problem]:
    problem = templates_problem(config)
    return {"templates": problem} if problem else {}


def build(config: Mapping[str, Any], message: Message) -> Request:
    if message.country != "CN":
        raise CannotBuildError("Alibaba Cloud's SMS authentication reaches mainland China only.")
    template = template_for(config, message)
    parameters = {
        "CountryCode": "86",
        "PhoneNumber": message.digits.removeprefix("86"),
        "SchemeName": config["scheme_name"],
        "SignName": config["sign_name"],
        "TemplateCode": template.id,
        "TemplateParam": aliyun.json_of(dict(template.parameters)),
        "OutId": message.id,
        "ValidTime": str(max(1, message.life)),  # seconds
        "Interval": str(SHORTEST_WAIT),
        "ReturnVerifyCode": "false",
    }
    return aliyun.signed_request(config, message, HOST, ("SendSmsVerifyCode", "2017-05-25"), parameters)


def read(_config: Mapping[str, Any], reply: Reply) -> Answer:
    code, sent = spelled(reply.at("Code")), reply.at("Model.BizId")
    if reply.status == 200 and code == "OK" and spelled(sent):
        return accepted(sent)
    return aliyun.refusal_of(ERRORS, reply, code, reply.at("Message"))
