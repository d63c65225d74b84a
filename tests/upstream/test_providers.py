"""What each provider's file makes of what its provider says: data in, data out."""

from __future__ import annotations

from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from upstream import apple, github, microsoft, oauth2
from upstream.contract import Identity, of_claims
from upstream.protocol import UnprovedError, read_discovery
from upstream.registry import providers

TENANT = "11111111-2222-3333-4444-555555555555"
ENDPOINTS = {
    "issuer": "https://id.example",
    "authorization_endpoint": "https://id.example/a",
    "token_endpoint": "https://id.example/t",
    "jwks_uri": "https://id.example/k",
}


def test_each_declares_what_a_provider_is() -> None:
    for provider in providers().values():
        assert provider.title
        assert provider.summary
        assert provider.button
        assert provider.guide().startswith("# ")
        assert (provider.issuer is None) != (provider.endpoints is None)
        assert any(field.secret for field in provider.fields)


def test_github_knows_a_person_by_the_number_and_takes_the_main_address() -> None:
    person = {"id": 17, "login": "ada", "email": "public@example.com"}
    addresses = [
        {"email": "old@example.com", "primary": False, "verified": True},
        {"email": "ada@example.com", "primary": True, "verified": True},
    ]
    assert github.read({}, [person, addresses]) == Identity("https://github.com", "17", "ada@example.com", True)
    addresses[1]["verified"] = False
    found = github.read({}, [person, addresses])
    assert found
    assert not found.email_verified


@pytest.mark.parametrize("answers", [[None, None], [[], {}], [{"id": None}, []], [{"id": True}, []], [{}, "x"]])
def test_github_without_a_person(answers: list[Any]) -> None:
    assert github.read({}, answers) is None


def test_an_address_of_microsofts_is_verified_only_where_it_says_so() -> None:
    claims = {"iss": "x", "sub": "s", "email": "ada@example.com", "email_verified": True}
    assert [
        found.email_verified
        for extra in ({}, {"xms_edov": False}, {"xms_edov": "0"}, {"xms_edov": True}, {"xms_edov": "1"})
        if (found := microsoft.read({}, claims | extra))
    ] == [False, False, False, True, True]


def test_microsofts_issuer_is_that_of_the_tenant() -> None:
    common, own = {"tenant": "common"}, {"tenant": TENANT}
    assert microsoft.own_issuer(common, {"tid": "x"}) == "https://login.microsoftonline.com/x/v2.0"
    assert microsoft.own_issuer(own, {"tid": "x"}) == f"https://login.microsoftonline.com/{TENANT}/v2.0"


def test_apples_secret_is_signed_anew() -> None:
    key = ECKey.generate_key("P-256")
    config = {
        "client_id": "com.example.web",
        "team_id": "TEAM000001",
        "key_id": "KEY0000001",
        "private_key": key.as_pem(private=True).decode(),
    }
    assert apple.check(config) == {}
    token = jwt.decode(apple.client_secret(config, 1000.0), key, algorithms=["ES256"])
    assert token.header["kid"] == "KEY0000001"
    assert token.claims == {
        "iss": "TEAM000001",
        "iat": 1000,
        "exp": 1300,
        "aud": "https://appleid.apple.com",
        "sub": "com.example.web",
    }


@pytest.mark.parametrize("said", [True, "true"])
def test_verified_may_be_spelled(said: object) -> None:
    found = of_claims({"iss": "i", "sub": "s", "email": "a@example.com", "email_verified": said})
    assert found
    assert found.email_verified


@pytest.mark.parametrize("said", [1, "yes", "True", [True], {"true": True}, None, False, "false"])
def test_all_else_is_no(said: object) -> None:
    found = of_claims({"iss": "i", "sub": "s", "email": "a@example.com", "email_verified": said})
    assert found
    assert not found.email_verified


def test_a_person_deeper_in_the_answer() -> None:
    config = {"user_url": "https://x.example/me", "subject_at": "data.id", "email_at": "", "verified_at": ""}
    assert oauth2.read(config, [{"data": {"id": "7"}}]) == Identity("https://x.example/me", "7")
    assert oauth2.read(config, [{"data": []}]) is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"issuer": "https://other.example"}, "other_issuer"),
        ({"issuer": "https://id.example/"}, "other_issuer"),
        ({"jwks_uri": None}, "bad_discovery"),
        ({"token_endpoint": "javascript:x"}, "bad_discovery"),
        ({"authorization_endpoint": ["https://id.example/a"]}, "bad_discovery"),
    ],
)
def test_a_discovery_document_that_will_not_do(change: dict[str, Any], why: str) -> None:
    with pytest.raises(UnprovedError, match=why):
        read_discovery(ENDPOINTS | change, "https://id.example")
