"""Power cuts and races around webhooks: nothing is lost, and the order of an account stays."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from pathlib import Path

import pytest
from sqlalchemy import text

from delivery import webhooks as webhooks_delivery
from flows import sign_up
from flows.outcomes import Next
from storage import events, webhook_deliveries
from tests.flows.test_kills import die, run_and_die
from tests.hooks import add, tell, types
from tests.kit import House, wait_until
from tests.pages.factors_kit import sign_up as join
from tests.provider import Provider
from tests.racing import PROCESSES, race

LEASE = webhook_deliveries.LEASE_SECONDS + 1
ALL = ["account.created", "account.signed_in"]


# Where a child dies.


def die_inside_the_act(house: House, ticket: str, code: str) -> None:
    events.webhook_events.of_account = die  # type: ignore[assignment]
    sign_up.check_code(house.services, house.visitor(), ticket, code)


def die_before_the_call(house: House) -> None:
    webhooks_delivery.call = die
    house.worker.run()


def die_after_the_call(house: House) -> None:
    house.worker.webhooks._record = die  # type: ignore[method-assign]
    house.worker.run()


def die_inside_the_record(house: House) -> None:
    webhooks_delivery.webhook_deliveries.finish = die  # type: ignore[assignment]
    house.worker.run()


def test_killed_inside_the_act_neither_it_nor_its_event_is_there(
    house: House, provider: Provider, tmp_path: Path
) -> None:
    add(house, provider)
    begun = sign_up.start(house.services, house.visitor(), "06 12 34 56 78", "FR")
    assert isinstance(begun, Next)
    code = house.newest_code()
    run_and_die(house.database_url, tmp_path / "instance", die_inside_the_act, begun.ticket, code)
    assert house.count("accounts") == house.count("webhook_deliveries") == 0


def test_killed_after_the_act_or_before_the_call_nothing_is_lost(
    house: House, provider: Provider, tmp_path: Path
) -> None:
    add(house, provider)
    join(house)
    run_and_die(house.database_url, tmp_path / "instance", die_before_the_call)
    assert provider.requests == []
    tell_others(house)
    assert provider.requests == []  # the second one does not overtake the first, which somebody holds
    house.clock.forward(LEASE)
    tell(house)
    assert types(provider) == ALL


def tell_others(house: House) -> None:
    house.worker.webhooks.work_off()
    wait_until(lambda: house.worker.webhooks.at_rest)


def test_killed_after_the_call_it_comes_once_more_with_the_same_id(
    house: House, provider: Provider, tmp_path: Path
) -> None:
    add(house, provider)
    join(house)
    for deed in (die_after_the_call, die_inside_the_record):
        run_and_die(house.database_url, tmp_path / "instance", deed)
        house.clock.forward(LEASE)
        house.sql("UPDATE webhook_deliveries SET due_at = 0")  # the child's clock is the real one
    tell(house)
    assert types(provider) == [ALL[0], *ALL[:1], *ALL]
    ids = [seen.headers["webhook-id"] for seen in provider.requests]
    assert len(set(ids)) == 2
    assert len({seen.body for seen in provider.requests}) == 2


def work(house: House, _share: int) -> int:
    """One of several workers, until nothing is left."""

    def over() -> bool:
        house.worker.webhooks.work_off()
        waiting = house.sql("SELECT count(*) FROM webhook_deliveries WHERE state = 'waiting'")[0][0]
        return house.worker.webhooks.at_rest and waiting == 0

    wait_until(over, seconds=60)
    return 0


def nobody_waits() -> None:
    """A broken build: whoever looks takes the next event that is due, whether or not an earlier one is under way."""
    for name in ("CLAIM_SQLITE", "CLAIM_POSTGRESQL"):
        statement = getattr(webhook_deliveries, name).text
        setattr(webhook_deliveries, name, text(statement.replace("d.account_id IS NULL OR", "true OR")))


@pytest.mark.parametrize("breaking", ["", "tests.flows.test_webhook_kills:nobody_waits"])
def test_many_workers_tell_each_event_once_and_in_order(
    house: House, provider: Provider, tmp_path: Path, breaking: str
) -> None:
    add(house, provider)
    insert = "INSERT INTO accounts (id, created_at, locale) VALUES (:id, 0, 'en')"
    for n in range(6):
        house.sql(insert, id=f"{n:032x}")
        with house.services.database.write() as connection:
            for number in range(12):
                events.add(connection, f"{n:032x}", "signed_in", "", "", house.clock(), by=[str(number)])
    provider.decide(lambda seen: time.sleep(0.02 * (seen.body[-4] % 3)) or (200, b""))  # some take longer
    race(house.database_url, tmp_path / "instance", "tests.flows.test_webhook_kills:work", range(PROCESSES), breaking)
    told: defaultdict[str, list[str]] = defaultdict(list)
    for seen in provider.requests:
        data = json.loads(seen.body)["data"]
        told[data["account_id"]] += data["by"]
    assert all(sorted(own, key=int) == [str(number) for number in range(12)] for own in told.values())
    in_order = all(own == sorted(own, key=int) for own in told.values())
    assert in_order == (not breaking)
