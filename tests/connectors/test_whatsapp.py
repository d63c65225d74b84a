"""WhatsApp: the request that Meta's guide asks for, its errors, its signed receipts and its question beforehand."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import urlencode

import pytest

from connectors import whatsapp
from connectors.contract import CannotBuildError, Refusal
from connectors.receipts import Notice, Receipt, ReceiptState, receipt
from connectors.testkit import MESSAGE, NOW, SECRET, ConnectorContract, reply

URL = "https://id.example/receipts/whatsapp/s3cr3t-path"
WAMID = "wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBI3MTE5MjVBOTE3MDk5QUVFM0YA"
TEMPLATES = [
    {"id": "my_code:en_US", "parameters": ["code"]},
    {"id": "my_code:pt_BR", "locale": "pt-BR", "parameters": ["code"]},
    {"id": "reset:en", "usage": "forgot_password", "parameters": ["code", "minutes"]},
]


def signed(told: Any, secret: str = SECRET) -> Notice:
    body = json.dumps(told).encode()
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return Notice("POST", URL, {"x-hub-signature-256": f"sha256={digest}"}, body, NOW)


def told(*statuses: Any, **value: Any) -> Notice:
    change = {"value": {"messaging_product": "whatsapp", "statuses": list(statuses), **value}, "field": "messages"}
    return signed({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]})


def status(state: str, **more: Any) -> dict[str, Any]:
    return {"id": WAMID, "status": state, "timestamp": "1700000000", "recipient_id": "14155552671", **more}


def error(code: int) -> dict[str, Any]:
    return {"error": {"message": f"(#{code}) Title", "type": "OAuthException", "code": code, "fbtrace_id": "A"}}


def ours(state: ReceiptState, **more: Any) -> list[Receipt]:
    return [receipt(state, WAMID, **more)]


class TestWhatsApp(ConnectorContract):
    module = whatsapp
    typed: ClassVar = {
        "phone_number_id": "106540352242922",
        "access_token": SECRET,
        "templates": TEMPLATES,
        "app_secret": SECRET,
        "verify_token": "words-of-ours",
    }
    accepted = ((reply(200, {"messaging_product": "whatsapp", "messages": [{"id": WAMID}]}), WAMID),)
    refused = (
        (reply(401, error(190)), Refusal.BAD_CREDENTIALS),
        (reply(500, error(3)), Refusal.BAD_CREDENTIALS),
        (reply(403, error(200)), Refusal.BAD_CREDENTIALS),
        (reply(401, error(0)), Refusal.BAD_CREDENTIALS),
        (reply(400, error(131021)), Refusal.BAD_NUMBER),
        (reply(400, error(131050)), Refusal.BLOCKED),
        (reply(400, error(131042)), Refusal.NO_BALANCE),
        (reply(400, error(131056)), Refusal.THROTTLED),
        (reply(429, error(130429)), Refusal.THROTTLED),
        (reply(400, error(131026)), Refusal.SENDER_OR_TEMPLATE),
        (reply(404, error(132001)), Refusal.SENDER_OR_TEMPLATE),
        (reply(400, error(999999)), Refusal.SENDER_OR_TEMPLATE),
        (reply(500, error(131057)), Refusal.TEMPORARY),
        (reply(503, error(2)), Refusal.TEMPORARY),
    )
    unknown = (
        reply(500, error(131000)),
        reply(500, error(131016)),
        reply(504),
        reply(200),
        reply(200, {"messages": []}),
        reply(200, error(190)),
    )
    signs_receipts = True
    notices = (
        (told(status("sent")), ours(ReceiptState.SENT)),
        (
            told(status("delivered", biz_opaque_callback_data="0192f3c4")),
            ours(ReceiptState.DELIVERED, message_id="0192f3c4"),
        ),
        (told(status("read")), ours(ReceiptState.DELIVERED)),
        (
            told(status("failed", errors=[{"code": 131026, "title": "Message undeliverable"}])),
            ours(
                ReceiptState.FAILED,
                refusal=Refusal.SENDER_OR_TEMPLATE,
                code="131026",
                detail="Message undeliverable",
            ),
        ),
        (told(status("failed")), ours(ReceiptState.FAILED)),
        (told(status("sent"), status("delivered")), ours(ReceiptState.SENT) + ours(ReceiptState.DELIVERED)),
        (told(status("played")), []),
        (told(messages=[{"from": "14155552671", "type": "text", "text": {"body": "Hello"}}]), []),
        (signed({"entry": [{"changes": [{"value": []}, 1]}, None]}), []),
    )


config, problems = TestWhatsApp().config, TestWhatsApp().problems


def test_the_request_is_that_of_metas_guide() -> None:
    """The code twice, in the text and in the button; our id, so that receipts name it."""
    request = whatsapp.build(config(), MESSAGE)
    assert request.url == "https://graph.facebook.com/v23.0/106540352242922/messages"
    assert request.headers["Authorization"] == f"Bearer {SECRET}"
    assert request.headers["Content-Type"] == "application/json"
    code = [{"type": "text", "text": "482913"}]
    assert json.loads(request.body) == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "+14155552671",
        "type": "template",
        "template": {
            "name": "my_code",
            "language": {"code": "en_US"},
            "components": [
                {"type": "body", "parameters": code},
                {"type": "button", "sub_type": "url", "index": "0", "parameters": code},
            ],
        },
        "biz_opaque_callback_data": "0192f3c4",
    }


@pytest.mark.parametrize(
    ("changes", "name", "language", "values"),
    [
        ({}, "my_code", "en_US", ["482913"]),
        ({"locale": "pt-BR"}, "my_code", "pt_BR", ["482913"]),
        ({"locale": "de"}, "my_code", "en_US", ["482913"]),
        ({"usage": "forgot_password"}, "reset", "en", ["482913", "10"]),
    ],
)
def test_the_closest_template_carries_it(changes: Any, name: str, language: str, values: list[str]) -> None:
    template = json.loads(whatsapp.build(config(), replace(MESSAGE, **changes)).body)["template"]
    assert (template["name"], template["language"]) == (name, {"code": language})
    assert [each["text"] for each in template["components"][0]["parameters"]] == values


def test_a_message_without_a_code_is_not_sent() -> None:
    with pytest.raises(CannotBuildError, match="codes only"):
        whatsapp.build(config(), replace(MESSAGE, code=""))


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ({"version": "v25.0"}, "https://graph.facebook.com/v25.0/106540352242922/messages"),
        ({"version": ""}, "https://graph.facebook.com/v23.0/106540352242922/messages"),
        ({"base_url": "http://127.0.0.1:4010/"}, "http://127.0.0.1:4010/v23.0/106540352242922/messages"),
    ],
)
def test_where_it_calls(typed: dict[str, str], url: str) -> None:
    assert whatsapp.build(config(**typed), MESSAGE).url == url


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"phone_number_id": "+14155552671"}, "phone_number_id", "digits only"),
        ({"access_token": ""}, "access_token", "Fill this in"),
        ({"access_token": "two words"}, "access_token", "no spaces"),
        ({"templates": ""}, "templates", "Fill this in"),
        ({"templates": "[]"}, "templates", "usage generic"),
        ({"templates": [{"id": "my_code", "parameters": ["code"]}]}, "templates", "my_code:en_US"),
        ({"templates": [*TEMPLATES, {"id": "my_code:EN", "parameters": ["code"]}]}, "templates", "Template 4"),
        ({"templates": [{"id": "my_code:en"}]}, "templates", "code must be"),
        ({"app_secret": ""}, "app_secret", "Receipts need"),
        ({"app_secret": "two words"}, "app_secret", "no spaces"),
        ({"verify_token": "short"}, "verify_token", "at least 8"),
        ({"version": "23"}, "version", "such as v23.0"),
        ({"base_url": "http://127.0.0.1/?x=1"}, "base_url", "without ?"),
    ],
)
def test_each_mistake_is_told_at_its_field(typed: dict[str, Any], field: str, words: str) -> None:
    found = problems(**typed)
    assert list(found) == [field]
    assert words in found[field]


# Receipts


def test_no_receipt_is_believed_without_the_app_secret() -> None:
    notice = signed({"entry": []}, secret="")
    assert whatsapp.receive(config(app_secret="", verify_token=""), notice) is None


def asked(**changes: str) -> Notice:
    query = {"hub.mode": "subscribe", "hub.verify_token": "words-of-ours", "hub.challenge": "1158201444", **changes}
    return Notice("GET", f"{URL}?{urlencode(query)}", {}, b"", NOW)


def test_metas_question_whether_the_address_is_ours_is_answered() -> None:
    assert whatsapp.handshake(config(), asked()) == b"1158201444"


@pytest.mark.parametrize(
    "changes",
    [
        {"hub.verify_token": "other-words"},
        {"hub.verify_token": ""},
        {"hub.mode": "unsubscribe"},
        {"hub.challenge": ""},
        {"hub.challenge": "<script>"},
        {"hub.challenge": "1" * 201},
    ],
)
def test_another_question_is_not_answered(changes: dict[str, str]) -> None:
    assert whatsapp.handshake(config(), asked(**changes)) is None


def test_without_a_verify_token_no_question_is_answered() -> None:
    assert whatsapp.handshake(config(verify_token=""), asked(**{"hub.verify_token": ""})) is None
