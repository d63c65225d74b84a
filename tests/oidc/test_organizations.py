"""Signing in for an organisation: who may, what its tokens say, and when that ends."""

from __future__ import annotations

from typing import Any

import pytest

from flows import organizations
from tests.kit import Browser, House
from tests.oidc.kit import NUMBER, Shop, account_id, add_shop, answer, claims_of, signed_in
from tests.pages.factors_kit import app_code, member

ROLES = ["editor: articles:read articles:write", "reader: articles:read", "admin: members:invite"]


def add_organization(house: House, **values: Any) -> str:
    made = organizations.create(
        house.services, "test", {"name": "Acme", "roles": ROLES, "default_role": "reader"} | values
    )
    assert isinstance(made, str), made
    return made


def put_in(house: House, organization_id: str, person: str, *roles: str) -> None:
    with house.services.database.write() as connection:
        organizations.organizations.join(connection, organization_id, person, roles, house.clock())


def give(house: House, organization_id: str, person: str, *roles: str) -> None:
    found = organizations.find(house.services, organization_id)
    assert found
    organizations.set_roles(house.services, "test", found, person, roles)


def take_out(house: House, organization_id: str, person: str) -> None:
    found = organizations.find(house.services, organization_id)
    assert found
    organizations.remove_member(house.services, "test", found, person)


@pytest.fixture
def person(house: House) -> Browser:
    return signed_in(house)


def told(claims: dict[str, Any]) -> tuple[Any, Any, Any]:
    return claims["organization_id"], claims["organization_roles"], claims["permissions"]


def test_all_tokens_tell_the_organisation_its_roles_and_their_permissions(house: House, person: Browser) -> None:
    shop, acme, ann = add_shop(house), add_organization(house), account_id(house)
    put_in(house, acme, ann, "editor", "admin")
    found = shop.tokens(person, organization_id=acme)
    expected = (acme, ["editor", "admin"], ["articles:read", "articles:write", "members:invite"])
    assert told(claims_of(house, found["id_token"])) == expected
    assert told(claims_of(house, found["access_token"])) == expected
    assert told(shop.userinfo(found["access_token"]).json) == expected
    assert told(shop.introspect(found["access_token"])) == expected
    assert "organization_id" not in claims_of(house, shop.tokens(person)["id_token"])


def test_who_is_no_member_is_refused_like_for_an_organisation_that_is_not_there(house: House, person: Browser) -> None:
    shop, acme = add_shop(house), add_organization(house)
    refused = answer(person.client.get(shop.url(organization_id=acme)))
    assert refused["error"] == "access_denied"
    for nobodys in ("0" * 32, "x"):
        assert answer(person.client.get(shop.url(organization_id=nobodys))) == refused


def test_a_role_that_is_taken_bites_at_introspection_at_once_and_at_the_next_refresh(
    house: House, person: Browser
) -> None:
    shop, acme, ann = add_shop(house), add_organization(house), account_id(house)
    put_in(house, acme, ann, "editor")
    found = shop.tokens(person, organization_id=acme, scope="openid offline_access")
    give(house, acme, ann, "reader")
    assert told(shop.introspect(found["access_token"])) == (acme, ["reader"], ["articles:read"])
    refreshed = shop.refresh(found["refresh_token"]).json
    assert told(claims_of(house, refreshed["access_token"])) == (acme, ["reader"], ["articles:read"])
    assert told(claims_of(house, refreshed["id_token"])) == (acme, ["reader"], ["articles:read"])


def test_what_was_granted_for_it_ends_with_the_membership(house: House, person: Browser) -> None:
    shop, acme, ann = add_shop(house), add_organization(house), account_id(house)
    put_in(house, acme, ann, "editor")
    found = shop.tokens(person, organization_id=acme, scope="openid offline_access")
    own = shop.tokens(person)
    take_out(house, acme, ann)
    assert shop.introspect(found["access_token"]) == {"active": False}
    assert shop.introspect(found["refresh_token"]) == {"active": False}
    assert shop.userinfo(found["access_token"]).status_code == 401
    assert shop.refresh(found["refresh_token"]).json["error"] == "invalid_grant"
    assert shop.introspect(own["access_token"])["active"] is True


def choose(browser: Browser, shop: Shop, wish: str) -> dict[str, str]:
    page = browser.client.get(shop.url())
    assert "/openid/organization" in page.location, page.location
    browser.open(page.location)
    form = {"csrf_token": browser.field("csrf_token"), "organization": wish}
    return answer(browser.client.post(page.location, data=form))


def test_a_person_of_several_chooses_one_as_they_sign_in(house: House, person: Browser) -> None:
    shop, ann = add_shop(house, organizations="offered"), account_id(house)
    acme, bolt = add_organization(house), add_organization(house, name="Bolt")
    assert "code" in answer(person.client.get(shop.url())), "who is in none is not asked"
    put_in(house, acme, ann, "editor")
    put_in(house, bolt, ann, "reader")
    assert answer(person.client.get(shop.url(prompt="none")))["error"] == "interaction_required"
    tokens = shop.redeem(choose(person, shop, bolt)["code"]).json
    assert told(claims_of(house, tokens["id_token"])) == (bolt, ["reader"], ["articles:read"])
    assert person.open(shop.url()).path == "/openid/organization"
    assert "Acme" in person.text
    assert "Bolt" in person.text
    tokens = shop.redeem(choose(person, shop, "none")["code"]).json
    assert "organization_id" not in claims_of(house, tokens["id_token"])


def test_where_one_has_to_be_chosen_the_only_one_is_and_who_has_none_is_refused(house: House, person: Browser) -> None:
    shop, acme = add_shop(house, organizations="required"), add_organization(house)
    assert answer(person.client.get(shop.url()))["error"] == "access_denied"
    put_in(house, acme, account_id(house), "reader")
    assert told(claims_of(house, shop.tokens(person)["id_token"]))[0] == acme
    assert answer(person.client.get(shop.url(organization_id="none")))["error"] == "invalid_request"


def test_another_organisation_than_ones_own_cannot_be_chosen(house: House, person: Browser) -> None:
    shop, acme, bolt = add_shop(house, organizations="offered"), add_organization(house), add_organization(house)
    put_in(house, acme, account_id(house), "reader")
    assert choose(person, shop, bolt)["error"] == "access_denied"


def test_the_organisation_that_the_application_names_is_not_for_the_person_to_change(
    house: House, person: Browser
) -> None:
    shop, ann = add_shop(house), account_id(house)
    acme, bolt = add_organization(house), add_organization(house)
    for each in (acme, bolt):
        put_in(house, each, ann, "reader")
    page = person.client.get(shop.url(organization_id=acme, prompt="consent")).location
    person.open(page)
    form = {"csrf_token": person.field("csrf_token"), "organization": bolt}
    person.client.post(page.replace("/openid/consent", "/openid/organization"), data=form)
    tokens = shop.redeem(answer(person.client.post(page, data=form))["code"]).json
    assert told(claims_of(house, tokens["id_token"]))[0] == acme


def test_its_page_bears_its_name_and_logo_and_offers_its_ways_only(house: House) -> None:
    house.set(sign_in={"phone": "code", "email": "code"}, sign_up={"identifier": "phone_or_email"})
    shop = add_shop(house)
    acme = add_organization(house, logo_url="https://acme.example/logo.png", methods=["email_code"])
    browser = house.browser().open(shop.url(organization_id=acme))
    assert "Acme · The Shop" in browser.text
    assert 'src="https://acme.example/logo.png"' in browser.page.text
    assert "img-src 'self' https://acme.example" in browser.page.headers["Content-Security-Policy"]
    assert "E-mail address" in browser.text
    assert "Phone number" not in browser.text
    person = signed_in(house)
    put_in(house, acme, account_id(house), "reader")
    assert "/sign-in?" in person.client.get(shop.url(organization_id=acme)).location, "a number is not enough"


def test_its_second_factor_is_asked_for_whatever_the_settings_say(house: House) -> None:
    house.set(sign_in={"phone": "code_or_password"}, second_factors={"policy": "off"})
    shop, acme = add_shop(house), add_organization(house, second_factor=True)
    person = signed_in(house)
    put_in(house, acme, account_id(house), "reader")
    assert "code" in answer(person.client.get(shop.url()))
    page = person.client.get(shop.url(organization_id=acme))
    assert "/sign-in?" in page.location
    assert answer(person.client.get(shop.url(organization_id=acme, prompt="none")))["error"] == "login_required"
    person.open(page.location).send(person.page.request.full_path, country="FR", phone=NUMBER)
    person.send(person.page.request.full_path, code=house.newest_code())
    assert person.path == "/mfa/enrol", person.text
    assert "code" not in person.client.get(page.location.replace("/sign-in?", "/oauth/authorize?")).location


def test_whoever_has_a_second_factor_shows_it_and_gets_a_code_also_in_a_trusted_browser(house: House) -> None:
    key, _codes = member(house)
    house.set(second_factors={"policy": "off"})
    shop, acme = add_shop(house), add_organization(house, second_factor=True)
    put_in(house, acme, account_id(house), "reader")
    person = house.browser().sign_in(NUMBER).type_code()
    assert person.path == "/account", "without the organisation one proof is enough"
    house.clock.forward(3600)
    page = person.client.get(shop.url(organization_id=acme))
    person.open(page.location).send(person.page.request.full_path, country="FR", phone=NUMBER)
    person.send(person.page.request.full_path, code=house.newest_code())
    assert person.path == "/mfa/totp", person.text
    token = {"csrf_token": person.field("csrf_token"), "ticket": person.field("ticket")}
    form = token | {"code": app_code(house, key)}
    reply = person.client.post(person.page.request.full_path, data=form)
    back = person.client.get(reply.location)
    found = shop.redeem(answer(person.client.get(back.location))["code"]).json
    claims = claims_of(house, found["id_token"])
    assert (claims["organization_id"], claims["acr"]) == (acme, "urn:doorcode:acr:2")
