"""Tokens that prove a notice: what is believed, and that nothing else is."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.testkit import json_values
from connectors.tokens import signed_claims

SECRET = "0123456789abcdef0123456789abcdef"


def base64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def token(header: Any, claims: Any, secret: str = SECRET, digest: Any = hashlib.sha256) -> str:
    """Signed by hand, whatever it says of itself."""
    parts = [each if isinstance(each, bytes) else json.dumps(each).encode() for each in (header, claims)]
    text = ".".join(map(base64, parts))
    return f"{text}.{base64(hmac.digest(secret.encode(), text.encode(), digest))}"


def test_claims_under_the_secret_are_believed() -> None:
    assert signed_claims(token({"alg": "HS256", "typ": "JWT"}, {"id": 1}), SECRET) == {"id": 1}


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "..",
        "a.b.c",
        "\ud800..",
        token({"alg": "HS256"}, {"id": 1}, secret="another-secret-of-32-characters!"),
        token({"alg": "HS512"}, {"id": 1}, digest=hashlib.sha512),
        token({"alg": "none"}, {"id": 1}),
        token({"alg": "none"}, {"id": 1}).rpartition(".")[0] + ".",
        token({"alg": "HS256"}, {"id": 1}).rpartition(".")[0] + ".",
        token({"alg": "HS256"}, {"id": 1}) + ".x",
        token({"alg": "HS256", "crit": 5}, {}),
        token({"alg": "HS256", "crit": ["new"], "new": 1}, {}),
        token({"alg": "HS256"}, [{"id": 1}]),
        token({"alg": "HS256"}, b"[" * 60_000),
        token({"alg": "HS256"}, b'{"a": "\xff"}'),
        token(b"[" * 60_000, {}),
        "." * 60_000,
    ],
    ids=range(17),
)
def test_anything_else_is_not(wrong: str) -> None:
    assert signed_claims(wrong, SECRET) is None


names = {"alg", "HS256", "none", "typ", "crit", "b64", "kid", "jwk", "jku", "x5c", "zip"}


@settings(max_examples=200, deadline=None)
@given(header=json_values(names), claims=json_values(names))
def test_whatever_the_token_says_of_itself_it_is_read(header: Any, claims: Any) -> None:
    found = signed_claims(token(header, claims), SECRET)
    if found is not None:
        assert header["alg"] == "HS256"


@given(text=st.text(max_size=60))
def test_whatever_the_text_it_is_no_token(text: str) -> None:
    assert signed_claims(text, SECRET) is None
