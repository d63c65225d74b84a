"""mod_auth_openidc, the certified module of Apache, unchanged: people sign in to an old application behind it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from flows import signing_keys
from tests import services
from tests.kit import House, Server, serving, wait_until
from tests.oidc.kit import E164, NUMBER, Shop, add_shop
from tests.oidc.test_real_client import RealBrowser
from tests.provider import Provider

SITE = """
OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCClientID {shop.client_id}
OIDCClientSecret {shop.secret}
OIDCRedirectURI {url}/shop/back
OIDCCryptoPassphrase a-passphrase-of-the-tests-alone
OIDCScope "openid phone"
OIDCHTTPTimeoutShort 20
OIDCPKCEMethod S256
OIDCAuthRequestParams screen_hint=sign_up
OIDCDefaultLoggedOutURL {url}/bye
ProxyPass /shop {old.url}/shop
<Location /shop>
    AuthType openid-connect
    Require valid-user
</Location>
<Location /bye>
    Require all granted
</Location>
"""


@dataclass
class Front:
    """An Apache in front of an old application, which sees who is there in a header."""

    house: House
    server: Server
    shop: Shop
    url: str
    old: Provider

    def sign_in(self, number: str = NUMBER) -> RealBrowser:
        browser = RealBrowser().open(self.url + "/shop/")
        assert urlsplit(browser.page.url).path == "/sign-up", browser.page.text
        browser.send(country="FR", phone=number)
        return browser.send(code=self.house.codes()[0])

    def seen(self) -> dict[str, str]:
        return dict(self.old.requests[-1].headers)


@contextmanager
def fronted(house: House, instance: Path) -> Iterator[Front]:
    port = services.free_port()
    url = f"http://127.0.0.1:{port}"
    shop = add_shop(
        house,
        redirect_uris=[f"{url}/shop/back"],
        post_logout_redirect_uris=[f"{url}/bye"],
        backchannel_logout_uri=f"{url}/shop/back?logout=backchannel",
    )
    with Provider() as old, serving(house.database_url, instance) as server:
        old.answer(200, b"the old application")
        with services.apache(port, SITE.format(issuer=server.url, shop=shop, url=url, old=old)):
            yield Front(house, server, shop, url, old)


@pytest.fixture
def front(sqlite_house: House, tmp_path: Path) -> Iterator[Front]:
    try:
        with fronted(sqlite_house, tmp_path / "instance") as opened:
            yield opened
    except services.NotFoundError as reason:
        pytest.skip(str(reason))


def test_a_person_signs_in_to_an_old_application_and_out_again(front: Front) -> None:
    browser = front.sign_in()
    assert (browser.page.url, browser.page.text) == (f"{front.url}/shop/", "the old application")
    account = str(front.house.sql("SELECT id FROM accounts")[0][0])
    assert front.seen()["oidc_claim_sub"] == account
    assert front.seen()["oidc_claim_phone_number"] == E164
    assert front.seen()["oidc_claim_phone_number_verified"] == "1"
    browser.open(f"{front.url}/shop/back?logout={front.url}/bye")
    assert browser.page.url == f"{front.url}/bye"
    assert browser.open(f"{front.server.url}/account").page.url.startswith(f"{front.server.url}/sign-in")


def test_signing_out_elsewhere_ends_it_here(front: Front) -> None:
    browser = front.sign_in()
    browser.open(f"{front.server.url}/account")
    browser.session.post(f"{front.server.url}/sign-out", data=browser.hidden(), timeout=10)

    def is_out() -> bool:
        reply = browser.session.get(f"{front.url}/shop/", allow_redirects=False, timeout=10)
        return bool(reply.status_code == 302)

    wait_until(is_out)


def test_keys_rotate_while_it_runs(front: Front) -> None:
    """It looks for a key that it does not know, so that even one that signs at once is no trouble."""
    front.sign_in()
    signing_keys.rotate(front.house.services, "test", at_once=True)
    browser = front.sign_in("06 12 34 56 79")
    assert browser.page.text == "the old application"
