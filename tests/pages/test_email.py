"""E-mail addresses as a person meets them: sign-up, sign-in, one box for both, and the same for strangers."""

from __future__ import annotations

import re

import pytest

from connectors.testkit import MESSAGE
from rules.limits import Recipient
from tests.kit import Browser, House
from tests.mail_server import MailServer

ANN = "ann@example.com"
BOTH = {"sign_up": {"identifier": "phone_or_email"}, "sign_in": {"phone": "code", "email": "code"}}
MAIL = {"sign_up": {"identifier": "email"}, "sign_in": {"phone": "off", "email": "code"}}


def use_server(house: House, server: MailServer) -> None:
    config = {"host": "127.0.0.1", "port": server.port, "security": "none", "sender": "login@example.com"}
    house.set(
        connectors={"active": "development", "email": "smtp", "configurations": {"development": {}, "smtp": config}}
    )


def signed_up(house: House, address: str = ANN) -> Browser:
    return house.browser().open("/sign-up").send(email=address).type_code()


def test_a_person_signs_up_and_in_by_e_mail(house: House) -> None:
    house.set(**MAIL)
    browser = house.browser().open("/sign-up")
    assert 'type="email"' in browser.page.text
    browser.send(email=" Ann@Example.COM ")
    assert browser.path == "/sign-up/code"
    assert "It comes by e-mail to a•••@example.com." in browser.text
    assert ANN not in browser.page.text
    assert browser.type_code().path == "/account"
    other = house.browser().open("/sign-in").send(email=ANN).type_code()
    assert other.path == "/account"
    assert house.count("accounts") == 1
    assert [row.channel for row in house.sql("SELECT channel FROM messages")] == ["email", "email"]
    assert house.sql("SELECT country, value FROM identifiers") == [("", ANN)]


def test_the_message_goes_by_the_mail_server_in_the_persons_language(house: House) -> None:
    house.set(**BOTH)
    with MailServer() as server:
        use_server(house, server)
        browser = house.browser(**{"Accept-Language": "fr"}).open("/sign-up").send(phone=ANN, country="FR")
        house.deliver()
        mail = server.messages[0]
        assert (mail.recipient, mail.sender) == (ANN, "login@example.com")
        assert b"Subject: Votre code Doorcode pour vous inscrire\r\n" in mail.data
        code = re.search(rb"^(\d{6}) : votre code", mail.data, re.M)
        assert code
        assert "a•••@example.com" in browser.open("/sign-up/code").text
        assert browser.type_code(code[1].decode()).path == "/account"
        house.browser().open("/sign-up").send(country="FR", phone="06 12 34 56 78")
        house.deliver()
        assert len(house.texts()) == len(server.messages) == 1


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("06 12 34 56 78", "ending in 78"),
        ("0612345678", "ending in 78"),
        ("+33 6 12 34 56 78", "ending in 78"),
        ("ann@example.com", "a•••@example.com"),
        ("0612345678@example.com", "0•••@example.com"),
        ("ann+1@exämple.com", "a•••@xn--exmple-cua.com"),
    ],
)
def test_one_box_takes_both(house: House, typed: str, hint: str) -> None:
    house.set(**BOTH)
    for path in ("/sign-up", "/sign-in"):
        browser = house.browser().open(path)
        assert "Phone number or e-mail address" in browser.text
        browser.send(country="FR", phone=typed)
        assert (browser.path, browser.status) == (f"{path}/code", 200)
        assert hint in browser.text
        house.clock.forward(7200)


@pytest.mark.parametrize(
    "typed",
    [
        "ann@",
        "@example.com",
        "ann@example",
        "a b@example.com",
        "ann@example..com",
        "x" * 300 + "@example.com",
        "ann",
        "ann@example.com\r\nBcc: eve@example.com",
        "",
    ],
)
def test_a_wrong_address_is_explained_and_kept(sqlite_house: House, typed: str) -> None:
    sqlite_house.set(**MAIL)
    for path in ("/sign-up", "/sign-in"):
        browser = sqlite_house.browser().open(path).send(email=typed)
        assert (browser.path, browser.status) == (path, 422)
        assert browser.errors == ["Enter an e-mail address, such as name@example.com."]
        if typed.isprintable():
            assert browser.field("email") == typed
    assert sqlite_house.count("messages") == 0


@pytest.mark.parametrize(
    ("language", "wrong", "newest"),
    [("en", "Look at the newest e-mail", "Look at the e-mail"), ("fr", "e-mail", "e-mail")],
)
def test_the_pages_speak_of_an_e_mail(sqlite_house: House, language: str, wrong: str, newest: str) -> None:
    sqlite_house.set(**MAIL)
    browser = sqlite_house.browser(**{"Accept-Language": language}).open("/sign-in").send(email=ANN)
    pages = [browser.text]
    assert wrong in browser.send("/sign-in/code", code="000000").errors[0]
    pages.append(browser.text)
    assert newest in browser.send("/sign-in/code", code="12").errors[0]
    pages.append(browser.text)
    browser.send("/sign-in/send-again")
    pages.append(browser.text)
    for page in pages:
        assert not re.search(r"text message|this number|SMS|ce numéro|\bphone\b|téléphone", page), page


def test_an_address_that_takes_no_messages_is_told(house: House) -> None:
    house.set(**MAIL)
    with MailServer() as server:
        use_server(house, server)
        server.answers["RCPT"] = f"550 5.1.1 <{ANN}>: no such user"
        browser = house.browser().open("/sign-up").send(email=ANN)
        house.deliver()
        assert "This address takes no messages." in browser.open("/sign-up/code").text
        kept = repr(house.sql("SELECT * FROM attempts"))
        assert "5.1.1" in kept
        assert ANN not in kept


def seen(browser: Browser, address: str) -> tuple[int, str, str]:
    text = re.sub(r'(name="(csrf_token|ticket)" value|ticket)="?=?[^"&]*', "", browser.page.text)
    return browser.status, browser.path, text.replace(address, "the address")


def visit(house: House, address: str) -> list[object]:
    browser = house.browser().open("/sign-in").send(email=address)
    pages: list[object] = [seen(browser, address)]
    house.deliver()
    for _ in range(2):
        pages.append(seen(browser.open("/sign-in/code"), address))
        pages.append(seen(browser.send("/sign-in/code", code="000000"), address))
        pages.append(seen(browser.send("/sign-in/send-again"), address))
        house.deliver()
        house.clock.forward(31)
    return pages


@pytest.mark.parametrize("sign_up", [True, False])
def test_strangers_and_members_see_the_same(house: House, sign_up: bool) -> None:
    house.set(**MAIL)
    assert signed_up(house).path == "/account"
    house.clock.forward(7200)
    house.set(sign_up={"enabled": sign_up})
    before = house.count("attempts")
    assert visit(house, ANN) == visit(house, "abe@example.com")
    assert house.count("attempts") - before == (4 if sign_up else 2)


def test_without_a_connector_of_e_mail_numbers_go_on(sqlite_house: House) -> None:
    sqlite_house.set(**BOTH, connectors={"active": "development", "configurations": {"development": {}}})
    refused = sqlite_house.browser().open("/sign-in").send(country="FR", phone=ANN)
    assert refused.status == 503
    assert "We cannot send codes at the moment" in refused.errors[0]
    assert sqlite_house.browser().sign_in("06 12 34 56 78").path == "/sign-in/code"
    sqlite_house.set(**MAIL)
    assert "We cannot send codes at the moment" in sqlite_house.browser().open("/sign-in").text
    sqlite_house.set(connectors={"active": "", "email": "development", "configurations": {"development": {}}})
    assert sqlite_house.browser().open("/sign-in").send(email=ANN).path == "/sign-in/code"
    assert sqlite_house.browser().open("/sign-up").send(email="bob@example.com").path == "/sign-up/code"


# Limits


def test_a_mailbox_has_its_limits_and_its_domain_has_none(house: House) -> None:
    house.set(
        **MAIL, limits={"number_hour": 2, "block_hour": 1, "country_day": 1}, money={"price": 1.0, "day_cap": 1.0}
    )
    assert [ask(house, f"{name}@example.com") for name in ("ann", "bob", "cat")] == [200] * 3
    assert [ask(house, f"ann+{n}@example.com") for n in range(2)] == [200, 429]
    assert (
        house.sql("SELECT key FROM counters WHERE key LIKE 'money%' OR key LIKE 'block%' OR key LIKE 'country%'") == []
    )
    house.set(limits={"number_hour": 100, "number_day": 2})
    house.clock.forward(7200)
    assert ask(house, "ann@example.com") == 429
    house.clock.forward(2 * 86400)
    assert ask(house, "ann@example.com") == 200


def test_a_network_has_its_limit(house: House) -> None:
    house.set(**MAIL, limits={"address_hour": 2})
    assert [ask(house, f"{name}@example.com") for name in ("ann", "bob", "cat")] == [200, 200, 429]


def ask(house: House, address: str) -> int:
    return house.browser().open("/sign-in").send(email=address).status


@pytest.mark.parametrize(
    ("value", "mailbox"),
    [(ANN, ANN), ("ann+1+2@example.com", ANN), ("+1@example.com", "+1@example.com"), (MESSAGE.to, MESSAGE.to)],
)
def test_what_stands_after_a_plus_is_the_same_mailbox(value: str, mailbox: str) -> None:
    kind = "email" if "@" in value else "phone"
    assert Recipient(kind=kind, value=value, country="", address="", purpose="").mailbox == mailbox


def test_no_log_tells_an_address(house: House, caplog: pytest.LogCaptureFixture) -> None:
    house.set(**MAIL)
    with caplog.at_level("INFO"):
        signed_up(house)
    assert "a•••@example.com" in caplog.text
    assert ANN not in caplog.text
