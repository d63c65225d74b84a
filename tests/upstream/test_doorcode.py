"""Doorcode as the provider of another Doorcode: sign up, sign in, link, refuse, unlink, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests.kit import Browser, House, open_house, serving
from tests.oidc.kit import E164, NUMBER, Shop, add_shop
from tests.oidc.test_real_client import RealBrowser
from tests.upstream.kit import CALLBACK, away_from, come_back, leave, offer, stopped_at


@dataclass
class Other:
    """The Doorcode elsewhere, and a person's browser there."""

    house: House
    url: str
    shop: Shop
    browser: RealBrowser

    def go(self, address: str, **fields: str) -> dict[str, str]:
        """Sign up or in there: what is brought back. Nothing listens at our own address, so the browser stops there."""
        try:
            self.browser.open(address)
            if urlsplit(self.browser.page.url).path == "/sign-in":
                self.browser.open(self.browser.page.url.replace("/sign-in", "/sign-up"))
                self.browser.send(country="FR", phone=NUMBER)
                self.browser.send(code=self.house.codes()[0])
        except requests.ConnectionError as stopped:
            return stopped_at(stopped)
        raise AssertionError(self.browser.page.text)


@pytest.fixture
def other(house: House, tmp_path: Path, sqlite_template: Path) -> Iterator[Other]:
    path = tmp_path / "other.db"
    path.write_bytes(sqlite_template.read_bytes())
    url = f"sqlite:///{path}"
    with open_house(url, tmp_path / "theirs") as theirs, serving(url, tmp_path / "served") as server:
        shop = add_shop(theirs, redirect_uris=[CALLBACK])
        offer(house, server.url, client_id=shop.client_id, client_secret=shop.secret)
        yield Other(theirs, server.url, shop, RealBrowser())


def visit(browser: Browser, other: Other) -> Browser:
    return come_back(browser, other.go(leave(browser)))


def member(house: House) -> Browser:
    return house.browser().open("/sign-up").send(country="FR", phone=NUMBER).type_code()


def test_somebody_new_signs_up_gives_a_number_and_comes_back(house: House, other: Other) -> None:
    browser = visit(house.browser(), other).send("/linking/separate")
    assert browser.path == "/account/phones/add"  # a number verified elsewhere is proved here too
    browser.send(country="FR", phone=NUMBER)
    assert browser.type_code().path == "/account"
    assert visit(house.browser(), other).path == "/account"
    assert (house.count("accounts"), house.count("upstream_identities")) == (1, 1)


def test_the_account_of_the_number_is_linked_by_a_code(house: House, other: Other) -> None:
    member(house)
    house.clock.forward(120)
    browser = visit(house.browser(), other)
    assert "An account here has this number" in browser.text
    assert E164 not in browser.page.text
    assert browser.send("/linking/send").type_code().path == "/account"
    assert (house.count("accounts"), house.count("upstream_identities")) == (1, 1)


def test_refused_without_the_code(house: House, other: Other) -> None:
    member(house)
    house.clock.forward(120)
    browser = visit(house.browser(), other).send("/linking/send")
    for _ in range(6):
        browser.send("/linking/code", code="000000") if browser.path == "/linking/code" else None
    assert (house.count("sessions"), house.count("upstream_identities")) == (1, 0)


def test_linked_and_unlinked_in_the_account(house: House, other: Other) -> None:
    browser = member(house).open("/account/linked").send(link="openid")
    assert come_back(browser, other.go(away_from(browser))).path == "/account/linked"
    identity = house.sql("SELECT id FROM upstream_identities")[0].id
    browser.send(unlink=identity)
    assert house.count("upstream_identities") == 0
