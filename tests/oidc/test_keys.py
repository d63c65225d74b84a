"""Signing keys: sealed, published without their private part, rotated by command and by time."""

from __future__ import annotations

from joserfc.jwk import ECKey, RSAKey, import_key

from delivery.key_rotation import KeyRotation
from flows import signing_keys
from rules import signing
from settings.keys import Use
from storage import sealing
from tests.cli.test_commands import flask
from tests.kit import House
from tests.oidc.kit import add_shop, claims_of, header_of, signed_in

PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "k", "oth"}


def published(house: House) -> list[dict[str, str]]:
    reply = house.app.test_client().get("/.well-known/jwks.json")
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    found: list[dict[str, str]] = reply.json["keys"]
    return found


def test_the_published_keys_have_no_private_part_and_are_strong(house: House) -> None:
    signing_keys.ensure(house.services)
    keys = published(house)
    assert {key["alg"] for key in keys} == {"ES256", "RS256"}
    assert len({key["kid"] for key in keys}) == 2
    for key in keys:
        assert not PRIVATE & key.keys()
        assert key["use"] == "sig"
        read = import_key(key)
        assert isinstance(read, ECKey | RSAKey)
        assert read.public_key.key_size >= (256 if key["kty"] == "EC" else 3072)
    assert signing_keys.ensure(house.services)
    assert house.count("signing_keys") == 2  # a second start makes none


def test_the_private_part_is_sealed_where_it_is_kept(sqlite_house: House) -> None:
    for key in signing_keys.ensure(sqlite_house.services):
        assert '"d"' not in key.sealed
        keys = sqlite_house.services.keys.all(Use.SEALING)
        assert '"d"' in sealing.unseal(keys, key.sealed, f"signing_keys.{key.id}")


def test_a_new_key_signs_and_what_the_old_one_signed_stays_good(sqlite_house: House) -> None:
    shop, browser = add_shop(sqlite_house), signed_in(sqlite_house)
    before = shop.tokens(browser)
    old = {key["kid"] for key in published(sqlite_house)}
    code, output, errors = flask(sqlite_house, "keys", "rotate", "--at-once")
    assert code == 0, errors
    assert len(output.split()) == 4
    after = shop.tokens(browser)
    assert header_of(after["id_token"])["kid"] in output
    assert claims_of(sqlite_house, before["id_token"])["sub"] == claims_of(sqlite_house, after["id_token"])["sub"]
    assert {key["kid"] for key in published(sqlite_house)} > old
    assert shop.userinfo(before["access_token"]).status_code == 200
    assert shop.userinfo(after["access_token"]).status_code == 200


def test_a_machine_whose_clock_is_behind_signs_with_the_first_key(sqlite_house: House) -> None:
    (first,) = {key.id for key in signing_keys.ensure(sqlite_house.services) if key.algorithm == "ES256"}
    sqlite_house.clock.forward(-5)
    shop, browser = add_shop(sqlite_house), signed_in(sqlite_house)
    assert header_of(shop.tokens(browser)["access_token"])["kid"] == first


def test_by_command_too_a_new_key_is_known_a_day_before_it_signs(sqlite_house: House) -> None:
    shop, browser = add_shop(sqlite_house), signed_in(sqlite_house)
    first = header_of(shop.tokens(browser)["id_token"])["kid"]
    code, output, errors = flask(sqlite_house, "keys", "rotate")
    assert code == 0, errors
    assert {key["kid"] for key in published(sqlite_house)} > set(output.split()[1::2])
    assert header_of(shop.tokens(browser)["id_token"])["kid"] == first
    sqlite_house.clock.forward(signing.AHEAD)
    assert header_of(shop.tokens(browser)["id_token"])["kid"] in output


def test_keys_change_by_themselves_and_are_published_a_day_before(sqlite_house: House) -> None:
    keys = signing_keys.ensure(sqlite_house.services)
    rotation = KeyRotation(sqlite_house.services.database, sqlite_house.services.keys, sqlite_house.clock)
    sqlite_house.clock.forward(signing.EVERY - signing.AHEAD + 1)
    rotation.run_if_due()
    found = published(sqlite_house)
    assert len(found) == 4
    assert signing.signing(signing_keys.ensure(sqlite_house.services), "ES256", sqlite_house.clock()) in keys
    sqlite_house.clock.forward(signing.AHEAD)
    assert signing.signing(signing_keys.ensure(sqlite_house.services), "ES256", sqlite_house.clock()) not in keys
    sqlite_house.clock.forward(signing.KEPT + 60)
    rotation.run_if_due()
    assert len(published(sqlite_house)) == 2


def test_discovery_says_what_is_true(house: House) -> None:
    reply = house.app.test_client().get("/.well-known/openid-configuration")
    assert reply.mimetype == "application/json"
    told = reply.json
    assert told["issuer"] == house.services.environment.public_url
    known = {str(rule) for rule in house.app.url_map.iter_rules()}
    for name, url in told.items():
        if name.endswith(("_endpoint", "jwks_uri")):
            assert url.removeprefix(told["issuer"]) in known, name
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert told["response_types_supported"] == ["code"]
    assert "RS256" in told["id_token_signing_alg_values_supported"]
    assert told["request_parameter_supported"] is False
    assert told["request_uri_parameter_supported"] is False
