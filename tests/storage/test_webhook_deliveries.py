"""What waits for webhooks is found at once, however much it is, and in its order."""

from __future__ import annotations

from sqlalchemy import text

from storage import webhook_deliveries
from storage.webhook_deliveries import Ending
from tests.hooks import add
from tests.kit import House
from tests.provider import Provider

FILL = text(
    """INSERT INTO webhook_deliveries (event_id, endpoint_id, type, account_id, at, data, state, due_at, attempts)
    VALUES ('msg_' || :n, :endpoint_id, 'account.signed_in', :account_id, 0, '{}', 'waiting', 0, 0)"""
)


def test_a_table_that_has_just_filled_up_is_walked_by_its_indexes(house: House, provider: Provider) -> None:
    """PostgreSQL still takes it for an empty one: a plan for that would look at each pair of rows."""
    endpoint_id = add(house, provider).endpoint_id
    rows = [{"n": str(n), "endpoint_id": endpoint_id, "account_id": str(n % 3000)} for n in range(15_000)]
    with house.services.database.write() as connection:
        connection.execute(FILL, rows)
        if not house.services.database.is_sqlite:
            connection.execute(text("SET LOCAL statement_timeout = 5000"))
        assert webhook_deliveries.due(connection, 1) == {endpoint_id: False}
        claimed = [webhook_deliveries.claim(connection, endpoint_id, 1) for _ in range(20)]
    assert [each and each.account_id for each in claimed] == [str(n) for n in range(20)]


def test_a_later_event_is_not_to_be_had_while_an_earlier_one_is_under_way_or_waits(
    house: House, provider: Provider
) -> None:
    endpoint_id = add(house, provider).endpoint_id
    rows = [{"n": str(n), "endpoint_id": endpoint_id, "account_id": "a"} for n in range(3)]
    with house.services.database.write() as connection:
        connection.execute(FILL, rows)
        first = webhook_deliveries.claim(connection, endpoint_id, 1)
        assert first
        assert webhook_deliveries.claim(connection, endpoint_id, 1) is None
        assert webhook_deliveries.finish(connection, first, Ending("waiting", 1, 0, 500, "", due_at=50))
        assert webhook_deliveries.claim(connection, endpoint_id, 49) is None
        again = webhook_deliveries.claim(connection, endpoint_id, 51)
        assert again
        assert again.id == first.id
        assert not webhook_deliveries.finish(connection, first, Ending("delivered", 1, 0, 200, ""))  # too late
        assert webhook_deliveries.finish(connection, again, Ending("given_up", 1, 0, 500, ""))
        second = webhook_deliveries.claim(connection, endpoint_id, 51)
        assert second
        assert second.id == first.id + 1
