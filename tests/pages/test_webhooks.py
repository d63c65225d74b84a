"""An admin adds webhooks, sees what they were told, changes their secrets, and sends an event again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flows import webhooks
from settings.webhooks import NAMES
from tests.hooks import tell, types, verified
from tests.kit import Browser, House, open_house
from tests.pages.factors_kit import sign_up
from tests.pages.test_console import in_console
from tests.provider import Provider

SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]{40,}")


def added(house: House, provider: Provider, *events: str, **more: str) -> Browser:
    browser = in_console(house).open("/admin/new-webhook")
    return browser.send("/admin/new-webhook", url=f"{provider.url}/hooks", events=list(events or NAMES), **more)


def path_of(house: House) -> str:
    return f"/admin/webhooks/{webhooks.list_all(house.services)[0].id}"


def test_a_webhook_is_added_tried_and_its_secret_is_shown_once(house: House, provider: Provider) -> None:
    browser = added(house, provider)
    secret = SECRET.findall(browser.page.text)[0]
    assert "never again" in browser.text
    path = path_of(house)
    browser.open(path)
    assert not SECRET.search(browser.page.text)
    browser.send(path, action="test")
    tell(house)
    assert verified(provider.requests[0], secret)["type"] == "webhook.test"
    page = browser.open(path).text
    assert "webhook.test" in page
    assert "delivered" in page
    assert provider.url in browser.open("/admin/webhooks").text
    actions = [row.action for row in house.sql("SELECT action FROM audit WHERE action LIKE 'webhook%'")]
    assert actions == ["webhook.created"]


def test_request_and_answer_are_shown_and_an_event_is_sent_again(house: House, provider: Provider) -> None:
    browser = added(house, provider)
    sign_up(house)
    provider.answer(500, "Sorry <script>alert(1)</script>, +33612345678")
    tell(house)
    path = re.findall(r"/admin/webhook-delivery/\d+", browser.open(path_of(house)).page.text)[-1]
    page = browser.open(path)
    for words in ('"type": "account.created"', "500", "Next attempt", "Sorry <script>", "•••", "msg_"):
        assert words in page.text or words in page.page.text
    assert "<script>alert" not in page.page.text
    assert "Send it again" not in page.text  # it is tried anyway
    provider.answer(200)
    house.clock.forward(10)
    tell(house)
    assert types(provider) == ["account.created", "account.created", "account.signed_in"]
    assert "Send it again" in browser.open(path).text
    browser.send(path)
    tell(house)
    assert types(provider)[-1] == "account.created"
    assert provider.requests[0].headers["webhook-id"] == provider.requests[-1].headers["webhook-id"]
    assert "webhook.sent_again" in browser.open("/admin/audit").text


def test_another_secret_is_made_once_however_often_the_page_is_loaded_again(house: House, provider: Provider) -> None:
    browser = added(house, provider)
    path, newest = path_of(house), browser.field("newest")
    first = SECRET.findall(browser.page.text)[0]
    house.clock.forward(1)
    second = SECRET.findall(browser.send(path, action="rotate", newest=newest).page.text)[0]
    assert first != second
    assert not SECRET.search(browser.send(path, action="rotate", newest=newest).page.text)
    assert len(webhooks.list_all(house.services)[0].secrets) == 2
    browser.send(path, action="forget")
    assert len(webhooks.list_all(house.services)[0].secrets) == 1
    assert "End the old secret" not in browser.text


def test_events_and_address_are_changed_and_it_is_switched_off_and_deleted(house: House, provider: Provider) -> None:
    browser = added(house, provider)
    path = path_of(house)
    browser.send(path, action="save", url=f"{provider.url}/other?key=sesame", events=["phone.added"], identifiers="on")
    settings = webhooks.list_all(house.services)[0].settings
    assert (settings.events, settings.identifiers) == (("phone.added",), True)
    browser.send(path, action="off")
    assert "Switch on" in browser.text
    browser.send(path, action="test")
    assert house.count("webhook_deliveries") == 0
    browser.send(path, action="on")
    assert "Send a test event" in browser.text
    browser.open(path.replace("webhooks", "delete-webhook"))
    assert house.count("webhook_endpoints") == 1
    browser.send()
    assert browser.path == "/admin/webhooks"
    assert house.count("webhook_endpoints") == house.count("webhook_subscriptions") == 0
    assert browser.open(path).status == 404
    page = browser.open("/admin/audit").text
    for action in ("saved", "switched_off", "switched_on", "deleted"):
        assert f"webhook.{action}" in page
    assert "sesame" not in page


@pytest.mark.parametrize(
    ("url", "events", "words"),
    [
        ("", NAMES, "Fill this in"),
        ("hooks.example.com", NAMES, "whole address"),
        ("https://me:secret@hooks.example.com/", NAMES, "whole address"),
        ("https://hooks.example.com:x/", NAMES, "whole address"),
        ("https://hooks.example.com/#x", NAMES, "follows #"),
        ("http://hooks.example.com/", NAMES, "https://"),
        ("https://127.0.0.1/", NAMES, "private network"),
        ("https://localhost/", NAMES, "private network"),
        ("https://10.1.2.3/", NAMES, "private network"),
        ("https://hooks.example.com/", (), "at least one event"),
        ("https://hooks.example.com/", ("phone.stolen",), "at least one event"),
    ],
)
def test_bad_input_is_refused_beside_its_field(
    sqlite_template: Path, tmp_path: Path, url: str, events: tuple[str, ...], words: str
) -> None:
    (tmp_path / "doorcode.db").write_bytes(sqlite_template.read_bytes())
    with open_house(f"sqlite:///{tmp_path}/doorcode.db", tmp_path / "instance", PRIVATE_ADDRESSES="off") as house:
        browser = in_console(house).open("/admin/new-webhook").send("/admin/new-webhook", url=url, events=list(events))
        assert browser.status == 422
        assert words in " ".join(browser.errors)
        assert browser.field("url") == url
        assert house.count("webhook_endpoints") == 0


def test_there_is_a_notice_on_each_page_when_one_was_switched_off(house: House, provider: Provider) -> None:
    browser = added(house, provider)
    provider.answer(410)
    browser.send(path_of(house), action="test")
    tell(house)
    assert "1 webhook failed for days or is gone" in browser.open("/admin/settings").text
    assert "it is gone (410)" in browser.open("/admin/webhooks").text
    assert "why: gone" in browser.open("/admin/audit").text
    browser.open(path_of(house)).send(action="on")
    assert "1 webhook failed" not in browser.text


@pytest.mark.parametrize(("role", "lists", "edits"), [("auditor", 200, 403), ("support", 403, 403)])
def test_who_may_look(house: House, provider: Provider, role: str, lists: int, edits: int) -> None:
    browser = added(house, provider)
    sign_up(house)
    house.sql("UPDATE admins SET role = :role", role=role)
    number = house.sql("SELECT min(id) FROM webhook_deliveries")[0][0]
    for path in ("/admin/webhooks", path_of(house)):
        assert browser.open(path).status == lists
    for path in ("/admin/new-webhook", f"/admin/webhook-delivery/{number}"):  # bodies may hold numbers
        assert browser.open(path).status == edits
    if lists == 200:
        page = browser.open(path_of(house)).page.text
        assert "account.created" in page
        assert not re.search('webhook-delivery/|delete-webhook/|name="action"', page), "it leads nowhere"
        assert "new-webhook" not in browser.open("/admin/webhooks").page.text


def test_what_is_not_there_is_not_found(house: House, provider: Provider) -> None:
    browser = added(house, provider)
    for path in ("webhooks/x", f"webhooks/{'a' * 32}", "webhook-delivery/1", f"webhook-delivery/{10**30}"):
        assert browser.open(f"/admin/{path}").status == 404
    for before in ("x", "-1", str(10**30)):
        assert browser.open(f"{path_of(house)}?before={before}").status == 200


def test_no_more_than_twenty(sqlite_house: House, provider: Provider) -> None:
    browser = added(sqlite_house, provider)
    for _ in range(20):
        browser.open("/admin/new-webhook")
        browser.send("/admin/new-webhook", url=f"{provider.url}/hooks", events=list(NAMES))
    assert browser.status == 422
    assert "20 already" in browser.errors[0]
    assert sqlite_house.count("webhook_endpoints") == 20
