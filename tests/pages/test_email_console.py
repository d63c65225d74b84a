"""The connector of e-mail in the console: tried, saved, replaced, deleted, missed where it is needed; and its texts."""

from __future__ import annotations

import json

import pytest

from tests.kit import Browser, House
from tests.mail_server import MailServer
from tests.pages.test_console import in_console

MISSED = "no connector of e-mail is in use"
MAIL = {"sign_up": {"identifier": "phone_or_email"}, "sign_in": {"phone": "code", "email": "code"}}


def form(server: MailServer) -> dict[str, str]:
    return {
        "host": "127.0.0.1",
        "port": str(server.port),
        "security": "none",
        "username": "",
        "password": "",
        "sender": "login@example.com",
        "sender_name": "",
        "reply_to": "",
    }


@pytest.fixture
def console(house: House) -> Browser:
    return in_console(house)


def connectors(house: House) -> tuple[str, str]:
    group = house.services.settings().connectors
    return group.active, group.email


def test_it_is_tried_saved_used_and_deleted(house: House, console: Browser) -> None:
    house.set(**MAIL)
    with MailServer() as server:
        console.open("/admin/connectors/smtp")
        assert 'type="email"' in console.page.text
        console.send(**form(server), test_to="06 12 34 56 78", action="test")
        assert (console.status, len(console.errors)) == (422, 1)
        server.answers["RCPT"] = "550 5.7.1 relay denied"
        console.send(**form(server), test_to="ada@example.com", action="test")
        assert "The provider refused the message." in console.text
        del server.answers["RCPT"]
        console.send(**form(server), test_to="ada@example.com", action="test")
        assert "The provider took the message." in console.text
        assert b"Subject: Your Doorcode code\r\n" in server.messages[0].data
        assert connectors(house) == ("development", "development")
        console.send(**form(server), action="save_email")
        assert "In use for e-mail" in console.text
        assert connectors(house) == ("development", "smtp")
        console.open("/admin/connectors/smtp/delete")
        assert "Signing in by a code to an e-mail address stops" in console.text
        console.send("/admin/connectors/smtp/delete", confirm="SMTP")
        assert connectors(house) == ("development", "")
        assert MISSED in console.text


def test_replacing_it_asks_for_its_name(house: House, console: Browser) -> None:
    with MailServer() as server:
        console.open("/admin/connectors/smtp").send(**form(server), action="save_email")
    console.open("/admin/connectors/development")
    assert "Use it in place of SMTP" in console.text
    console.send(action="save_email", confirm_email="pigeon")
    assert (console.status, console.errors) == (422, ["Type SMTP to replace it."])
    console.send(action="save_email", confirm_email="smtp")
    assert connectors(house) == ("development", "development")


def test_what_carries_no_e_mail_is_not_offered_for_it(house: House, console: Browser) -> None:
    assert "save_email" not in console.open("/admin/connectors/twilio").page.text
    page = console.open("/admin/connectors/smtp").page.text
    assert 'value="save_email"' in page
    assert 'value="save"' not in page
    assert 'value="standby"' not in page
    assert 'name="countries"' not in page


def test_a_missing_connector_is_told_where_codes_need_it(house: House, console: Browser) -> None:
    house.set(connectors={"configurations": {"development": {}}})
    assert MISSED not in console.open("/admin/settings").text
    house.set(**MAIL)
    assert MISSED in console.open("/admin/settings").text
    house.set(connectors={"email": "development"})
    assert MISSED not in console.open("/admin/settings").text


def test_the_development_connector_offers_what_it_is_not_used_for(house: House, console: Browser) -> None:
    page = console.open("/admin/connectors/development").page.text
    assert [name for name in ("save", "save_email", "keep", "standby") if f'value="{name}"' in page] == ["keep"]
    house.set(connectors={"email": ""})
    page = console.open("/admin/connectors/development").page.text
    assert "Use for e-mail" in page
    console.send(action="save_email")
    assert connectors(house) == ("development", "development")


# Texts


def test_words_that_were_saved_are_what_arrives(house: House, console: Browser) -> None:
    house.set(**MAIL)
    console.open("/admin/templates/email?language=en")
    typed = {"sign_in-subject": "Come in, {application}", "sign_in-body": "{code} opens it.\r\n\r\nFor {minutes} min."}
    console.send("/admin/templates/email?language=en", **typed, action="preview")
    assert "482913 opens it." in console.text
    assert house.services.settings().email_templates.texts == {}
    console.send("/admin/templates/email?language=en", **typed, action="save")
    assert "Come in" in console.text
    house.browser(**{"Accept-Language": "en"}).open("/sign-in").send(phone="ann@example.com", country="FR")
    house.deliver()
    shown = house.services.shown_messages()[0]
    assert (shown.subject, shown.text[6:]) == ("Come in, Doorcode", " opens it.\n\nFor 10 min.")
    assert "Come in, Doorcode" in house.browser().open("/dev/messages").text


def test_only_one_part_may_be_ones_own(house: House, console: Browser) -> None:
    console.open("/admin/templates/email").send(
        "/admin/templates/email?language=fr", **{"generic-subject": "Bonjour"}, action="save"
    )
    email = house.services.settings().email_templates.email("generic", "fr")
    assert email.subject == "Bonjour"
    assert email.body.startswith("{code} : votre code")


@pytest.mark.parametrize(
    ("part", "text", "words"),
    [
        ("body", "Your code", "use {code}"),
        ("body", "{code} {name}", "no variable {name}"),
        ("body", "{code}" + "x" * 5000, "at most 5000"),
        ("subject", "x" * 151, "at most 150"),
        ("subject", "one\ntwo", "cannot be typed"),
        ("subject", "{name}", "no variable {name}"),
    ],
)
def test_a_mistake_is_told_beside_its_text(house: House, console: Browser, part: str, text: str, words: str) -> None:
    console.open("/admin/templates/email")
    console.send("/admin/templates/email?language=en", **{f"generic-{part}": text}, action="save")
    assert console.status == 422
    assert words in console.errors[0]
    assert house.services.settings().email_templates.texts == {}


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ('{\n"en": {\n"sign_in": {\n"body": "no code"}}}', "Line 4: Say where it goes"),
        ('{\n"pt-BR": {\n"sign_in": {"body": "{code}"}}}', "Line 3: Write this too"),
        ('{"en": {"sign_in": "{code}"}}', "Line 1: An e-mail has a subject and a body."),
        ('{"en": {"sign_up": {}}}', "Line 1: There is no usage type"),
        ("[]", "must be a JSON object"),
    ],
)
def test_mistakes_in_json_are_told_with_their_line(house: House, console: Browser, typed: str, words: str) -> None:
    console.open("/admin/templates/email/json").send("/admin/templates/email/json", texts=typed)
    assert console.status == 422
    assert words in console.text


def test_json_that_is_right_is_saved(house: House, console: Browser) -> None:
    texts = {"pt-BR": {"generic": {"subject": "Código", "body": "{code}"}}}
    console.open("/admin/templates/email/json").send("/admin/templates/email/json", texts=json.dumps(texts))
    assert console.status == 200
    assert house.services.settings().email_templates.email("generic", "pt-BR").subject == "Código"
