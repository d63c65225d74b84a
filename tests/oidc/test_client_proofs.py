"""How an application shows that it is itself: by a secret, by a signed assertion, or by its verifier alone."""

from __future__ import annotations

import base64
import itertools
import json
import time
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, OctKey, RSAKey

from flows import clients as clients_flow
from flows.clients import Created
from tests.kit import House
from tests.oidc.kit import (
    CALLBACK,
    TOKEN,
    VERIFIER,
    Shop,
    add_shop,
    challenge,
    shop_client,
    signed_in,
    unsigned,
)


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
