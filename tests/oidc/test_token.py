"""The token endpoint: codes are good once, refresh tokens turn, clients prove themselves, tokens are what they say."""

from __future__ import annotations

import base64
import itertools
import json
import time
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from flows import clients as clients_flow
from flows.clients import Created
from oidc.frame import ONE_PROOF, acr_of, amr_of
from rules.proofs import Proof
from rules.tokens import hash_token
from tests.kit import House, open_house
from tests.oidc.kit import (
    CALLBACK,
    E164,
    NUMBER,
    TOKEN,
    VERIFIER,
    Shop,
    account_id,
    add_shop,
    challenge,
    claims_of,
    signed_in,
)

OFFLINE = "openid phone offline_access"


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


def claims_half(token: str) -> str:
    """RS256's at_hash: the left half of SHA-256."""
    digest = bytes.fromhex(hash_token(token))
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()


def header_of(token: str) -> dict[str, str]:
    part = token.split(".")[0]
    found: dict[str, str] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


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


# How a client proves itself


def basic(name: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()}


def test_a_client_proves_itself_by_basic_or_post_and_not_by_both(house: House) -> None:
    shop, browser = add_shop(house), signed_in(house)
    form = {"grant_type": "authorization_code", "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    client = house.app.test_client()
    right = basic(shop.client_id, shop.secret)
    assert client.post(TOKEN, data=form | {"code": shop.code(browser)}, headers=right).status_code == 200
    both = client.post(TOKEN, data=form | {"code": "x", "client_secret": shop.secret}, headers=right)
    assert (both.status_code, both.json["error"]) == (400, "invalid_request")
    for headers in (
        basic(shop.client_id, "wrong"),
        basic("0" * 32, shop.secret),
        basic("nobody", "x"),
        {"Authorization": "Basic ?"},
        {},
    ):
        reply = client.post(TOKEN, data=form | {"code": "x"}, headers=headers)
        assert (reply.status_code, reply.json["error"]) == (401, "invalid_client")
        assert reply.headers["WWW-Authenticate"].startswith("Basic")
    assert shop.post(client_secret="wrong", grant_type="refresh_token").status_code == 401
    assert shop.post(client_secret=None, grant_type="refresh_token").status_code == 401


def test_two_secrets_are_good_while_the_application_changes_over(house: House) -> None:
    shop, browser = add_shop(house), signed_in(house)
    from_before = shop.secret
    client = shop_client(shop)
    shop.secret = rotated(house, client)
    assert shop.redeem(shop.code(browser)).status_code == 200
    shop.secret = from_before
    assert shop.redeem(shop.code(browser)).status_code == 200
    house.clock.forward(1)
    rotated(house, client)
    assert shop.redeem("x").status_code == 401


def shop_client(shop: Shop) -> Any:
    from_storage = clients_flow.find(shop.house.services, shop.client_id)
    assert from_storage
    return from_storage


def rotated(house: House, client: Any) -> str:
    created = clients_flow.rotate_secret(house.services, "test", client)
    assert isinstance(created, Created)
    return created.secret


def test_secrets_in_the_address_and_doubled_parameters_are_refused(house: House) -> None:
    shop, browser = add_shop(house), signed_in(house)
    form = {"grant_type": "authorization_code", "code": shop.code(browser), "code_verifier": VERIFIER}
    form |= {"redirect_uri": CALLBACK, "client_id": shop.client_id}
    client = house.app.test_client()
    reply = client.post(f"{TOKEN}?client_secret={shop.secret}", data=form)
    assert (reply.status_code, reply.json["error"]) == (400, "invalid_request")
    doubled = [*form.items(), ("client_secret", shop.secret), ("scope", "a"), ("scope", "b")]
    reply = client.post(TOKEN, data={name: [v for n, v in doubled if n == name] for name, _value in doubled})
    assert (reply.status_code, reply.json["error"]) == (400, "invalid_request")
    assert client.get(f"{TOKEN}?grant_type=authorization_code").status_code == 405


def test_a_public_client_shows_its_verifier_and_no_secret(house: House) -> None:
    shop, browser = add_shop(house, "spa"), signed_in(house)
    reply = house.app.test_client().open(TOKEN, method="OPTIONS", headers={"Origin": "https://shop.example.com"})
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in reply.headers
    assert shop.redeem(shop.code(browser), code_verifier=None).json["error"] == "invalid_request"
    assert shop.redeem(shop.code(browser), client_secret="made up").status_code == 401
    told = shop.redeem(shop.code(browser))
    assert told.status_code == 200
    assert told.headers["Access-Control-Allow-Origin"] == "*"
    assert shop.post("/oauth/introspect", token=told.json["access_token"]).status_code == 401
    web = add_shop(house)
    web.secret = ""
    assert web.redeem(web.code(browser)).status_code == 401  # a confidential client cannot pass for a public one


def assertion(house: House, shop: Shop, key: Any, alg: str = "ES256", **more: Any) -> dict[str, str]:
    now = time.time()
    claims = {
        "iss": shop.client_id,
        "sub": shop.client_id,
        "aud": house.services.environment.public_url + TOKEN,
        "iat": int(now),
        "exp": int(now) + 60,
        "jti": str(now),
    } | more
    claims = {name: value for name, value in claims.items() if value is not None}
    algorithms = ["ES256", "RS256", "HS256", "none"]
    signed = jws.serialize_compact({"alg": alg}, json.dumps(claims), key, algorithms=algorithms)
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    return {"client_assertion_type": kind, "client_assertion": signed}


def test_a_client_with_a_key_signs_its_own_assertions_each_good_once(house: House) -> None:
    key = ECKey.generate_key("P-256")
    shop = add_shop(house, "machine", authentication="private_key_jwt", jwks={"keys": [key.as_dict(private=False)]})
    right = assertion(house, shop, key)
    assert shop.post(grant_type="client_credentials", **right).status_code == 200
    assert shop.post(grant_type="client_credentials", **right).status_code in (400, 401)
    secret = OctKey.import_key("a secret that is long enough for HMAC")
    for wrong in (
        assertion(house, shop, ECKey.generate_key("P-256")),
        assertion(house, shop, RSAKey.generate_key(2048), "RS256"),
        assertion(house, shop, secret, "HS256"),
        assertion(house, shop, key, aud="https://elsewhere.example.com"),
        assertion(house, shop, key, iss="somebody"),
        assertion(house, shop, key, sub="0" * 32),
        assertion(house, shop, key, exp=int(time.time()) - 120),
        assertion(house, shop, key, exp=int(time.time()) + 86400 * 365),
        assertion(house, shop, key, exp=None),
        assertion(house, shop, key, jti=None),
        right | {"client_assertion": unsigned(right["client_assertion"])},
        right | {"client_assertion": "x.y.z"},
        {},
    ):
        reply = shop.post(grant_type="client_credentials", **wrong)
        assert reply.json["error"] == "invalid_client", wrong
        assert reply.status_code in (400, 401)


def test_no_assertion_whatever_is_in_it_is_more_than_refused(sqlite_house: House) -> None:
    key = ECKey.generate_key("P-256")
    keys = {"keys": [key.as_dict(private=False)]}
    shop = add_shop(sqlite_house, "machine", authentication="private_key_jwt", jwks=keys)
    strange: list[Any] = [0, -1, 1e308, float("nan"), float("inf"), "", "x\x00", "\ud800", [], {}, [None]]
    harmless = [("iat", 0), ("iat", -1), ("nbf", 0), ("nbf", -1), ("jti", "")]
    for name, value in itertools.product(("iss", "sub", "aud", "iat", "exp", "nbf", "jti"), strange):
        reply = shop.post(grant_type="client_credentials", **assertion(sqlite_house, shop, key, **{name: value}))
        if (name, value) not in harmless and value == value:
            assert (reply.status_code, reply.json["error"]) in REFUSED, (name, value)
        assert reply.status_code < 500, (name, value)
    for head in ({}, {"alg": 3}, {"alg": "ES256", "kid": 5}, {"alg": "ES256", "kid": {}}, {"alg": ["ES256"]}, [], 7):
        encoded = base64.urlsafe_b64encode(json.dumps(head).encode()).rstrip(b"=").decode()
        right = assertion(sqlite_house, shop, key)
        wrong = right | {"client_assertion": f"{encoded}.{right['client_assertion'].partition('.')[2]}"}
        reply = shop.post(grant_type="client_credentials", **wrong)
        assert (reply.status_code, reply.json["error"]) in REFUSED, head


REFUSED = ((400, "invalid_client"), (401, "invalid_client"))


@pytest.mark.parametrize("off", [-60, 60])
def test_an_application_whose_clock_is_off_by_a_minute_can_prove_itself(sqlite_house: House, off: int) -> None:
    key = ECKey.generate_key("P-256")
    keys = {"keys": [key.as_dict(private=False)]}
    shop = add_shop(sqlite_house, "machine", authentication="private_key_jwt", jwks=keys)
    now = int(time.time()) + off
    right = assertion(sqlite_house, shop, key, iat=now, nbf=now, exp=now + 60)
    assert shop.post(grant_type="client_credentials", **right).status_code == 200


def test_an_assertion_may_name_us_as_the_standards_allow(sqlite_house: House) -> None:
    key = ECKey.generate_key("P-256")
    shop = add_shop(sqlite_house, authentication="private_key_jwt", jwks={"keys": [key.as_dict(private=False)]})
    own = sqlite_house.services.environment.public_url
    form = {"response_type": "code", "redirect_uri": CALLBACK, "code_challenge": challenge()}
    form |= {"code_challenge_method": "S256", "scope": "openid"}
    for audience in (own, own + TOKEN, own + "/oauth/par", [own]):
        reply = shop.post("/oauth/par", **form, **assertion(sqlite_house, shop, key, aud=audience))
        assert reply.status_code == 201, reply.text
    reply = shop.post("/oauth/par", **form, **assertion(sqlite_house, shop, key, aud=own + "/oauth/introspect"))
    assert reply.json["error"] == "invalid_client"


def test_a_form_that_names_another_client_than_its_proof_is_refused(house: House) -> None:
    shop, other, browser = add_shop(house), add_shop(house), signed_in(house)
    form = {"grant_type": "authorization_code", "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    form |= {"code": shop.code(browser), "client_id": other.client_id}
    reply = house.app.test_client().post(TOKEN, data=form, headers=basic(shop.client_id, shop.secret))
    assert reply.json["error"] == "invalid_client"


def unsigned(token: str) -> str:
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    return f"{head}.{token.split('.')[1]}."


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


# Refreshing


def test_refresh_tokens_turn_and_the_sign_in_stays_the_same(house: House) -> None:
    shop = add_shop(house)
    first = shop.tokens(signed_in(house), scope=OFFLINE)
    assert first["refresh_token"] not in repr(house.sql("SELECT * FROM refresh_tokens"))
    house.clock.forward(3600)
    second = shop.refresh(first["refresh_token"]).json
    old, new = claims_of(house, first["id_token"]), claims_of(house, second["id_token"])
    assert {name: old[name] for name in ("iss", "sub", "aud", "auth_time", "amr", "sid")}.items() <= new.items()
    assert "nonce" not in new
    assert new["iat"] > old["iat"]
    third = shop.refresh(second["refresh_token"], scope="openid").json
    assert third["scope"] == "openid"
    assert shop.userinfo(third["access_token"]).json.keys() == {"sub"}
    assert shop.refresh(third["refresh_token"], scope=OFFLINE + " email").json["error"] == "invalid_scope"


def test_a_lost_answer_can_be_asked_for_once_more_and_a_stolen_token_ends_the_family(house: House) -> None:
    shop = add_shop(house)
    first = shop.tokens(signed_in(house), scope=OFFLINE)["refresh_token"]
    answered = shop.refresh(first)
    assert answered.status_code == 200
    house.clock.forward(5)
    second = shop.refresh(first)
    assert second.status_code == 200
    assert second.json["refresh_token"] == answered.json["refresh_token"]  # one family has one line
    assert shop.refresh(first).json["error"] == "invalid_grant"
    assert shop.introspect(second.json["access_token"])["active"]  # so far nothing but haste
    house.clock.forward(10)
    assert shop.refresh(first).json["error"] == "invalid_grant"
    assert not shop.introspect(second.json["access_token"])["active"]
    assert shop.refresh(second.json["refresh_token"]).json["error"] == "invalid_grant"


def test_once_the_next_token_is_in_use_no_answer_can_have_been_lost(house: House) -> None:
    shop = add_shop(house)
    first = shop.tokens(signed_in(house), scope=OFFLINE)["refresh_token"]
    second = shop.refresh(first).json["refresh_token"]
    assert shop.refresh(second).status_code == 200
    assert shop.refresh(first).json["error"] == "invalid_grant"


def test_a_thief_and_the_application_cannot_both_go_on(house: House) -> None:
    """Whoever is second to use the one next token ends the family, so that a theft shows."""
    shop = add_shop(house)
    stolen = shop.tokens(signed_in(house), scope=OFFLINE)["refresh_token"]
    ours, theirs = shop.refresh(stolen).json, shop.refresh(stolen).json
    house.clock.forward(900)
    thieves_next = shop.refresh(theirs["refresh_token"]).json
    house.clock.forward(60)
    assert shop.refresh(ours["refresh_token"]).json["error"] == "invalid_grant"
    assert shop.refresh(thieves_next["refresh_token"]).json["error"] == "invalid_grant"
    assert shop.userinfo(thieves_next["access_token"]).status_code == 401


def test_a_refresh_that_is_refused_spends_nothing(house: House) -> None:
    shop = add_shop(house)
    token = shop.tokens(signed_in(house), scope=OFFLINE)["refresh_token"]
    assert shop.refresh(token, scope=OFFLINE + " email").json["error"] == "invalid_scope"
    assert shop.post(grant_type="refresh_token").json["error"] == "invalid_request"
    assert house.sql("SELECT uses, used_at FROM refresh_tokens") == [(0, None)]
    assert shop.refresh(token).status_code == 200


def test_an_application_that_may_no_longer_act_alone_refreshes_nothing(house: House) -> None:
    shop = add_shop(house)
    token = shop.tokens(signed_in(house), scope=OFFLINE)["refresh_token"]
    values = {"name": "The Shop", "redirect_uris": [CALLBACK], "offline": "off"}
    clients_flow.save(house.services, "test", shop_client(shop), values)
    assert shop.refresh(token).json["error"] == "unauthorized_client"


def test_refresh_tokens_end_when_they_rest_and_after_all(house: House) -> None:
    shop, browser = add_shop(house, refresh_idle_days="2", refresh_days="3"), signed_in(house)
    token = shop.tokens(browser, scope=OFFLINE)["refresh_token"]
    house.clock.forward(1.5 * 86400)
    token = shop.refresh(token).json["refresh_token"]
    house.clock.forward(1.4 * 86400)
    token = shop.refresh(token).json["refresh_token"]
    house.clock.forward(0.2 * 86400)
    assert shop.refresh(token).json["error"] == "invalid_grant"
    token = shop.tokens(browser, scope=OFFLINE)["refresh_token"]
    house.clock.forward(2 * 86400 + 1)
    assert shop.refresh(token).json["error"] == "invalid_grant"


def test_without_offline_access_tokens_end_with_the_session(house: House) -> None:
    shop, browser = add_shop(house), signed_in(house)
    short, long = shop.tokens(browser), shop.tokens(browser, scope=OFFLINE)
    assert "refresh_token" not in short
    browser.open("/account").send("/sign-out")
    assert shop.userinfo(short["access_token"]).status_code == 401
    assert shop.userinfo(long["access_token"]).status_code == 200
    assert shop.refresh(long["refresh_token"]).status_code == 200
    house.sql("DELETE FROM accounts")
    assert shop.userinfo(long["access_token"]).status_code == 401


def test_a_new_password_ends_what_goes_on_without_a_session(house: House) -> None:
    shop, mine = add_shop(house), signed_in(house)
    house.clock.forward(61)
    theirs = house.browser().sign_in(NUMBER).type_code()
    kept, stolen = shop.tokens(mine, scope=OFFLINE), shop.tokens(theirs, scope=OFFLINE)
    mine.open("/account/password").send(new_password="four odd words make one", end_sessions="on")
    assert shop.refresh(stolen["refresh_token"]).json["error"] == "invalid_grant"
    assert shop.userinfo(stolen["access_token"]).status_code == 401
    assert shop.refresh(kept["refresh_token"]).status_code == 200


def test_another_clients_refresh_token_is_nothing(house: House) -> None:
    shop, other = add_shop(house), add_shop(house)
    token = shop.tokens(signed_in(house), scope=OFFLINE)["refresh_token"]
    assert other.refresh(token).json["error"] == "invalid_grant"
    assert not other.introspect(token)["active"]
    other.post("/oauth/revoke", token=token)
    assert shop.introspect(token)["active"]
    assert shop.refresh(token).status_code == 200


# Revoking


def test_a_token_that_is_given_back_is_good_no_more(house: House) -> None:
    shop, browser = add_shop(house), signed_in(house)
    one, two = shop.tokens(browser, scope=OFFLINE), shop.tokens(browser, scope=OFFLINE)
    assert shop.post("/oauth/revoke", token=one["access_token"]).status_code == 200
    assert shop.userinfo(one["access_token"]).status_code == 401
    again = shop.refresh(one["refresh_token"]).json  # only that token
    assert shop.userinfo(again["access_token"]).status_code == 200
    shop.post("/oauth/revoke", token=again["refresh_token"], token_type_hint="refresh_token")
    assert shop.userinfo(again["access_token"]).status_code == 401
    assert shop.refresh(again["refresh_token"]).json["error"] == "invalid_grant"
    assert shop.userinfo(two["access_token"]).status_code == 200
    assert shop.post("/oauth/revoke", token="nothing").status_code == 200
    assert shop.post("/oauth/revoke").json["error"] == "invalid_request"
    assert shop.post("/oauth/revoke", token=two["access_token"], client_secret="wrong").status_code == 401


def test_another_clients_access_token_cannot_be_given_back(house: House) -> None:
    shop, other = add_shop(house), add_shop(house)
    token = shop.tokens(signed_in(house))["access_token"]
    assert other.post("/oauth/revoke", token=token).status_code == 200
    assert not other.introspect(token)["active"]
    assert shop.userinfo(token).status_code == 200


def test_a_refresh_token_that_was_used_still_takes_its_family_along(house: House) -> None:
    """As where the application never saw the next one."""
    shop = add_shop(house)
    first = shop.tokens(signed_in(house), scope=OFFLINE)["refresh_token"]
    second = shop.refresh(first).json
    shop.post("/oauth/revoke", token=first)
    assert shop.userinfo(second["access_token"]).status_code == 401
    assert shop.refresh(second["refresh_token"]).json["error"] == "invalid_grant"


# Tokens in the wrong place


def test_no_forged_or_misplaced_token_opens_userinfo(house: House) -> None:
    shop, browser = add_shop(house), signed_in(house)
    told = shop.tokens(browser, scope=OFFLINE)
    access = claims_of(house, told["access_token"])
    own = ECKey.generate_key("P-256", {"kid": header_of(told["access_token"])["kid"]})
    public = house.app.test_client().get("/.well-known/jwks.json").json["keys"][0]
    head = {"alg": "ES256", "typ": "at+jwt", "kid": own.kid}
    forged = jwt.encode(head, access, own)
    carried = jwt.encode(head | {"jwk": own.as_dict(private=False)}, access, own)
    symmetric = jwt.encode(head | {"alg": "HS256"}, access, OctKey.import_key(json.dumps(public)), algorithms=["HS256"])
    start, middle, _end = told["access_token"].split(".")
    for token in (
        forged,
        carried,
        symmetric,
        unsigned(told["access_token"]),
        f"{start}.{middle}.",
        f"{start}.{middle}",
        told["access_token"][:-4] + "AAAA",
        told["id_token"],
        told["refresh_token"],
        "",
        "x" * 20_000,
        "é.é.é",
    ):
        reply = shop.userinfo(token)
        assert reply.status_code == 401, token[:60]
        assert "invalid_token" in reply.headers["WWW-Authenticate"]
        assert not shop.introspect(token or "x")["active"] or token == told["refresh_token"]
    house.clock.forward(901)
    assert shop.userinfo(told["access_token"]).status_code == 401
    assert not shop.introspect(told["access_token"])["active"]


def test_a_token_for_somebody_else_is_no_good_here(house: House) -> None:
    shop, browser = add_shop(house, audience="https://api.example.com", scopes=["orders"]), signed_in(house)
    told = shop.tokens(browser, scope="orders")
    assert "id_token" not in told
    assert claims_of(house, told["access_token"])["aud"] == "https://api.example.com"
    assert shop.userinfo(told["access_token"]).status_code == 401
    other, api = add_shop(house), add_shop(house, "machine", audience="https://api.example.com")
    assert other.introspect(told["access_token"]) == {"active": False}
    assert api.introspect(told["access_token"])["sub"] == account_id(house)


def test_userinfo_tells_what_the_scopes_allow(house: House) -> None:
    shop, browser = add_shop(house), signed_in(house)
    client = house.app.test_client()
    token = shop.tokens(browser, scope="openid profile email phone")["access_token"]
    told = shop.userinfo(token).json
    assert told == {
        "sub": account_id(house),
        "locale": "en",
        "phone_number": E164,
        "phone_number_verified": True,
    }
    posted = client.post("/oauth/userinfo", headers={"Authorization": f"Bearer {token}"})
    in_body = client.post("/oauth/userinfo", data={"access_token": token})
    assert posted.json == in_body.json == told
    assert client.get(f"/oauth/userinfo?access_token={token}").status_code == 401
    twice = client.post("/oauth/userinfo", data={"access_token": token}, headers={"Authorization": f"Bearer {token}"})
    assert twice.status_code == 400
    assert client.get("/oauth/userinfo").headers["WWW-Authenticate"] == "Bearer"
    now = house.clock()
    house.sql(
        "INSERT INTO identifiers (kind, value, account_id, country, verified_at, is_primary)"
        " VALUES ('email', 'ann@example.com', :id, '', :now, true), ('phone', '+33612345679', :id, 'FR', :now, false)",
        id=account_id(house),
        now=now,
    )
    told = shop.userinfo(token).json
    assert (told["email"], told["email_verified"], told["phone_number"]) == ("ann@example.com", True, E164)
    only = shop.tokens(browser, scope="openid", claims='{"userinfo": {"email": null}}')["access_token"]
    assert shop.userinfo(only).json == {"sub": account_id(house)}


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
