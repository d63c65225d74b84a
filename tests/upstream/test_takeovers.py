"""Attempts at somebody else's account by way of another provider. None works, and the audit log tells each apart."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import pytest
from joserfc.jwk import ECKey

from rules.passwords import hash_password
from storage import accounts, upstream_identities
from tests.kit import Browser, House
from tests.upstream.kit import Elsewhere, away_from, come_back, elsewhere, leave, offer, told, visit
from tests.upstream.test_journeys import ADA, EMAILS, member, new


@pytest.fixture
def provider(house: House) -> Iterator[Elsewhere]:
    with elsewhere(claims=dict(ADA)) as found:
        house.set(**EMAILS)
        offer(house, found.url)
        yield found


def owner_of(house: House, browser: Browser) -> str:
    """The account that a browser is signed in to: of the newest session, once it is seen to be in."""
    assert browser.open("/account").path == "/account"
    return str(house.sql("SELECT owner_id FROM sessions ORDER BY created_at DESC LIMIT 1")[0].owner_id)


def is_out(browser: Browser) -> bool:
    return browser.open("/account").path == "/sign-in"


def test_an_address_that_is_not_verified_names_nobody(house: House, provider: Elsewhere) -> None:
    member(house)
    for unverified in ({"email_verified": False}, {"email_verified": None}, {"email_verified": "yes"}):
        provider.claims = {"sub": "mallory", "email": "ada@example.com"} | unverified
        browser = visit(house.browser(), provider)
        assert "No account yet" in browser.text
        assert "You have an account here" not in browser.text
    assert told(house) == ["unverified_email"] * 3
    browser.send("/linking/separate")
    assert house.count("accounts") == 2
    assert len(house.sql("SELECT DISTINCT account_id FROM identifiers")) == 1


def test_not_even_of_a_provider_that_is_trusted(house: House, provider: Elsewhere) -> None:
    member(house)
    offer(house, provider.url, trusted=True)
    provider.claims = {"sub": "mallory", "email": "ada@example.com", "email_verified": False}
    assert "No account yet" in visit(house.browser(), provider).text
    assert told(house) == ["unverified_email"]
    assert house.count("upstream_identities") == 0


def test_an_address_that_changes_there_changes_nothing_here(house: House, provider: Elsewhere) -> None:
    """Mallory has an account, and tells the address of somebody else from today on."""
    provider.claims = {"sub": "mallory", "email": "mallory@example.com", "email_verified": True}
    mallory = owner_of(house, new(house, provider))
    member(house)
    provider.claims = ADA | {"sub": "mallory"}
    assert owner_of(house, visit(house.browser(), provider)) == mallory
    assert told(house) == ["email_changed"]
    assert house.sql("SELECT count(*) FROM events WHERE kind = 'upstream_email_changed'")[0][0] == 1


def test_the_same_subject_of_another_issuer_is_somebody_else(house: House, provider: Elsewhere) -> None:
    new(house, provider)
    with elsewhere(claims={"sub": "ada"}) as other:
        offer(house, other.url, "openid-other")
        browser = visit(house.browser(), other, "openid-other")
    assert "No account yet" in browser.text
    assert told(house) == ["same_subject"]


def test_a_state_is_good_once(house: House, provider: Elsewhere) -> None:
    new(house, provider)
    browser = house.browser()
    brought = provider.authorize(leave(browser))
    assert come_back(browser, brought).path == "/account"
    calls = len(provider.calls)
    assert come_back(browser, brought).path == "/account"  # a second click: they are in
    browser.client.delete_cookie("doorcode_session")
    assert come_back(browser, brought | {"code": "another"}).path == "/upstream/openid/arrive"
    assert is_out(browser)
    assert len(provider.calls) == calls
    assert told(house) == ["replayed_state"] * 2


def test_a_state_belongs_to_its_browser(house: House, provider: Elsewhere) -> None:
    """Login CSRF: Mallory begins, and has somebody else come back, to be signed in as Mallory."""
    new(house, provider)
    brought = provider.authorize(leave(house.browser()))
    victim = house.browser().open("/sign-in").send(country="FR", phone="06 12 34 56 78")
    assert come_back(victim, brought).status == 422
    assert is_out(victim)
    assert told(house) == ["login_csrf"]


def test_a_code_belongs_to_its_visit(house: House, provider: Elsewhere) -> None:
    """Mallory's own visit, with a code that was meant for somebody else's."""
    new(house, provider)
    stolen = provider.authorize(leave(house.browser()))["code"]
    mallory = house.browser()
    brought = provider.authorize(leave(mallory))
    assert come_back(mallory, brought | {"code": stolen}).status == 422
    assert is_out(mallory)
    assert told(house) == ["swapped_code"]


def test_linking_in_a_second_tab_while_somebody_else_signs_in(house: House, provider: Elsewhere) -> None:
    browser = member(house, "ada@example.com").open("/account/linked").send(link="openid")
    brought = provider.authorize(away_from(browser))
    bob = member(house, "bob@example.com").client.get_cookie("doorcode_session")
    assert bob
    browser.client.set_cookie("doorcode_session", bob.value)
    assert come_back(browser, brought).status == 409
    assert "Somebody else has signed in" in browser.text
    assert told(house) == ["other_account"]
    browser = member(house, "dora@example.com").open("/account/linked").send(link="openid")
    brought = provider.authorize(away_from(browser))
    browser.open("/account").send("/sign-out")
    browser.open("/sign-up").send(country="FR", phone="carl@example.com").type_code()
    assert come_back(browser, brought).status == 422
    assert told(house)[0] == "login_csrf"
    assert house.count("upstream_identities") == 0


def test_a_code_links_no_account_that_it_would_not_sign_in_to(house: House, provider: Elsewhere) -> None:
    """Whoever reads its mailbox can come from there with its address, and has its code; but not its password."""
    account = owner_of(house, member(house))
    house.set(sign_in={"email": "password"}, sign_up={"password": True})
    with house.services.database.write() as connection:
        accounts.set_password(connection, account, hash_password("seven tall lamps"), house.clock())
    house.clock.forward(61)
    mallory = visit(house.browser(), provider).send("/linking/send").type_code()
    assert mallory.status == 409
    assert house.count("upstream_identities") == 0
    assert is_out(mallory)


def test_a_new_password_ends_a_link_that_was_begun_before_it(house: House, provider: Elsewhere) -> None:
    """Its owner has changed it because somebody else is in, and keeps the sessions."""
    browser = member(house, "ada@example.com").open("/account/linked").send(link="openid")
    brought = provider.authorize(away_from(browser))
    account = owner_of(house, browser)
    with house.services.database.write() as connection:
        accounts.set_password(connection, account, "a hash", house.clock())
    assert come_back(browser, brought).status == 422
    assert house.count("upstream_identities") == 0


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one writer at a time
def test_who_is_unlinked_while_they_come_does_not_come_in(house: House, provider: Elsewhere) -> None:
    new(house, provider)
    account, identity = house.sql("SELECT account_id, id FROM upstream_identities")[0]
    browser = house.browser()
    brought = provider.authorize(leave(browser))
    with ThreadPoolExecutor(1) as other_thread:
        with house.services.database.write() as connection:
            accounts.by_id(connection, account, lock=True)
            upstream_identities.remove(connection, account, identity)
            coming = other_thread.submit(come_back, browser, brought)
            wait([coming], 0.5)
        assert coming.result().status == 409
    assert is_out(browser)


def test_an_identity_of_another_account_is_not_linked_twice(house: House, provider: Elsewhere) -> None:
    new(house, provider)
    browser = member(house, "bob@example.com").open("/account/linked").send(link="openid")
    come_back(browser, provider.authorize(away_from(browser)))
    assert "belongs to another account" in browser.text
    assert house.count("upstream_identities") == 1


def test_the_answer_of_another_provider_is_refused(house: House, provider: Elsewhere) -> None:
    """Mix-up (RFC 9207): the issuer in the answer is not the one that was asked, or is missing."""
    for wrong in ({"iss": "https://evil.example"}, {"iss": ""}):
        browser = house.browser()
        brought = provider.authorize(leave(browser)) | wrong
        assert come_back(browser, brought).status == 422
    with elsewhere() as other:
        offer(house, other.url, "openid-other")
        browser = house.browser()
        brought = provider.authorize(leave(browser))
        assert come_back(browser, brought, "openid-other").status == 422
    assert told(house) == ["mix_up"] * 3
    assert "/token" not in provider.calls


def test_a_visit_ends_after_ten_minutes(house: House, provider: Elsewhere) -> None:
    browser = house.browser()
    brought = provider.authorize(leave(browser))
    house.clock.forward(601)
    assert come_back(browser, brought).status == 409
    assert told(house) == ["late"]


def test_a_state_of_nobody_writes_nothing(house: House, provider: Elsewhere) -> None:
    assert come_back(house.browser(), {"code": "x", "state": "made-up"}).status == 422
    assert told(house) == []


def test_the_same_state_again_and_again_does_not_fill_the_log(house: House, provider: Elsewhere) -> None:
    brought = provider.authorize(leave(house.browser()))
    for _ in range(8):
        come_back(house.browser(), brought)
    assert told(house) == ["login_csrf"] * 5


LIES: dict[str, tuple[Callable[[], dict[str, Any]], str]] = {
    "for somebody else": (lambda: {"aud": "another"}, "other_audience"),
    "for several, made for another": (lambda: {"aud": ["doorcode", "x"], "azp": "x"}, "other_audience"),
    "of another issuer": (lambda: {"iss": "https://accounts.google.com"}, "other_issuer"),
    "of another visit": (lambda: {"nonce": "another"}, "swapped_code"),
    "without a nonce": (lambda: {"nonce": None}, "swapped_code"),
    "expired": (lambda: {"exp": int(time.time()) - 300}, "too_old"),
    "without an end": (lambda: {"exp": None}, "too_old"),
    "made long ago": (lambda: {"iat": int(time.time()) - 3600}, "too_old"),
    "of nobody": (lambda: {"sub": ""}, "no_subject"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_is_not_for_us_proves_nothing(house: House, provider: Elsewhere, lie: str) -> None:
    claims, why = LIES[lie]
    provider.lies = claims()
    browser = visit(house.browser(), provider)
    assert browser.status == 422
    assert told(house) == [why]


def test_a_token_that_another_key_signed_proves_nothing(house: House, provider: Elsewhere) -> None:
    provider.published = ECKey.generate_key("P-256", {"kid": "one"})
    assert visit(house.browser(), provider).status == 422
    assert told(house) == ["bad_signature"]


def test_a_client_secret_that_is_wrong_is_told_apart(house: House, provider: Elsewhere) -> None:
    offer(house, provider.url, client_secret="another")
    assert visit(house.browser(), provider).status == 422
    assert told(house) == ["client_refused"]


def test_no_token_is_kept_and_no_secret_is_in_clear(house: House, provider: Elsewhere) -> None:
    new(house, provider)
    tables = ("upstream_visits", "upstream_arrivals", "upstream_identities", "settings_versions", "audit", "sessions")
    kept = " ".join(repr(house.sql(f"SELECT * FROM {table}")) for table in tables)  # noqa: S608 - constants
    assert "a secret of the test's own" not in kept
    assert "eyJ" not in kept  # how a JWT begins
