"""SMSBao: our requests against the vendor's description, its plain answers against ours."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

import pytest

from connectors import smsbao
from connectors.contract import Message, Refusal
from connectors.testkit import MESSAGE, SECRET, ConnectorContract, reply

CHINESE = replace(MESSAGE, to="+8613800138000", country="CN")


class TestSmsbao(ConnectorContract):
    module = smsbao
    typed: ClassVar = {"username": "example", "api_key": SECRET, "sign_name": "短信宝"}
    secret_in_address = True
    accepted = ((reply(200, b"0"), ""), (reply(200, b"0\r\n"), ""))
    refused = (
        (reply(200, b"30"), Refusal.BAD_CREDENTIALS),
        (reply(200, b"40"), Refusal.BAD_CREDENTIALS),
        (reply(200, b"41"), Refusal.NO_BALANCE),
        (reply(200, b"42"), Refusal.BAD_CREDENTIALS),
        (reply(200, b"43\n"), Refusal.BAD_CREDENTIALS),
        (reply(200, b"50"), Refusal.SENDER_OR_TEMPLATE),
        (reply(200, b"51"), Refusal.BAD_NUMBER),
        (reply(200, b"-1"), Refusal.SENDER_OR_TEMPLATE),
        (reply(403, b"0"), Refusal.BAD_CREDENTIALS),
        (reply(429, b""), Refusal.THROTTLED),
    )
    unknown = (
        reply(200, b""),
        reply(200, b"00"),
        reply(200, b"0 0"),
        reply(200, b'"0"'),
        reply(200, b"99"),
        reply(200, b"<html>0</html>"),
        reply(201, b"0"),
        reply(500, b"51"),
        reply(502, b"0"),
    )


config, problems = TestSmsbao().config, TestSmsbao().problems


def parameters(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, strict_parsing=True))


@pytest.mark.parametrize(
    ("message", "address", "number"),
    [
        (CHINESE, "https://api.smsbao.com/sms", "13800138000"),
        (MESSAGE, "https://api.smsbao.com/wsms", "+14155552671"),
        (replace(MESSAGE, to="+85221234567", country="HK"), "https://api.smsbao.com/wsms", "+85221234567"),
        (replace(MESSAGE, country=""), "https://api.smsbao.com/wsms", "+14155552671"),
    ],
)
def test_the_country_decides(message: Message, address: str, number: str) -> None:
    request = smsbao.build(config(), message)
    assert (request.method, request.body, request.url.partition("?")[0]) == ("GET", b"", address)
    assert parameters(request.url) == {
        "u": "example",
        "p": SECRET,
        "m": number,
        "c": "【短信宝】Your code is 482913",
    }


def test_the_address_is_spelled_as_the_vendor_asks() -> None:
    """In UTF-8, the plus of a number as %2B."""
    url = smsbao.build(config(), MESSAGE).url
    assert url.endswith("&m=%2B14155552671&c=%E3%80%90%E7%9F%AD%E4%BF%A1%E5%AE%9D%E3%80%91Your%20code%20is%20482913")


def test_a_password_is_sent_as_its_md5_sum() -> None:
    typed = config(api_key="", password="Grüße 1")
    assert parameters(smsbao.build(typed, CHINESE).url)["p"] == hashlib.md5("Grüße 1".encode()).hexdigest()  # noqa: S324
    assert smsbao.build(typed, CHINESE).url.count("482913") == 1


def test_the_api_key_goes_before_the_password() -> None:
    typed = config(password="another")
    assert parameters(smsbao.build(typed, CHINESE).url)["p"] == SECRET


@pytest.mark.parametrize(
    ("sign_name", "text", "sent"),
    [
        ("万千购", "Your code", "【万千购】Your code"),
        ("万千购", "【Other】Your code", "【Other】Your code"),
        ("", "Your code", "Your code"),
    ],
)
def test_a_text_is_signed_once(sign_name: str, text: str, sent: str) -> None:
    assert parameters(smsbao.build(config(sign_name=sign_name), replace(CHINESE, text=text)).url)["c"] == sent


def test_where_it_calls_in_tests() -> None:
    request = smsbao.build(config(base_url="http://127.0.0.1:4010/mock/"), CHINESE)
    assert request.url.startswith("http://127.0.0.1:4010/mock/sms?u=example&")


@pytest.mark.parametrize("sign_name", ["好乐迪", "Example", "志邦橱柜"])
def test_signatures_that_are_right(sign_name: str) -> None:
    assert problems(sign_name=sign_name) == {}


@pytest.mark.parametrize("sign_name", ["【好乐迪】", "好", "a" * 21])
def test_signatures_that_are_wrong(sign_name: str) -> None:
    assert "without the brackets" in problems(sign_name=sign_name)["sign_name"]


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"username": ""}, "username", "Fill this in"),
        ({"username": "two words"}, "username", "no spaces"),
        ({"api_key": "two words"}, "api_key", "no spaces"),
        ({"api_key": ""}, "api_key", "Give the API key"),
        ({"base_url": "http://127.0.0.1/?x=1"}, "base_url", "without ?"),
    ],
)
def test_each_mistake_is_told_at_its_field(typed: dict[str, Any], field: str, words: str) -> None:
    found = problems(**typed)
    assert list(found) == [field]
    assert words in found[field]
