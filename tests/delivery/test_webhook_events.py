"""What is told of what happens: to whoever asked for it, as the schema says, and once it is true."""

from __future__ import annotations

import json
from typing import Any

import pytest
from standardwebhooks.webhooks import WebhookVerificationError

from flows import entrance, users, webhooks
from rules.webhooks import new_secret
from settings.webhooks import NAMES, PUMPING_SUSPECTED
from storage import events, guard, invitations, organizations, receipts
from storage.admins import Admin
from storage.invitations import Invitation
from storage.receipts import FAILED, TakenReceipt
from tests.delivery.test_webhooks import found, happen, states
from tests.flows.test_guard import BLOCK, ask, attack, stranger
from tests.hooks import add, bodies, schema, tell, types, verified
from tests.kit import House
from tests.oidc.test_organizations import add_organization
from tests.pages.factors_kit import add_app, sign_up
from tests.provider import Provider

DAY = 86400


def test_a_sign_up_is_told_signed_and_without_the_number(house: House, provider: Provider) -> None:
    created = add(house, provider)
    sign_up(house)
    tell(house)
    assert types(provider) == ["account.created", "account.signed_in"]
    for seen in provider.requests:
        told = verified(seen, created.secret)
        assert told["data"]["account_id"] == house.sql("SELECT id FROM accounts")[0].id
        assert b"612345678" not in seen.body
        with pytest.raises(WebhookVerificationError):
            verified(seen, new_secret())
    assert bodies(provider)[1]["data"]["by"] == ["code"]
    assert len({seen.headers["webhook-id"] for seen in provider.requests}) == 2
    assert states(house) == ["delivered"] * 2


def test_all_that_is_told_fits_the_published_schema(house: House, provider: Provider) -> None:
    with Provider() as sms:
        add(house, provider, identifiers=True)
        happenings(house, sms)
    tell(house)
    published = schema()
    for body in bodies(provider):
        published.validate(body)
    assert set(types(provider)) == {*NAMES, "webhook.test"}
    told = {body["type"]: body["data"] for body in bodies(provider)}
    assert told["phone.added"]["phone"] == told["phone.changed"]["phone"] == "+33698765432"
    assert told["phone.removed"]["phone"] == "+33612345678"
    assert told["email.added"]["email"] == "ann@example.com"
    assert told["member.changed"]["roles"] == ["editor", "admin"]
    assert told["invitation.accepted"]["organization_id"] == told["member.left"]["organization_id"]
    assert told["message.failed"]["phone"] == "+33611111111"
    assert told["message.failed"]["reason"] == "bad_credentials"
    assert told["limit.reached"] == {
        "limit": "recipient", "country": "FR", "usage": "register", "phone": "+33611111111"
    }  # fmt: skip
    strange = {"type": "phone.added", "timestamp": "2026-01-01T00:00:00Z", "data": {"phone": "+33612345678"}}
    assert not published.is_valid(strange)


def happenings(house: House, sms: Provider) -> None:
    """Everything that can be told, by the real pages where there are some."""
    house.set(second_factors={"policy": "offered"})
    browser = sign_up(house)
    add_app(house, browser)
    account_id = house.sql("SELECT id FROM accounts")[0].id
    house.clock.forward(100)
    browser.open("/account/phones/add").send(country="FR", phone="06 98 76 54 32").type_code()
    browser.send("/account/phones", place=browser.contact(1), action="main")
    browser.send("/account/phones", place=browser.contact(1), action="remove")
    for kind in ("email_added", "email_main", "email_removed"):
        with house.services.database.write() as connection:
            events.add(connection, account_id, kind, "", "", house.clock(), value="ann@example.com", shown="a")
    happen(house, account_id, "password_set", "factor_removed_by_admin", "backup_codes_made", "factor_renamed")
    belong(house, account_id)
    house.deliver()  # what the owner is told of all this
    sms.answer(401)
    house.use_provider(sms.url)
    house.browser().open("/sign-up").send(country="FR", phone="06 11 11 11 11")
    house.deliver()
    house.set(limits={"number_hour": 1})
    for _ in range(3):
        house.clock.forward(100)
        house.browser().open("/sign-up").send(country="FR", phone="06 11 11 11 11")
    house.set(limits={"number_hour": 1000}, guard={"mode": "on"})
    attack(house, 30)
    with house.services.database.write() as connection:
        guard.add_hour(connection, "DE", "", {"sent": 100, "proved": 90}, house.clock() - DAY)
        guard.add_hour(connection, "DE", "", {"sent": 40, "proved": 4, "failed": 30}, house.clock())
    house.set(money={"price": 1, "day_cap": 0.1})
    house.worker.alarms.run()
    assert webhooks.test(house.services, webhooks.list_all(house.services)[0])
    admin = Admin("1", "ada", "", None, 0)
    users.delete(house.services, admin, account_id, account_id)


def belong(house: House, account_id: str) -> None:
    """To an organisation, by an invitation, with one role and another, and then no more."""
    acme, now = add_organization(house), house.clock()
    asked = Invitation("1" * 32, acme, "phone", "+33698765432", "FR", "en", "reader", "", now, now + DAY)
    with house.services.database.write() as connection:
        assert invitations.sent(connection, asked, "", now, most=5)
        assert invitations.accept(connection, asked.id, account_id, now)
        assert not invitations.accept(connection, asked.id, account_id, now)
        assert organizations.join(connection, acme, account_id, ["reader"], now)
        assert organizations.set_roles(connection, acme, account_id, ["editor", "admin"], now)
        assert organizations.leave(connection, acme, account_id, now)


def test_a_limit_is_told_once_however_often_it_is_met(house: House, provider: Provider) -> None:
    add(house, provider, "limit.reached")
    house.set(limits={"number_hour": 1})
    for _ in range(3):
        house.clock.forward(100)
        house.browser().open("/sign-up").send(country="FR", phone="06 11 11 11 11")
    tell(house)
    assert types(provider) == ["limit.reached"]
    assert b"+33" not in provider.requests[0].body


def test_a_message_that_was_not_delivered_is_told_once(house: House, provider: Provider) -> None:
    with Provider() as sms:
        house.use_provider(sms.url)
        add(house, provider, "message.failed")
        house.browser().open("/sign-up").send(country="FR", phone="06 11 11 11 11")
        house.deliver()
        message_id = house.sql("SELECT id FROM messages")[0].id
    for _ in range(2):
        with house.services.database.write() as connection:
            taken = TakenReceipt("http", FAILED, message_id=message_id, refusal="bad_number")
            assert receipts.take(connection, taken, house.clock())
    tell(house)
    assert [body["data"] for body in bodies(provider)] == [
        {
            "message_id": message_id,
            "usage": "register",
            "channel": "sms",
            "country": "FR",
            "state": "undelivered",
            "reason": "bad_number",
            "connector": "http",
        }
    ]
    schema().validate(bodies(provider)[0])


def test_only_what_was_asked_for_is_told_and_to_each_who_asked(house: House, provider: Provider) -> None:
    with Provider() as other:
        add(house, provider, "account.signed_in")
        add(house, other, "account.signed_in", "account.created")
        off = add(house, other)
        webhooks.switch(house.services, "test", found(house, off), on=False)
        sign_up(house)
        tell(house)
        assert types(provider) == ["account.signed_in"]
        assert sorted(types(other)) == ["account.created", "account.signed_in"]
        shared = {seen.headers["webhook-id"] for seen in (*provider.requests, *other.requests)}
        assert len(shared) == 2


def test_an_act_that_is_rolled_back_is_not_told(
    house: House, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(house, provider)

    def fail(*_arguments: Any) -> None:
        raise RuntimeError("on purpose")

    monkeypatch.setattr(entrance, "SignedIn", fail)  # the last thing before the commit
    browser = house.browser().open("/sign-up").send(country="FR", phone="06 12 34 56 78").type_code()
    assert browser.status == 500
    assert house.count("accounts") == house.count("events") == house.count("webhook_deliveries") == 0


def told_to(house: House, *, identifiers: bool) -> list[dict[str, Any]]:
    rows = house.sql(
        "SELECT d.data, e.identifiers FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = endpoint_id"
    )
    return [json.loads(row.data) for row in rows if bool(row.identifiers) is identifiers]


def test_who_asked_for_no_numbers_hears_of_no_neighbours(sqlite_house: House, provider: Provider) -> None:
    add(sqlite_house, provider, PUMPING_SUSPECTED, identifiers=True)
    add(sqlite_house, provider, PUMPING_SUSPECTED)
    sqlite_house.set(guard={"mode": "on"})
    for n in range(12):
        ask(sqlite_house, f"{BLOCK}77{n:02d}", address=stranger(n))
    assert [each["block"] for each in told_to(sqlite_house, identifiers=True)] == [f"{BLOCK}77"]
    assert [each["block"] for each in told_to(sqlite_house, identifiers=False)] == [BLOCK]


@pytest.mark.parametrize("mode", ["on", "watch"])
def test_suspected_pumping_is_told_once_by_what_the_numbers_begin_with(
    house: House, provider: Provider, mode: str
) -> None:
    add(house, provider, PUMPING_SUSPECTED, identifiers=True)
    add(house, provider, PUMPING_SUSPECTED)
    house.set(guard={"mode": mode})
    attack(house, 60)
    assert sum(row.times for row in house.sql("SELECT times FROM guard_stops")) > 20
    tell(house)
    assert all(schema().is_valid(body) for body in bodies(provider))
    told, plain = told_to(house, identifiers=True), told_to(house, identifiers=False)
    assert len(told) == len(plain)
    assert 0 < len(told) < 8
    assert len({(each["block"], each["decision"]) for each in told}) == len(told)
    assert all(each["block"].startswith(BLOCK[:6]) and each["country"] == "FR" for each in told + plain)
