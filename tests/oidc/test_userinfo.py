"""What an access token opens, and when it opens nothing any more: revoked, forged, or for somebody else."""

from __future__ import annotations

import json

from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from tests.kit import House
from tests.oidc.kit import (
    E164,
    OFFLINE,
    account_id,
    add_shop,
    claims_of,
    header_of,
    signed_in,
    unsigned,
)


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
