"""The HTTP connector: no value can break out of its place, and only what the admin named is taken for accepted."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from dataclasses import replace
from pathlib import Path
from textwrap import dedent
from typing import Any, ClassVar
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from connectors import http
from connectors.contract import Answer, Outcome, Refusal, Reply, Request
from connectors.receipts import Notice, Receipt, ReceiptState, receipt
from connectors.testkit import MESSAGE, NOW, SECRET, ConnectorContract, reply

NASTY = ['"', '"}', '\\"', "\r\nX: 1", "a&b=c", "%26", "{code}", "{to}", "ключ 🔑", "\u2028", "\x00", "\\", "é+ +"]
RECEIPT_URL = "https://id.example/receipts/http/s3cr3t-path"
GUIDE = Path(__file__).parents[2] / "docs" / "connectors" / "http.md"


def signed(told: Any, at: int = NOW, secret: str = SECRET) -> Notice:
    body = json.dumps(told).encode()
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return Notice("POST", RECEIPT_URL, {"doorcode-signature": f"t={at},v1={digest}"}, body, NOW)


def both(state: ReceiptState, named: str, **more: Any) -> list[Receipt]:
    """A receipt names the message by its number there or by ours."""
    return [receipt(state, named, **more), receipt(state, message_id=named, **more)]


class TestHttp(ConnectorContract):
    module = http
    typed: ClassVar = {
        "url": "https://gateway.example/send",
        "headers": f"Authorization: Bearer {SECRET}",
        "signing_secret": SECRET,
    }
    accepted = ((reply(200, {"id": "m1"}), ""),)
    refused = tuple((reply(400, {"error": kind.value}), kind) for kind in Refusal)
    unknown = (reply(500), reply(408), reply(409))
    signs_receipts = True
    notices = (
        (signed({"id": "m1", "state": "sent"}), both(ReceiptState.SENT, "m1")),
        (signed({"id": 17, "state": "delivered"}), both(ReceiptState.DELIVERED, "17")),
        *(
            (
                signed({"id": "m1", "state": "failed", "kind": kind.value, "code": 7, "detail": "Why."}),
                both(ReceiptState.FAILED, "m1", refusal=kind, code="7", detail="Why."),
            )
            for kind in Refusal
        ),
        (
            signed({"id": "m1", "state": "failed", "kind": "no such kind"}),
            both(ReceiptState.FAILED, "m1"),
        ),
        (signed({"id": "m1", "state": "queued"}), []),
        (signed({"state": "delivered"}), []),
        (signed([{"id": "m1", "state": "delivered"}]), []),
    )


config, problems = TestHttp().config, TestHttp().problems


def built(text: str = MESSAGE.text, **typed: Any) -> Request:
    return http.build(config(**typed), replace(MESSAGE, text=text))


def read(status: int, body: Any = b"", headers: dict[str, str] | None = None, **typed: Any) -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return http.read(config(**typed), Reply(status, headers or {}, raw))


# What goes out


def test_an_address_is_all_it_needs() -> None:
    assert problems(headers="", signing_secret="") == {}
    request = built(headers="", signing_secret="")
    assert (request.method, request.url, request.timeout) == ("POST", "https://gateway.example/send", 8)
    assert json.loads(request.body) == {"to": MESSAGE.to, "text": MESSAGE.text}
    assert request.headers == {"Content-Type": "application/json", "Idempotency-Key": MESSAGE.id}


def test_every_variable_has_its_value() -> None:
    names = ["to", "to_digits", "text", "code", "usage", "locale", "application", "minutes", "id"]
    request = built(body=json.dumps({name: f"{{{name}}}" for name in names}))
    assert json.loads(request.body) == {
        "to": "+14155552671",
        "to_digits": "14155552671",
        "text": "Your code is 482913",
        "code": "482913",
        "usage": "sign_in",
        "locale": "en",
        "application": "Example",
        "minutes": "10",
        "id": "0192f3c4",
    }


def test_json_is_filled_at_any_depth_and_keeps_what_is_not_text() -> None:
    body = '{"messages": [{"to": ["{to_digits}"], "text": "<{text}>", "n": 1, "b": true, "x": null}], "{id}": {}}'
    assert json.loads(built("hi", body=body).body) == {
        "messages": [{"to": ["14155552671"], "text": "<hi>", "n": 1, "b": True, "x": None}],
        "0192f3c4": {},
    }


@given(text=st.text(max_size=60) | st.sampled_from(NASTY))
@example(text='", "to": "+15005550006')
@settings(deadline=None)
def test_no_text_breaks_json(text: str) -> None:
    assert json.loads(built(text).body) == {"to": MESSAGE.to, "text": text}


@given(text=st.text(max_size=60) | st.sampled_from(NASTY))
@example(text="&to=%2B15005550006")
@settings(deadline=None)
def test_no_text_breaks_a_form(text: str) -> None:
    request = built(text, body_kind="form", body="to={to}\nkey=a b\n\ntext={text}")
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    pairs = parse_qsl(request.body.decode("ascii"), keep_blank_values=True)
    assert pairs == [("to", MESSAGE.to), ("key", "a b"), ("text", text)]


@given(text=st.text(min_size=1, max_size=60) | st.sampled_from(NASTY))
@example(text="@evil.example/?#")
@settings(deadline=None)
def test_no_text_breaks_an_address(text: str) -> None:
    request = built(
        text, method="GET", body_kind="none", url="https://gateway.example/{to}/{text}?text={text}&to={to_digits}"
    )
    address = urlsplit(request.url)
    assert request.url.isascii()
    assert (address.scheme, address.netloc, address.fragment) == ("https", "gateway.example", "")
    assert [unquote(part) for part in address.path.split("/")] == ["", MESSAGE.to, text]
    assert parse_qsl(address.query, keep_blank_values=True) == [("text", text), ("to", "14155552671")]
    assert request.body == b""


def test_a_value_is_not_filled_again() -> None:
    assert json.loads(built("{code} {to}").body)["text"] == "{code} {to}"


def test_the_signature_is_of_the_time_and_the_body() -> None:
    request = built()
    digest = hmac.new(SECRET.encode(), b"1700000000." + request.body, hashlib.sha256).hexdigest()
    assert request.headers["Doorcode-Signature"] == f"t=1700000000,v1={digest}"


def test_the_signature_of_a_known_message() -> None:
    """The example of the guide, so that others can check their own code by it."""
    assert http._signature("secret", 1700000000, b'{"to": "+14155552671", "text": "Hello"}') == (
        "t=1700000000,v1=0788485aee260641fce382f444978273f03ff6e427fa730e0b8f2e35f96336f0"
    )


def test_headers_are_the_admins_and_the_content_type_too() -> None:
    request = built(headers=f"X-Api-Key: {SECRET}\r\n\r\n  content-type : application/vnd.example+json  \n")
    assert request.headers["X-Api-Key"] == SECRET
    assert request.headers["content-type"] == "application/vnd.example+json"
    assert "Content-Type" not in request.headers


# What an admin may type


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"url": "https://{to}.example/"}, "url", "after the server's name"),
        ({"url": "https://gateway.example:{to}/"}, "url", "whole address"),
        ({"url": "https://gateway.example:99999/"}, "url", "whole address"),
        ({"url": "https://[::1/"}, "url", "whole address"),
        ({"url": "ftp://gateway.example/"}, "url", "whole address"),
        ({"url": "https://someone:else@gateway.example/"}, "url", "whole address"),
        ({"url": "https://gateway.example/?a={phone}"}, "url", "no variable phone"),
        ({"headers": "no colon"}, "headers", "Name: value"),
        ({"headers": "Host: evil.example"}, "headers", "leave out"),
        ({"headers": "content-length: 1"}, "headers", "leave out"),
        ({"headers": "X-Key: ключ"}, "headers", "Name: value"),
        ({"headers": "X Key: 1"}, "headers", "Name: value"),
        ({"body": '{"to": "{to}", "text": {text}}'}, "body", "not JSON"),
        ({"body": '{"to": "{to}"}'}, "body", "what it says"),
        ({"body": '{"text": "{text}"}'}, "body", "where the message goes"),
        ({"body": '{"to": "{to}", "text": "{txt} {code}"}'}, "body", "no variable txt"),
        ({"body": '["{to}{text}"' + ", [" * 500 + "]" * 500 + "]"}, "body", "too long"),
        ({"body_kind": "form", "body": "to={to}\n{text}"}, "body", "not name=value"),
        ({"body_kind": "form", "body": ""}, "body", "where the message goes"),
        ({"body_kind": "none"}, "body", "where the message goes"),
        ({"method": "GET"}, "body", "GET has no body"),
        ({"method": "DELETE"}, "method", "one of the list"),
        ({"accept_status": "20x"}, "accept_status", "such as 2xx"),
        ({"accept_json": "status"}, "accept_json", "equals sign"),
        ({"timeout": 9}, "timeout", "from 1 to 8"),
        ({"timeout": 0}, "timeout", "from 1 to 8"),
    ],
)
def test_each_mistake_is_told_at_its_field(typed: dict[str, Any], field: str, words: str) -> None:
    found = problems(**typed)
    assert list(found) == [field]
    assert words in found[field]
    assert SECRET not in str(found)


# What comes back


@pytest.mark.parametrize(
    ("status", "body", "typed"),
    [
        (200, b"", {}),
        (204, b"", {}),
        (201, b"<html>", {}),
        (202, b"", {"accept_status": "200, 202"}),
        (302, b"", {"accept_status": "2xx,302"}),
        (200, b"OK 17", {"accept_text": "OK"}),
        (200, {"status": "ok"}, {"accept_json": "status=ok"}),
        (200, {"result": {"code": 0}}, {"accept_json": "result.code = 0"}),
        (200, {"sent": True}, {"accept_json": "sent=true"}),
        (200, [{"status": "0"}], {"accept_json": "0.status=0"}),
        (200, {"error": None}, {"accept_json": "error=null"}),
    ],
)
def test_accepted(status: int, body: Any, typed: dict[str, str]) -> None:
    assert read(status, body, **typed).outcome is Outcome.ACCEPTED


@pytest.mark.parametrize(
    ("status", "body", "typed"),
    [
        (200, b"", {"accept_status": "202"}),
        (200, b"ERROR", {"accept_text": "OK"}),
        (200, {"status": "failed"}, {"accept_json": "status=ok"}),
        (200, {"status": ["ok"]}, {"accept_json": "status=ok"}),
        (200, {"result": 1}, {"accept_json": "result.code=0"}),
        (200, [], {"accept_json": "0.status=0"}),
        (200, b"<html>ok", {"accept_json": "status=ok"}),
        (200, {"status": "ok"}, {"accept_json": "status=ok", "accept_text": "queued"}),
        (303, b"", {}),
        (408, b"", {}),
        (409, b"", {}),
        (500, b"", {}),
        (502, b"", {}),
        (504, b"", {}),
    ],
)
def test_what_proves_nothing_is_unknown(status: int, body: Any, typed: dict[str, str]) -> None:
    assert read(status, body, **typed).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, Refusal.SENDER_OR_TEMPLATE),
        (302, Refusal.SENDER_OR_TEMPLATE),
        (308, Refusal.SENDER_OR_TEMPLATE),
        (400, Refusal.SENDER_OR_TEMPLATE),
        (401, Refusal.BAD_CREDENTIALS),
        (402, Refusal.NO_BALANCE),
        (403, Refusal.BAD_CREDENTIALS),
        (404, Refusal.SENDER_OR_TEMPLATE),
        (422, Refusal.SENDER_OR_TEMPLATE),
        (429, Refusal.THROTTLED),
        (503, Refusal.TEMPORARY),
    ],
)
def test_refused(status: int, kind: Refusal) -> None:
    answer = read(status, b"Why.")
    assert (answer.outcome, answer.refusal, answer.code) == (Outcome.REFUSED, kind, str(status))
    assert answer.detail == ("The address redirects." if status < 400 else "Why.")


@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize("kind", list(Refusal))
def test_a_gateway_can_name_the_kind(status: int, kind: Refusal) -> None:
    assert read(status, {"error": kind.value}).refusal is kind
    assert read(status, {"error": {"kind": kind.value, "message": "Why."}}).refusal is kind


def test_a_kind_that_we_do_not_know_changes_nothing() -> None:
    assert read(400, {"error": "no such number"}).refusal is Refusal.SENDER_OR_TEMPLATE
    assert read(200, {"error": "no such number"}).outcome is Outcome.ACCEPTED


@pytest.mark.parametrize(
    ("body", "path", "number"),
    [
        ({"id": 17}, "id", "17"),
        ({"data": [{"id": "a-1"}]}, "data.0.id", "a-1"),
        ({"data": []}, "data.0.id", ""),
        ({"id": "x"}, "", ""),
        (b"OK", "id", ""),
    ],
)
def test_the_number_of_the_message_is_found(body: Any, path: str, number: str) -> None:
    assert read(200, body, id_path=path).provider_id == number


# Receipts


@pytest.mark.parametrize("late", [-301, 301])
def test_an_old_receipt_is_not_believed(late: int) -> None:
    told = {"id": "m1", "state": "sent"}
    assert http.receive(config(), signed(told, at=NOW + late)) is None
    assert http.receive(config(), signed(told, at=NOW + late // 2)) is not None


@pytest.mark.parametrize(
    "header", ["", "v1={}", "t={},", "t=x,v1={}", "t=1700000000,v1={},v1={}", "t= 1700000000,v1={}"]
)
def test_a_signature_of_another_form_is_not_believed(header: str) -> None:
    notice = signed({"id": "m1", "state": "sent"})
    digest = notice.headers["doorcode-signature"].rpartition("=")[2]
    changed = replace(notice, headers={"doorcode-signature": header.replace("{}", digest)})
    assert http.receive(config(), changed) is None


def test_the_address_proves_a_receipt_where_there_is_no_secret() -> None:
    notice = replace(signed({"id": "m1", "state": "delivered"}), headers={})
    assert http.receive(config(signing_secret=""), notice) == both(ReceiptState.DELIVERED, "m1")


def test_the_guides_receipt_is_believed() -> None:
    """Its example, run as it stands there."""
    guide = GUIDE.read_text()
    begins = guide.index("    import hashlib, hmac, json, time\n")
    ends = guide.index("\n", guide.index("    headers, body = "))
    example: dict[str, Any] = {}
    exec(dedent(guide[begins:ends]), example)  # noqa: S102 - our own guide
    headers = {name.lower(): value for name, value in example["headers"].items()}
    notice = Notice("POST", RECEIPT_URL, headers, example["body"], time.time())
    told = both(ReceiptState.FAILED, "m1", refusal=Refusal.BAD_NUMBER)
    assert http.receive(config(signing_secret="secret"), notice) == told
    assert http.receive(config(), notice) is None
