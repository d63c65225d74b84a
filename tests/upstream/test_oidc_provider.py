"""oidc-provider, the certified library of Node, unchanged, as the provider that people come from."""

from __future__ import annotations

import html
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import pytest
import requests

from tests import services
from tests.kit import Browser, House, listens, wait_until
from tests.upstream.kit import CALLBACK, SECRET, away_from, come_back, leave, offer, stopped_at, told

FOLDER = Path(__file__).parent / "oidc_provider"
EMAILS = {"sign_in": {"email": "code"}, "sign_up": {"identifier": "phone_or_email"}}


@pytest.fixture(scope="session")
def issuer() -> Iterator[str]:
    try:
        node = services.node_with(FOLDER)
    except services.NotFoundError as reason:
        pytest.skip(str(reason))
    port = services.free_port()
    command = [node, "provider.mjs", str(port), CALLBACK, SECRET]
    process = subprocess.Popen(command, cwd=FOLDER, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: listens(port) or process.poll() is not None, seconds=30)
        assert process.poll() is None
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture(autouse=True)
def offered(house: House, issuer: str) -> None:
    house.set(**EMAILS)
    offer(house, issuer)


def there(address: str, name: str) -> dict[str, str]:
    """Type a name on its page, and agree on the next: what is brought back to us, where nothing listens."""
    with requests.Session() as session:
        try:
            page = session.get(address, timeout=10)
            for fields in ({"prompt": "login", "login": name, "password": "x"}, {"prompt": "consent"}):
                action = re.search(r'<form[^>]*action="([^"]+)"', page.text)
                assert action, page.text
                page = session.post(urljoin(page.url, html.unescape(action[1])), data=fields, timeout=10)
        except requests.ConnectionError as stopped:
            return stopped_at(stopped)
    raise AssertionError(page.text)


def visit(house: House, name: str) -> Browser:
    browser = house.browser()
    return come_back(browser, there(leave(browser), name))


def member(house: House) -> Browser:
    return house.browser().open("/sign-up").send(country="FR", phone="ada@example.com").type_code()


def test_sign_up_and_sign_in(house: House) -> None:
    assert visit(house, "ada").send("/linking/separate").path == "/account"
    assert visit(house, "ada").path == "/account"
    assert house.count("accounts") == 1


def test_link(house: House) -> None:
    member(house)
    browser = visit(house, "ada")
    assert "You have an account here" in browser.text
    assert browser.send("/linking/send").type_code().path == "/account"
    assert (house.count("accounts"), house.count("upstream_identities")) == (1, 1)


def test_refuse(house: House) -> None:
    member(house)
    assert "No account yet" in visit(house, "unverified-ada").text
    assert told(house) == ["unverified_email"]
    assert visit(house, "ada").send("/linking/separate").status == 403
    assert house.count("upstream_identities") == 0


def test_unlink(house: House) -> None:
    browser = member(house).open("/account/linked").send(link="openid")
    come_back(browser, there(away_from(browser), "ada"))
    browser.send(unlink=house.sql("SELECT id FROM upstream_identities")[0].id)
    assert house.count("upstream_identities") == 0
    assert "You have an account here" in visit(house, "ada").text


def test_a_code_that_is_turned_in_twice(house: House) -> None:
    """The provider ends the grant; here the state was over before."""
    browser = house.browser()
    brought = there(leave(browser), "ada")
    come_back(browser, brought)
    assert come_back(browser, brought).status == 409
    assert told(house) == ["replayed_state"]
