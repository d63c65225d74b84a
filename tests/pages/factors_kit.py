"""A person with second factors, for the tests that are about them."""

from __future__ import annotations

import re
from typing import Any

from rules import totp
from tests.kit import Browser, House

NUMBER = "06 12 34 56 78"


def sign_up(house: House, phone: str = NUMBER) -> Browser:
    return house.browser().open("/sign-up").send(country="FR", phone=phone).type_code()


def app_code(house: House, key: str, later: int = 0) -> str:
    """What an app shows now, or so many steps later."""
    return totp.code_at(key, int(house.clock() // 30) + later)


def add_app(house: House, browser: Browser) -> str:
    """Its key. The browser ends on the page of the backup codes, or on the list."""
    browser.open("/mfa/enrol").send(kind="totp")
    assert browser.path == "/mfa/enrol/app"
    key = key_shown(browser)
    browser.send(code=app_code(house, key))
    return key


def key_shown(browser: Browser) -> str:
    key = re.search(r'<bdi class="key">([A-Z2-7]{32})</bdi>', browser.page.text)
    assert key
    return key[1]


def codes_shown(browser: Browser) -> list[str]:
    return re.findall(r'<bdi class="key">([0-9a-z-]{17})</bdi>', browser.page.text)


def member(house: House, phone: str = NUMBER, **second_factors: Any) -> tuple[str, list[str]]:
    """Somebody with an authenticator app: its key. With ``backup_codes=True`` also these, which take ten hashes."""
    house.set(second_factors={"policy": "offered", "backup_codes": False} | second_factors)
    browser = sign_up(house, phone)
    key = add_app(house, browser)
    codes = codes_shown(browser)
    if codes:
        browser.send("/mfa/enrol/backup-codes")
    house.clock.forward(3600)  # past every wait, and every code that was used
    return key, codes


def first_step(house: House, phone: str = NUMBER) -> Browser:
    """A browser whose first step is done, at the second one."""
    return house.browser().sign_in(phone).type_code()
