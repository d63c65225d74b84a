"""The token endpoint: codes are good once, and tokens are what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from oidc.frame import ONE_PROOF, acr_of, amr_of
from rules.proofs import Proof
from tests.kit import House, open_house
from tests.oidc.kit import (
    CALLBACK,
    E164,
    OFFLINE,
    TOKEN,
    VERIFIER,
    account_id,
    add_shop,
    challenge,
    claims_half,
    claims_of,
    header_of,
    signed_in,
)


def test_the_happy_path_tells_what_is_true(house: House) -> None:
    shop, browser = add_shop(house), signed_in(house)
    reply = shop.redeem(shop.code(browser))
    assert reply.headers["Cache-Control"] == "no-store"
    told = reply.json
    assert told.keys() == {"access_token", "token_type", "expires_in", "scope", "id_token"}
    assert (told["token_type"], told["expires_in"], told["scope"]) == ("Bearer", 900, "openid phone")
    identity = claims_of(house, told["id_token"])
    session = house.sql("SELECT id, created_at FROM sessions")[0]
    assert identity.keys() == {
        *("iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash", "sid"),
    }
    assert identity["iss"] == house.services.environment.public_url
    assert (identity["sub"], identity["aud"]) == (account_id(house), shop.client_id)
    assert (identity["nonce"], identity["sid"]) == ("a nonce", session.id)
    assert abs(identity["auth_time"] - session.created_at) < 2
    assert (identity["amr"], identity["acr"]) == (["otp", "sms"], ONE_PROOF)
    half = claims_half(told["access_token"])
    assert identity["at_hash"] == half
    access = claims_of(house, told["access_token"])
    assert header_of(told["access_token"])["typ"] == "at+jwt"
    assert header_of(told["access_token"])["alg"] == "ES256"
    assert access["aud"] == identity["iss"]
    assert access["client_id"] == shop.client_id
    assert not {"phone_number", "email"} & {*identity, *access}
    dump = "".join(repr(house.sql(f"SELECT * FROM {table}")) for table in ("grants", "refresh_tokens"))  # noqa: S608
    assert told["access_token"] not in dump


def test_an_application_may_choose_es256_and_its_lives(house: House) -> None:
    shop = add_shop(house, id_token_algorithm="ES256", access_minutes="5", audience="https://api.example.com")
    told = shop.tokens(signed_in(house))
    assert header_of(told["id_token"])["alg"] == "ES256"
    access = claims_of(house, told["access_token"])
    assert access["aud"] == ["https://api.example.com", house.services.environment.public_url]
    assert access["exp"] - access["iat"] == told["expires_in"] == 300


@pytest.mark.parametrize(
    ("proofs", "amr", "acr"),
    [
        ([("code", "phone")], ["otp", "sms"], 1),
        ([("code", "email")], ["otp"], 1),
        ([("password", "phone")], ["pwd"], 1),
        ([("password", "email"), ("totp", "")], ["pwd", "otp", "mfa"], 2),
        ([("code", "phone"), ("totp", "")], ["otp", "sms"], 2),
        ([("password", "username"), ("sms", "phone")], ["pwd", "otp", "sms", "mfa"], 2),
        ([("code", "phone"), ("sms", "")], ["otp", "sms"], 1),  # two numbers of an account that was asleep
        ([("code", "email"), ("sms", "")], ["otp", "sms"], 2),
        ([("passkey", "")], ["pop", "user"], 2),
        ([("password", "email"), ("backup_code", "")], ["pwd", "otp", "mfa"], 2),
    ],
)
def test_how_somebody_signed_in_is_told_as_it_was(proofs: list[tuple[str, str]], amr: list[str], acr: int) -> None:
    shown = tuple(Proof(by, kind, 1.0) for by, kind in proofs)
    assert amr_of(shown) == amr
    assert acr_of(shown) == f"urn:doorcode:acr:{acr}"


def test_a_code_is_good_once_and_its_replay_ends_what_came_of_it(house: House) -> None:
    shop = add_shop(house)
    code = shop.code(signed_in(house), scope=OFFLINE)
    told = shop.redeem(code).json
    assert shop.introspect(told["access_token"])["active"]
    for _ in range(2):
        reply = shop.redeem(code)
        assert (reply.status_code, reply.json["error"]) == (400, "invalid_grant")
        house.clock.forward(31)
    assert shop.userinfo(told["access_token"]).status_code == 401
    assert shop.introspect(told["access_token"]) == {"active": False}
    assert shop.refresh(told["refresh_token"]).json["error"] == "invalid_grant"


def test_a_code_lives_a_minute(house: House) -> None:
    shop = add_shop(house)
    code = shop.code(signed_in(house))
    house.clock.forward(61)
    assert shop.redeem(code).json["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"code_verifier": "another-verifier-of-43-characters-or-more-01"}, "invalid_grant"),
        ({"code_verifier": None}, "invalid_request"),
        ({"code_verifier": challenge()}, "invalid_grant"),
        ({"redirect_uri": CALLBACK + "/"}, "invalid_grant"),
        ({"redirect_uri": None}, "invalid_grant"),
        ({"code": "guess"}, "invalid_grant"),
        ({"code": None}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": None}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, "unauthorized_client"),
    ],
)
def test_whatever_is_wrong_gives_no_token(sqlite_house: House, more: dict[str, str | None], error: str) -> None:
    shop, browser = add_shop(sqlite_house), signed_in(sqlite_house)
    form: dict[str, str | None] = {
        "grant_type": "authorization_code",
        "code": shop.code(browser),
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    }
    reply = shop.post(**form | more)
    assert reply.status_code == 400
    assert reply.json["error"] == error
    assert reply.headers["Cache-Control"] == "no-store"


def test_a_verifier_without_a_challenge_is_refused(house: House) -> None:
    shop = add_shop(house, pkce="off")
    code = shop.code(signed_in(house), code_challenge=None, code_challenge_method=None)
    assert shop.redeem(code).json["error"] == "invalid_request"


def test_another_clients_code_is_nothing_and_stays_whole(house: House) -> None:
    shop, other = add_shop(house), add_shop(house)
    code = shop.code(signed_in(house))
    assert other.redeem(code).json["error"] == "invalid_grant"
    assert shop.redeem(code).status_code == 200
    assert other.redeem(code).json["error"] == "invalid_grant"
    assert house.sql("SELECT ended_at FROM grants") == [(None,)]


def test_a_machine_gets_tokens_of_its_own_for_its_scopes(house: House) -> None:
    shop = add_shop(house, "machine", scopes=["orders:read", "orders:write"], audience="https://api.example.com")
    told = shop.post(grant_type="client_credentials").json
    assert told.keys() == {"access_token", "token_type", "expires_in", "scope"}
    access = claims_of(house, told["access_token"])
    assert (access["sub"], access["aud"]) == (shop.client_id, "https://api.example.com")
    assert access["scope"] == "orders:read orders:write"
    assert shop.post(grant_type="client_credentials", scope="orders:read").json["scope"] == "orders:read"
    for scope in ("openid", "orders:delete", "orders:read openid"):
        assert shop.post(grant_type="client_credentials", scope=scope).json["error"] == "invalid_scope"
    assert shop.userinfo(told["access_token"]).status_code == 401
    assert shop.introspect(told["access_token"])["active"]
    house.sql("DELETE FROM clients")
    other = add_shop(house)
    assert not other.introspect(told["access_token"])["active"]


def test_claims_by_name_stand_in_the_id_token(house: House) -> None:
    shop, browser = add_shop(house), signed_in(house)
    asked = '{"id_token": {"phone_number": {"essential": true}, "sub": null, "email": null}}'
    told = claims_of(house, shop.tokens(browser, claims=asked)["id_token"])
    assert told["phone_number"] == E164
    assert "phone_number_verified" not in told
    assert told["sub"] == account_id(house)


def test_a_development_server_on_a_network_without_tls_answers_too(sqlite_template: Path, tmp_path: Path) -> None:
    """Authlib itself would take plain HTTP from its own machine only."""
    path = tmp_path / "doorcode.db"
    path.write_bytes(sqlite_template.read_bytes())
    with open_house(f"sqlite:///{path}", tmp_path, PUBLIC_URL="http://192.168.1.5:8000") as house:
        shop = add_shop(house, "machine")
        told = house.app.test_client().post(
            TOKEN,
            base_url="http://192.168.1.5:8000",
            data={"grant_type": "client_credentials", "client_id": shop.client_id, "client_secret": shop.secret},
        )
        assert told.status_code == 200
        assert claims_of(house, told.json["access_token"])["iss"] == "http://192.168.1.5:8000"
