"""Every combination of ways in, second factors and forgotten password, as far as they touch each other.

What is valid is walked by a real client: up, out, in by each way, through the second step, and to a new password; or to
the honest refusal that it should meet. What is not valid is refused when it is saved, with its reason.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from typing import Any

import pytest

from settings.console import read_document
from tests.kit import Browser, House
from tests.pages.factors_kit import add_app, app_code

PASSWORDS = ("four horses by the sea", "nine otters under a bridge")

# Sign-up, with a password or without; sign-in by phone, e-mail and username.
WAYS = (
    ("phone", False, "code", "off", "off"),
    ("phone", True, "code_or_password", "off", "off"),
    ("phone", True, "password_or_code", "off", "off"),
    ("phone", True, "password", "off", "off"),
    ("email", False, "off", "code", "off"),
    ("email", True, "off", "password", "off"),
    ("phone_or_email", False, "code", "code", "off"),
    ("phone_and_email", True, "code", "password", "off"),
    ("phone_and_email", True, "password", "code_or_password", "password"),
    ("username", True, "off", "off", "password"),
)
FACTORS = [
    # Backup codes take ten hashes each time, and are walked in tests/pages/test_enrolment.py.
    {"policy": policy, "totp": totp, "passkey": passkey, "sms": sms, "backup_codes": False}
    for policy, totp, passkey, sms in product(("off", "offered", "required"), *[(False, True)] * 3)
]
FORGOT = [{"phone": phone, "email": email} for phone, email in product((False, True), repeat=2)]


def combination(way: tuple[Any, ...], factors: dict[str, Any], forgot: dict[str, bool]) -> dict[str, dict[str, Any]]:
    identifier, password, phone, email, username = way
    return {
        "sign_up": {"identifier": identifier, "password": password},
        "sign_in": {"phone": phone, "email": email, "username": username},
        "second_factors": factors,
        "forgot_password": forgot,
    }


COMBINATIONS = [combination(*each) for each in product(WAYS, FACTORS, FORGOT)]


def reason(sections: dict[str, dict[str, Any]]) -> str | None:
    """Why nobody may save this, in words of our own: not the product's rules once more."""
    factors = sections["second_factors"]
    stronger = factors["totp"] or factors["passkey"]
    if factors["policy"] == "off" or stronger:
        return None
    if factors["sms"]:
        return "Offer something stronger beside text messages: apps or passkeys."
    return "Nobody could set up a second factor: switch one on." if factors["policy"] == "required" else None


VALID = [each for each in COMBINATIONS if reason(each) is None]


def test_what_cannot_work_is_refused_when_it_is_saved_with_its_reason() -> None:
    assert (len(COMBINATIONS), len(VALID)) == (960, 840)
    for sections in COMBINATIONS:
        _settings, problems = read_document(sections, {}, production=False)
        why = reason(sections)
        assert {path: str(problem) for path, problem in problems.items()} == (
            {"second_factors.totp": why} if why else {}
        )


# The walk


@dataclass
class Person:
    """Somebody who came by one combination, with what they have."""

    house: House
    sections: dict[str, dict[str, Any]]
    number: int
    password: str = PASSWORDS[0]
    key: str = ""
    names: dict[str, str] = field(default_factory=dict)

    @property
    def phone(self) -> str:
        return f"06 {self.number // 100:02} {self.number % 100:02} 56 78"

    @property
    def email(self) -> str:
        return f"ann{self.number}@example.com"

    @property
    def factors(self) -> dict[str, Any]:
        return self.sections["second_factors"]

    def sign_up(self) -> Browser:
        identifier = self.sections["sign_up"]["identifier"]
        browser = self.house.browser().open("/sign-up")
        if identifier == "username":
            browser.send(username=f"ann{self.number}", new_password=self.password)
        else:
            first = {"email": self.email} if identifier == "email" else {"phone": self.phone, "country": "FR"}
            browser.send(**first).type_code()
        return self.complete(browser)

    def complete(self, browser: Browser) -> Browser:
        """Whatever is still asked for, as far as a client without a passkey can give it."""
        for _ in range(5):
            if browser.path == "/complete/password":
                browser.send(new_password=self.password)
            elif browser.path == "/account/emails/add":
                browser.send(email=self.email).type_code()
            elif browser.path == "/mfa/enrol" and self.factors["totp"]:
                self.key = add_app(self.house, browser)
        return browser

    def answer_offer(self, browser: Browser, *, due: bool) -> None:
        """By an app where that can be, and else by "not now". Who has answered is not asked again."""
        assert (browser.path == "/mfa/enrol/offer") == due, browser.path
        if self.factors["totp"]:
            self.key = add_app(self.house, browser)
            browser.open("/account")
        elif due:
            browser.send()

    def learn_names(self) -> None:
        rows = self.house.sql(
            "SELECT kind, value FROM identifiers WHERE account_id = (SELECT id FROM accounts ORDER BY created_at DESC "
            "LIMIT 1)"
        )
        self.names = {row.kind: row.value for row in rows}

    def wait(self) -> None:
        """Past every wait, and past every code of the app that was shown."""
        self.house.clock.forward(301)

    def sign_in(self, kind: str, method: str) -> Browser:
        self.wait()
        boxes = [each for each in ("phone", "email", "username") if self.sections["sign_in"][each] != "off"]
        browser = self.house.browser().open("/sign-in").send(**{boxes[0]: self.names[kind], "country": "FR"})
        if method == "password":
            if browser.path == "/sign-in/code":
                browser.open(browser.page.request.full_path.replace("/code", "/password"))
            browser.send("/sign-in/password", password=self.password)
        else:
            if browser.path == "/sign-in/password":
                browser.send("/sign-in/use-code")
            browser.type_code()
        return self.second_step(browser, by_phone_code=(kind, method) == ("phone", "code"))

    def second_step(self, browser: Browser, *, by_phone_code: bool) -> Browser:
        """The step that must come, and no other."""
        on = self.factors["policy"] != "off"
        by_sms = on and self.factors["sms"] and "phone" in self.names and not by_phone_code
        if self.key and on:
            assert browser.path.startswith("/mfa"), browser.path
            ticket = browser.page.request.args["ticket"]
            browser.open(f"/mfa/totp?ticket={ticket}").send(code=app_code(self.house, self.key))
        elif by_sms:
            assert browser.path == "/mfa/sms", browser.path
            self.wait()  # the first code may have gone to the same number a moment ago
            browser.send(place="0").type_code()
        else:
            assert not browser.path.startswith("/mfa"), browser.path
        return browser

    def new_password(self, kind: str) -> None:
        self.wait()
        browser = self.house.browser().open("/forgot-password")
        has_one = self.sections["sign_up"]["password"]
        if not has_one or not any(self.sections["forgot_password"].values()):
            assert browser.status == 403, "nobody has a password, or none is had anew"
            return
        boxes = [each for each in ("phone", "email") if self.sections["forgot_password"][each]]
        if not self.sections["forgot_password"][kind]:
            browser.send(**{boxes[0]: self.names[kind], "country": "FR"})
            assert browser.status == 422, "it is not taken for a name"
            return
        browser.send(**{boxes[0]: self.names[kind], "country": "FR"}).type_code()
        self.second_step(browser, by_phone_code=kind == "phone")
        assert browser.path == "/forgot-password/new", browser.path
        self.password = PASSWORDS[1 - PASSWORDS.index(self.password)]
        assert browser.send(new_password=self.password).path == "/sign-in"


def walk(house: House, sections: dict[str, dict[str, Any]], number: int) -> None:
    house.sql("DELETE FROM messages")  # the page of the development connector draws them all
    house.set(**sections)
    person = Person(house, sections, number)
    browser = person.sign_up()
    person.learn_names()
    factors = sections["second_factors"]
    texts_do = factors["sms"] and "phone" in person.names and "code" not in sections["sign_in"]["phone"]
    if factors["policy"] == "required" and not factors["totp"] and not texts_do:
        assert browser.path == "/mfa/enrol", browser.path
        assert browser.open("/account/phones").path == "/mfa/enrol", "nothing else opens until it is there"
        return
    if factors["policy"] == "offered":
        person.answer_offer(browser, due=(factors["totp"] or factors["passkey"]) and not texts_do)
    assert browser.path == "/account", browser.path
    for kind in person.names:
        for method in sections["sign_in"][kind].split("_or_"):
            if method != "off" and (method == "code" or sections["sign_up"]["password"]):
                assert person.sign_in(kind, method).path == "/account", (kind, method)
    for kind in [each for each in person.names if each != "username"]:
        person.new_password(kind)


def worth(way: tuple[Any, ...]) -> list[dict[str, bool]]:
    """What makes a difference: nothing without a password; nor, with one kind of name, all that is for the other."""
    identifier, password, *_methods = way
    if not password or identifier == "username":
        return FORGOT[-1:]
    return [FORGOT[0], FORGOT[1], FORGOT[3]] if identifier in ("phone", "email") else FORGOT


def test_several_hundred_are_walked() -> None:
    assert 14 * sum(len(worth(way)) for way in WAYS) == 336


@pytest.mark.parametrize("way", WAYS, ids=lambda way: "-".join(map(str, way)))
def test_every_valid_combination_leads_to_a_session_or_to_its_honest_refusal(
    sqlite_house: House, way: tuple[Any, ...]
) -> None:
    sqlite_house.set(phones={"all_countries": False, "countries": ["FR"]})  # a page of 245 countries takes its time
    walked = 0
    for sections in VALID:
        same = combination(way, sections["second_factors"], sections["forgot_password"])
        factors, forgot = sections["second_factors"], sections["forgot_password"]
        if sections != same or forgot not in worth(way):
            continue
        if factors["policy"] == "off" and (factors["totp"], factors["passkey"], factors["sms"]) != (True, True, True):
            continue  # switched off as a whole
        try:
            walk(sqlite_house, sections, walked + 1)
        except AssertionError as error:
            raise AssertionError(f"{sections}: {error}") from error
        walked += 1
    assert walked == 14 * len(worth(way))
