"""People who come from another provider: new, known, linked, refused, unlinked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from rules.passwords import hash_password
from storage import accounts, guard, upstream_identities
from tests.api.kit import manage_program
from tests.kit import Browser, House
from tests.oidc.test_organizations import add_organization
from tests.upstream.kit import Elsewhere, away_from, come_back, elsewhere, leave, offer, told, visit

ADA = {"sub": "ada", "email": "ada@example.com", "email_verified": True}
EMAILS = {"sign_in": {"email": "code"}, "sign_up": {"identifier": "phone_or_email"}}


@pytest.fixture
def provider(house: House) -> Iterator[Elsewhere]:
    with elsewhere(claims=dict(ADA)) as found:
        house.set(**EMAILS)
        offer(house, found.url)
        yield found


def member(house: House, email: str = "ada@example.com") -> Browser:
    browser = house.browser().open("/sign-up").send(country="FR", phone=email).type_code()
    assert browser.path == "/account", browser.text
    return browser


def new(house: House, provider: Elsewhere) -> Browser:
    browser = visit(house.browser(), provider)
    assert "No account yet" in browser.text, browser.text
    return browser.send("/linking/separate")


def test_somebody_new_signs_up_and_comes_back(house: House, provider: Elsewhere) -> None:
    assert new(house, provider).path == "/account"
    assert (house.count("accounts"), house.count("identifiers")) == (1, 0)
    assert visit(house.browser(), provider).path == "/account"
    assert house.count("accounts") == 1


def test_who_comes_without_a_number_is_asked_for_one(house: House, provider: Elsewhere) -> None:
    house.set(sign_up={"identifier": "phone"})
    browser = new(house, provider)
    assert browser.path == "/account/phones/add"
    browser.send(country="FR", phone="06 12 34 56 78")
    assert browser.type_code().path == "/account"


def test_an_account_is_linked_by_a_code(house: House, provider: Elsewhere) -> None:
    member(house)
    browser = visit(house.browser(), provider)
    assert "You have an account here" in browser.text
    assert "Create a separate account" not in browser.text
    assert house.count("upstream_identities") == 0
    browser.send("/linking/send")
    assert browser.path == "/linking/code"
    assert browser.type_code("000000").status == 422
    assert browser.type_code().path == "/account"
    assert (house.count("accounts"), house.count("upstream_identities")) == (1, 1)
    assert visit(house.browser(), provider).path == "/account"


def test_a_second_factor_is_due_before_anything_is_linked(house: House, provider: Elsewhere) -> None:
    member(house)
    account = house.sql("SELECT id FROM accounts")[0].id
    house.set(second_factors={"policy": "offered"})
    house.sql(
        """INSERT INTO factors (id, account_id, kind, name, secret, counter, details, created_at)
        VALUES ('f', :id, 'totp', '', '', 0, '{}', 0)""",
        id=account,
    )
    browser = visit(house.browser(), provider).send("/linking/send").type_code()
    assert browser.path.startswith("/mfa")
    assert (house.count("upstream_identities"), house.count("sessions")) == (0, 1)


def test_the_accounts_password_does_as_well_as_a_code(house: House, provider: Elsewhere) -> None:
    member(house)
    house.set(sign_in={"email": "code_or_password"})
    page = visit(house.browser(), provider)
    assert "Or type its password" in page.text, "whether it has one or not"
    assert page.send("/linking/password", password="seven tall lamps").status == 422
    account = house.sql("SELECT id FROM accounts")[0].id
    with house.services.database.write() as connection:
        accounts.set_password(connection, account, hash_password("seven tall lamps"), house.clock())
    assert "This password is not right" in page.send("/linking/password", password="six tall lamps").errors[0]
    assert house.count("upstream_identities") == 0
    assert page.send("/linking/password", password="seven tall lamps").path == "/account"
    assert house.count("upstream_identities") == 1


def test_a_password_that_does_not_sign_in_to_the_account_links_nothing(house: House, provider: Elsewhere) -> None:
    member(house)
    account = house.sql("SELECT id FROM accounts")[0].id
    with house.services.database.write() as connection:
        accounts.set_password(connection, account, hash_password("seven tall lamps"), house.clock())
    house.set(sign_in={"email": "code", "phone": "code_or_password"})
    page = visit(house.browser(), provider).send("/linking/password", password="seven tall lamps")
    assert "This password is not right" in page.errors[0]
    assert house.count("upstream_identities") == 0


def test_wrong_passwords_are_counted_and_a_way_that_is_off_is_none(house: House, provider: Elsewhere) -> None:
    member(house)
    page = visit(house.browser(), provider)
    assert "password" not in page.text
    assert page.send("/linking/password", password="x").status == 403
    house.set(sign_in={"email": "code_or_password"})
    told = [page.send("/linking/password", password="x").errors[0] for _ in range(6)]
    assert ["no tries left" in words for words in told] == [False] * 4 + [True] * 2, told


def test_a_separate_account_where_the_settings_let_it(house: House, provider: Elsewhere) -> None:
    member(house)
    offer(house, provider.url, separate=True)
    browser = visit(house.browser(), provider)
    assert "Create a separate account" in browser.text
    assert browser.send("/linking/separate").path == "/account"
    assert house.count("accounts") == 2


def test_a_separate_account_is_refused_where_they_do_not(house: House, provider: Elsewhere) -> None:
    member(house)
    browser = visit(house.browser(), provider).send("/linking/separate")
    assert browser.status == 403
    assert house.count("accounts") == 1


def test_a_trusted_provider_links_by_itself(house: House, provider: Elsewhere) -> None:
    member(house)
    offer(house, provider.url, trusted=True)
    assert visit(house.browser(), provider).path == "/account"
    assert (house.count("accounts"), house.count("upstream_identities")) == (1, 1)


def test_nobody_new_comes_where_sign_up_is_off(house: House, provider: Elsewhere) -> None:
    house.set(sign_up={"enabled": False})
    browser = visit(house.browser(), provider)
    assert browser.status == 422
    assert "No account here is linked to it" in browser.text
    assert house.count("accounts") == 0


def test_linked_and_unlinked_in_the_account(house: House, provider: Elsewhere) -> None:
    browser = member(house).open("/account/linked").send(link="openid")
    come_back(browser, provider.authorize(away_from(browser)))
    assert browser.path == "/account/linked"
    assert "ada@example.com" in browser.text
    identity = house.sql("SELECT id FROM upstream_identities")[0].id
    assert browser.send(unlink=identity).status == 200
    assert house.count("upstream_identities") == 0
    kinds = [row.kind for row in house.sql("SELECT kind FROM events WHERE kind LIKE 'upstream%' ORDER BY id")]
    assert kinds == ["upstream_linked", "upstream_unlinked"]


def test_linking_asks_for_a_fresh_proof(house: House, provider: Elsewhere) -> None:
    browser = member(house)
    house.clock.forward(3600)
    browser.open("/account/linked").send(link="openid")
    assert browser.path == "/account/prove"


def test_the_last_way_in_stays(house: House, provider: Elsewhere) -> None:
    browser = new(house, provider).open("/account/linked")
    identity = house.sql("SELECT id FROM upstream_identities")[0].id
    assert browser.send(unlink=identity).status == 422
    assert "last way in" in browser.text
    assert house.count("upstream_identities") == 1


def test_a_number_may_go_where_an_account_elsewhere_opens_the_door(house: House, provider: Elsewhere) -> None:
    browser = member(house, "06 12 34 56 78")
    away = {"place": browser.contact(0), "action": "remove"}
    assert "last way in" in browser.open("/account/phones").send(**away).text
    come_back(browser, provider.authorize(away_from(browser.open("/account/linked").send(link="openid"))))
    house.set(sign_up={"enabled": False}, upstreams={"offered": []})
    assert browser.open("/account/phones").send(**away).status == 422, "it has no button"
    house.set(upstreams={"offered": ["openid"]})
    browser.open("/account/phones").send(**away)
    assert house.count("identifiers") == 0
    identity = house.sql("SELECT id FROM upstream_identities")[0].id
    assert browser.open("/account/linked").send(unlink=identity).status == 422
    assert visit(house.browser(), provider).path == "/account"


def test_other_providers_may_be_the_only_way_in(house: House, provider: Elsewhere) -> None:
    house.set(sign_in={"phone": "off", "email": "off"})
    for page in ("/sign-in", "/sign-up"):
        browser = house.browser().open(page)
        assert (browser.status, 'name="phone"' in browser.page.text) == (200, False), page
        assert "Elsewhere" in browser.text, page
        assert browser.send(page, country="FR", phone="06 12 34 56 78").status == 403, page
    house.set(sign_up={"identifier": "email"})
    assert new(house, provider).path == "/account/emails/add", "what every account needs is asked for all the same"
    offer(house, provider.url, new_people=False)
    assert house.browser().open("/sign-up").status == 403
    assert house.browser().open("/sign-in").status == 200


def test_people_of_a_directory_join_its_organisation_as_they_sign_in(house: House, provider: Elsewhere) -> None:
    member(house)
    visit(house.browser(), provider).send("/linking/send").type_code()
    acme = add_organization(house, join_upstreams=["openid"], default_role="editor")
    house.clock.forward(7200)
    provider.lies = {"exp": int(house.clock()) + 60, "iat": int(house.clock())}
    assert house.browser().sign_in("ada@example.com").type_code().path == "/account"
    assert house.count("organization_members") == 0, "whom the directory let go may still have the link"
    browser = visit(house.browser(), provider)
    assert "Acme" in browser.open("/account/organizations").text
    assert house.sql("SELECT roles FROM organization_members")[0].roles == "editor"
    browser.send("/account/organizations", organization=acme)
    assert "Acme" not in visit(house.browser(), provider).open("/account/organizations").text, "who left stays out"
    program = manage_program(house, "organizations")
    settings = {"name": "Acme", "join_upstreams": ["openid-nowhere"]}
    wrong = program.call("PUT", f"/organizations/{acme}", {"settings": settings})
    assert wrong.json["errors"] == [{"pointer": "/join_upstreams", "detail": "openid-nowhere is not set up."}]


def test_who_stops_there_is_told_so(house: House, provider: Elsewhere) -> None:
    browser = house.browser()
    state = provider.authorize(leave(browser))["state"]
    come_back(browser, {"error": "access_denied", "state": state, "iss": provider.url})
    assert "You stopped at the other provider" in browser.text
    assert told(house) == ["cancelled"]


def test_a_provider_that_does_not_answer(house: House, provider: Elsewhere) -> None:
    offer(house, "http://127.0.0.1:9", "openid-away")
    browser = house.browser().open("/sign-in").send("/upstream/openid-away/start", flow="sign_in")
    assert browser.status == 503
    assert "does not answer" in browser.text


def test_a_provider_that_fails_is_not_asked_again_at_once(house: House, provider: Elsewhere) -> None:
    """It may hang: whoever presses its button again and again must not take every thread."""
    offer(house, f"{provider.url}/nothing", "openid-nothing")
    for _ in range(3):
        browser = house.browser().open("/sign-in").send("/upstream/openid-nothing/start", flow="sign_in")
        assert browser.status == 503
    assert provider.calls == ["/nothing/.well-known/openid-configuration"]


def test_oauth_with_a_user_address(house: House, provider: Elsewhere) -> None:
    """As GitHub does it: a number for the person, no ID token, and the address beside its verdict."""
    url = provider.url
    addresses: dict[str, Any] = {"authorize_url": f"{url}/authorize", "token_url": f"{url}/token"}
    own = {"user_url": f"{url}/user", "subject_at": "id", "email_at": "email", "verified_at": "verified"}
    ours = {"label": "Code House", "client_id": "doorcode", "client_secret": "a secret of the test's own"}
    house.set(upstreams={"offered": ["oauth2"], "configurations": {"oauth2": ours | addresses | own}})
    provider.names_itself = False
    provider.claims = {"id": 17, "email": "ada@example.com", "verified": True}
    member(house)
    browser = visit(house.browser(), provider, "oauth2")
    assert "You have an account here" in browser.text
    browser.send("/linking/send").type_code()
    with house.services.database.read() as connection:
        assert upstream_identities.find(connection, f"{url}/user", "17")


def test_the_guard_may_ask_for_a_challenge_before_the_code(house: House) -> None:
    number = {"sub": "ada", "phone_number": "+33612345678", "phone_number_verified": True}
    with elsewhere(claims=number) as provider:
        offer(house, provider.url)
        member(house, "06 12 34 56 78")
        house.set(guard={"mode": "on"})
        with house.services.database.write() as connection:
            guard.pin(connection, "country:FR", "challenge", house.clock())
        house.clock.forward(60)
        browser = visit(house.browser(), provider).send("/linking/send")
        assert browser.path == "/challenge"
        assert 'href="/linking/ask?ticket=' in browser.page.text
