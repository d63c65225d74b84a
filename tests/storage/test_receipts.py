"""Receipts of providers that name the message as we do, and what they tell of its price."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest

from flows import sign_in
from storage import messages, receipts
from storage.database import Connection
from storage.messages import ClaimedMessage, Ending
from storage.receipts import DELIVERED, FAILED, NONE, SENT, TakenReceipt
from tests.kit import House


def begin(house: House, connector: str = "http") -> ClaimedMessage:
    """A message whose call is under way."""
    sign_in.start(house.services, house.visitor(), "+33612345678", "FR")
    with house.services.database.write() as connection:
        (message,) = messages.claim(connection, house.clock(), most=1)
        messages.begin(connection, [(message, connector)], house.clock())
    return message


def end(house: House, message: ClaimedMessage, state: str = "accepted", **more: Any) -> None:
    with house.services.database.write() as connection:
        assert messages.finish(connection, message, Ending(state, state, "http", **more), house.clock()) is not None


def take(house: House, state: int, **more: Any) -> bool:
    with house.services.database.write() as connection:
        return receipts.take(connection, TakenReceipt("http", state, **more), house.clock())


def row(house: House) -> Any:
    return house.sql("SELECT receipt, refusal, price, currency FROM messages")[0]


def test_our_own_id_finds_the_message_of_that_connector_only(house: House) -> None:
    message = begin(house)
    end(house, message)
    assert not take(house, DELIVERED, message_id="0" * 32)
    with house.services.database.write() as connection:
        theirs = TakenReceipt("twilio", DELIVERED, message_id=message.id)
        assert not receipts.take(connection, theirs, house.clock())
    assert row(house).receipt == NONE
    assert take(house, SENT, message_id=message.id)
    assert take(house, FAILED, message_id=message.id, refusal="blocked")
    assert take(house, SENT, message_id=message.id)
    assert tuple(row(house))[:2] == (FAILED, "blocked")


def test_by_our_own_id_it_may_come_before_the_reply(house: House) -> None:
    message = begin(house)
    assert take(house, DELIVERED, message_id=message.id, price=0.07, currency="EUR")
    end(house, message, provider_id="abc")
    assert tuple(row(house)) == (DELIVERED, None, 0.07, "EUR")


def test_by_our_own_id_its_reason_stays_too(house: House) -> None:
    message = begin(house)
    assert take(house, FAILED, message_id=message.id, provider_id="abc", refusal="blocked")
    end(house, message, provider_id="abc")
    assert tuple(row(house))[:2] == (FAILED, "blocked")


def test_one_that_came_before_the_reply_keeps_its_reason_and_price(house: House) -> None:
    message = begin(house)
    assert not take(house, SENT, provider_id="abc")
    assert not take(house, FAILED, provider_id="abc", refusal="blocked", price=0.07, currency="EUR")
    end(house, message, provider_id="abc", price=0.05, currency="USD")
    assert tuple(row(house)) == (FAILED, "blocked", 0.07, "EUR")


@pytest.mark.parametrize("state", ["refused", "expired"])
def test_a_message_that_was_not_sent_is_not_moved(house: House, state: str) -> None:
    message = begin(house)
    end(house, message, state, provider_id="abc")
    assert not take(house, DELIVERED, message_id=message.id)
    assert not take(house, DELIVERED, provider_id="abc")
    assert row(house).receipt == NONE


def test_a_receipt_settles_what_the_call_left_open(house: House) -> None:
    message = begin(house)
    end(house, message, "unknown")
    assert take(house, DELIVERED, message_id=message.id)
    assert row(house).receipt == DELIVERED


def test_the_price_of_the_reply_stays_until_a_receipt_tells_another(house: House) -> None:
    message = begin(house)
    end(house, message, provider_id="abc", price=0.05, currency="USD")
    assert take(house, SENT, provider_id="abc")
    assert tuple(row(house))[2:] == (0.05, "USD")
    assert take(house, DELIVERED, provider_id="abc", price=0.06, currency="EUR")
    assert take(house, DELIVERED, provider_id="abc")
    assert tuple(row(house))[2:] == (0.06, "EUR")
    assert take(house, SENT, provider_id="abc", price=0.08, currency="EUR")  # late, but the price is newer
    assert tuple(row(house)) == (DELIVERED, None, 0.08, "EUR")


def test_the_same_id_of_another_connector_is_another_message(house: House) -> None:
    end(house, begin(house), provider_id="abc")
    with house.services.database.write() as connection:
        assert not receipts.take(connection, TakenReceipt("twilio", DELIVERED, provider_id="abc"), house.clock())
    assert row(house).receipt == NONE


@pytest.mark.parametrize("receipt_first", [True, False])
def test_a_receipt_in_the_same_moment_as_the_reply_counts(house: House, receipt_first: bool) -> None:
    """Each transaction begins before the other one is committed."""
    message = begin(house)
    answer = Ending("accepted", "accepted", "http", provider_id="abc")
    reported = TakenReceipt("http", DELIVERED, provider_id="abc")
    steps: list[Callable[[Connection], Any]] = [
        lambda connection: receipts.take(connection, reported, house.clock()),
        lambda connection: messages.finish(connection, message, answer, house.clock()),
    ]
    now, then = steps if receipt_first else reversed(steps)

    def follow() -> None:
        with house.services.database.write() as connection:
            then(connection)

    with ThreadPoolExecutor(1) as other:
        with house.services.database.write() as connection:
            now(connection)
            following = other.submit(follow)
            with suppress(TimeoutError):
                following.result(timeout=0.2)
        following.result()
    assert row(house).receipt == DELIVERED
