"""How what happens is told: signed, in order, and whatever the receiver does. What is told: test_webhook_events.py."""

from __future__ import annotations

import base64
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import WebhookVerificationError

from delivery import webhooks as webhooks_delivery
from delivery.webhooks import CALLS_AT_ONCE
from flows import webhooks
from flows.webhooks import Created
from rules.webhooks import new_secret
from settings.webhooks import NAMES, WebhookSettings
from storage import events, sealing
from storage import webhooks as endpoints
from tests.hooks import add, bodies, tell, verified
from tests.kit import House, open_house, wait_until
from tests.pages.factors_kit import sign_up
from tests.provider import Provider, Seen

DAY = 86400


def happen(house: House, account_id: str, *kinds: str, times: int = 1) -> None:
    """Acts of an account, one after the other; signing in tells how often it did."""
    owner = "INSERT INTO accounts (id, created_at, locale) VALUES (:id, 0, 'en') ON CONFLICT DO NOTHING"
    house.sql(owner, id=account_id)
    for number in range(times):
        for kind in kinds:
            with house.services.database.write() as connection:
                details = {"by": [str(number)]} if kind == "signed_in" else {}
                events.add(connection, account_id, kind, "", "", house.clock(), **details)


def states(house: House) -> list[str]:
    return [row.state for row in house.sql("SELECT state FROM webhook_deliveries ORDER BY id")]


def found(house: House, created: Created) -> Any:
    return webhooks.find(house.services, created.endpoint_id)


def test_two_secrets_sign_until_the_old_one_is_ended(house: House, provider: Provider) -> None:
    first = add(house, provider)
    second = webhooks.rotate_secret(house.services, "test", found(house, first))
    assert isinstance(second, Created)
    webhooks.test(house.services, found(house, first))
    tell(house)
    for secret in (first.secret, second.secret):
        assert verified(provider.requests[0], secret)["type"] == "webhook.test"
    webhooks.forget_old_secret(house.services, "test", found(house, first))
    webhooks.test(house.services, found(house, first))
    tell(house)
    verified(provider.requests[1], second.secret)
    with pytest.raises(WebhookVerificationError):
        verified(provider.requests[1], first.secret)


def test_secrets_are_sealed_at_rest_and_bound_to_their_endpoint(house: House, provider: Provider) -> None:
    created = add(house, provider)
    assert len(base64.b64decode(created.secret.removeprefix("whsec_"))) == 32
    for table in ("webhook_endpoints", "audit"):
        assert created.secret not in repr(house.sql(f"SELECT * FROM {table}"))  # noqa: S608
        assert created.secret.removeprefix("whsec_") not in repr(house.sql(f"SELECT * FROM {table}"))  # noqa: S608
    other = add(house, provider)
    house.sql(
        "UPDATE webhook_endpoints SET secret = (SELECT secret FROM webhook_endpoints WHERE id = :other) WHERE id = :id",
        other=other.endpoint_id,
        id=created.endpoint_id,
    )
    webhooks.test(house.services, found(house, created))
    tell(house)
    assert provider.requests == []
    assert "Make another secret" in house.sql("SELECT answer FROM webhook_deliveries")[0].answer
    assert sealing.seal([b"k" * 32], "x", endpoints.place_of("1"))


def test_the_order_of_an_account_is_kept_with_failures_in_between(house: House, provider: Provider) -> None:
    add(house, provider)
    accounts = [f"{n:032x}" for n in range(12)]
    kinds = ("signed_in", "phone_added", "phone_main", "phone_removed", "password_set")
    for kind in kinds:
        for account_id in accounts:
            happen(house, account_id, kind)
    tries: defaultdict[str, int] = defaultdict(int)
    taken: defaultdict[str, list[str]] = defaultdict(list)

    def decide(seen: Seen) -> tuple[int, Any] | None:
        event_id, body = seen.headers["webhook-id"], json.loads(seen.body)
        tries[event_id] += 1
        if tries[event_id] <= (len(event_id) + int(event_id[-1], 16)) % 4:  # fail up to three times
            return (500, b"not now") if tries[event_id] % 2 else None
        taken[body["data"]["account_id"]].append(body["type"])
        return 200, b""

    provider.decide(decide)
    rounds = 0
    while "waiting" in states(house):
        tell(house)
        house.clock.forward(60)
        rounds += 1
        assert rounds < 200
    told = ["account.signed_in", "phone.added", "phone.changed", "phone.removed", "password.changed"]
    assert {account: taken[account] for account in accounts} == dict.fromkeys(accounts, told)
    assert max(tries.values()) > 1


def test_what_fails_is_tried_for_a_day_and_then_given_up_for_the_next(house: House, provider: Provider) -> None:
    add(house, provider)
    house.clock.stop()
    happen(house, "a" * 32, "signed_in", "password_set")
    begun, waits = house.clock(), []
    provider.answer(500, "No: +33612345678 <b>")
    while True:
        tell(house)
        first, second = house.sql("SELECT state, due_at, attempts FROM webhook_deliveries ORDER BY id")
        if first.state == "given_up":
            break
        assert second.attempts == 0
        assert second.due_at >= first.due_at  # nobody looks at it before
        waits.append(first.due_at - house.clock())
        house.clock.forward(waits[-1] + 0.01)
    assert DAY - 2 * 3600 < house.clock() - begun < DAY + 60
    assert 20 < len(waits) < 50
    assert 3 < waits[0] < 7
    assert 2700 <= max(waits) <= 4500
    assert len({round(wait) for wait in waits[-10:]}) > 5  # spread
    ids = {seen.headers["webhook-id"] for seen in provider.requests if b"signed_in" in seen.body}
    assert len(ids) == 1
    last = house.sql("SELECT status, answer FROM webhook_deliveries ORDER BY id")[0]
    assert (last.status, last.answer) == (500, "No: ••• <b>")
    provider.answer(204)
    house.clock.forward(5000)
    tell(house)
    assert states(house) == ["given_up", "delivered"]


@pytest.mark.parametrize("trouble", ["down", "slow", "500", "redirects", "drips"])
def test_trouble_loses_nothing_keeps_the_order_and_holds_nobody(
    house: House, provider: Provider, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    if trouble in ("slow", "drips"):
        monkeypatch.setattr(webhooks_delivery, "SECONDS", 1.0)
    with Provider() as good, Provider() as elsewhere:
        bad, fine = add(house, provider), add(house, good)
        {
            "down": provider.cut_before_reading,
            "slow": lambda: provider.delay(30),
            "500": lambda: provider.answer(500),
            "redirects": lambda: provider.redirect(elsewhere.url, 307),
            "drips": lambda: provider.drip_headers(0.5),
        }[trouble]()
        assert sign_up(house).path == "/account"
        for n in range(6):
            happen(house, f"{n:032x}", "signed_in", "password_set", times=2)
            house.worker.webhooks.work_off()
            assert house.worker.webhooks._busy[bad.endpoint_id] <= CALLS_AT_ONCE
        wait_until(lambda: house.worker.webhooks.work_off() or states_at(house, fine) == ["delivered"] * 26)
        for _ in range(4):  # an hour of it
            tell_once(house)
            house.clock.forward(900)
        assert "delivered" not in states_at(house, bad)
        provider.answer(200)
        while "waiting" in states(house):
            tell(house)
            house.clock.forward(900)
        assert states(house) == ["delivered"] * 52
        assert elsewhere.requests == []
        expected = {f"{n:032x}": ["account.signed_in", "password.changed"] * 2 for n in range(6)}
        expected[house.sql("SELECT account_id FROM identifiers")[0][0]] = ["account.created", "account.signed_in"]
        assert told_of(provider) == told_of(good) == expected


def told_of(receiver: Provider) -> dict[str, list[str]]:
    """The types that each account's events had, in the order in which they were first taken for good."""
    last: dict[str, tuple[str, str]] = {}
    for seen, body in zip(receiver.requests, bodies(receiver), strict=True):
        last.pop(seen.headers["webhook-id"], None)
        last[seen.headers["webhook-id"]] = (body["data"]["account_id"], body["type"])
    found: defaultdict[str, list[str]] = defaultdict(list)
    for account_id, kind in last.values():
        found[account_id].append(kind)
    return dict(found)


def states_at(house: House, created: Created) -> list[str]:
    statement = "SELECT state FROM webhook_deliveries WHERE endpoint_id = :id"
    return [row.state for row in house.sql(statement, id=created.endpoint_id)]


def test_one_that_is_gone_is_switched_off_at_once_with_notice(house: House, provider: Provider) -> None:
    created = add(house, provider)
    provider.answer(410)
    happen(house, "a" * 32, "signed_in", "password_set")
    tell_once(house)
    endpoint = found(house, created)
    assert (endpoint.off_why, len(provider.requests)) == ("gone", 1)
    assert [row.actor for row in house.sql("SELECT actor FROM audit WHERE action = 'webhook.switched_off'")] == [
        "Doorcode"
    ]
    happen(house, "a" * 32, "signed_in")
    assert states(house) == ["given_up", "waiting"]  # what happens now it does not hear of
    provider.answer(200)
    webhooks.switch(house.services, "test", endpoint, on=True)
    tell(house)
    assert states(house) == ["given_up", "delivered"]


def tell_once(house: House) -> None:
    house.worker.webhooks.work_off()
    wait_until(lambda: house.worker.webhooks.at_rest)


def test_one_that_fails_for_days_is_switched_off(house: House, provider: Provider) -> None:
    created = add(house, provider)
    provider.answer(500)
    for day in range(5):
        happen(house, f"{day:032x}", "signed_in")
        for _ in range(4):
            tell(house)
            house.clock.forward(DAY / 4)
        if found(house, created).off_at:
            break
    assert day in (3, 4)
    assert found(house, created).off_why == "failing"
    assert "given_up" in states(house)


def test_one_that_succeeds_now_and_then_stays_on(house: House, provider: Provider) -> None:
    created = add(house, provider)
    for day in range(6):
        provider.answer(200 if day % 2 else 500)
        happen(house, f"{day:032x}", "signed_in")
        tell(house)
        house.clock.forward(DAY)
    provider.answer(500)
    tell(house)
    assert found(house, created).off_at is None


def test_private_addresses_are_not_called(database_url: str, tmp_path: Path, provider: Provider) -> None:
    with open_house(database_url, tmp_path / "instance", PRIVATE_ADDRESSES="off") as house:
        sealed = sealing.seal(house.services.keys.all("sealing"), new_secret(), endpoints.place_of("e" * 32))
        settings = WebhookSettings(f"http://localhost:{provider.port}/", NAMES)
        with house.services.database.write() as connection:
            endpoints.add(connection, "e" * 32, settings, sealed, house.clock())
        happen(house, "a" * 32, "signed_in")
        tell_once(house)
        assert provider.connections == 0
        row = house.sql("SELECT status, answer FROM webhook_deliveries")[0]
        assert row.status is None
        assert "DOORCODE_PRIVATE_ADDRESSES=on" in row.answer


def test_a_great_answer_is_cut_and_numbers_in_it_are_blotted_out(house: House, provider: Provider) -> None:
    add(house, provider)
    provider.answer(200, "called +33 6 12 34 56 78\x00\n" + "x" * 1_000_000)
    happen(house, "a" * 32, "signed_in")
    tell(house)
    answer = house.sql("SELECT answer FROM webhook_deliveries")[0].answer
    assert answer.startswith("called •••")
    assert "12 34" not in answer
    assert len(answer) <= 1000


def test_what_is_sent_again_has_the_same_id_and_body(house: House, provider: Provider) -> None:
    add(house, provider)
    happen(house, "a" * 32, "signed_in")
    tell(house)
    number = house.sql("SELECT id FROM webhook_deliveries")[0].id
    delivery = webhooks.find_delivery(house.services, number)
    assert delivery
    house.clock.forward(2 * DAY)
    for _ in range(2):  # a double click sends it once
        webhooks.send_again(house.services, "test", delivery)
    tell(house)
    first, second = provider.requests
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]


def test_what_it_was_told_is_kept_for_a_week(house: House, provider: Provider) -> None:
    created = add(house, provider)
    happen(house, "a" * 32, "signed_in")
    tell(house)
    house.clock.forward(6.9 * DAY)
    happen(house, "b" * 32, "signed_in")
    house.worker._housekeeping.run()
    assert house.count("webhook_deliveries") == 2
    house.clock.forward(0.2 * DAY)
    house.worker._housekeeping.run()
    assert states(house) == ["waiting"]
    webhooks.delete(house.services, "test", found(house, created))
    house.worker._housekeeping.run()
    assert house.count("webhook_deliveries") == house.count("webhook_subscriptions") == 0


def test_an_outbox_of_thousands_is_worked_off_by_a_few_threads(house: House, provider: Provider) -> None:
    add(house, provider)
    for n in range(50):
        happen(house, f"{n:032x}", "signed_in", times=8)
    tell(house)
    assert states(house) == ["delivered"] * 400
    numbers: defaultdict[str, list[int]] = defaultdict(list)
    for body in bodies(provider):
        numbers[body["data"]["account_id"]].append(int(body["data"]["by"][0]))
    assert all(own == sorted(own) for own in numbers.values())
    assert provider.connections <= CALLS_AT_ONCE + 1
