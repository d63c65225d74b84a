"""What is over, and its removal: a piece at a time, so that nobody waits for long, and without waiting for anybody.

A row that somebody holds is left for the next time. Who sends a message takes several counters, in an order of their
own: if the removal waited for one of them with others in hand, PostgreSQL would end one of the two.
"""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import TextClause, text

from storage.database import Connection

HOUR = 3600

# By table, which rows are over at a time (``at``, and the ``hour`` of it, since 1970). What belongs to them goes along.
OVER = {
    "alarms": "last_at < :at",
    "authorization_requests": "expires_at < :at",
    "challenge_waits": "free_at < :at",
    "challenges": "expires_at < :at",
    "counters": "expires_at < :at",
    "device_codes": "expires_at < :at",
    "events": "at < :at",
    "grants": "expires_at < :at AND told_at IS NOT NULL",
    "guard_evidence": "expires_at < :at AND pin = ''",
    "guard_hours": "hour < :hour",
    "guard_passes": "expires_at < :at",
    "guard_stops": "hour < :hour",
    "idempotency_keys": "expires_at < :at",
    "invitation_files": "created_at < :at",
    "invitations": "expires_at < :at",  # accepted or not: who joined stands among the members
    "look_ups": "expires_at < :at",
    "messages": "created_at < :at",
    "number_claims": "expires_at < :at",
    "receipts": "received_at < :at",
    "refresh_tokens": "expires_at < :at",
    "sessions": "expires_at < :at",
    "spent_tokens": "expires_at < :at",
    "tickets": "expires_at < :at AND typed_back IS NULL",
    "trusted_browsers": "expires_at < :at",
    "upstream_visits": "expires_at < :at",
    "webhook_deliveries": """at < :at OR NOT EXISTS
        (SELECT 1 FROM webhook_endpoints e WHERE e.id = webhook_deliveries.endpoint_id)""",
}


@lru_cache
def statement(table: str, *, sqlite: bool) -> TextClause:
    if sqlite:
        some = f"SELECT rowid FROM {table} WHERE {OVER[table]} LIMIT :most"  # noqa: S608 - ours
        return text(f"DELETE FROM {table} WHERE rowid IN ({some})")  # noqa: S608
    some = f"SELECT ctid FROM {table} WHERE {OVER[table]} LIMIT :most FOR UPDATE SKIP LOCKED"  # noqa: S608
    return text(f"DELETE FROM {table} WHERE ctid = ANY (ARRAY({some}))")  # noqa: S608


def remove(connection: Connection, table: str, at: float, *, most: int) -> int:
    """Remove up to ``most`` rows of a table that are over at a time. How many it were: fewer where no more are, but for
    those that are held."""
    values = {"at": at, "hour": int(at // HOUR), "most": most}
    return connection.execute(statement(table, sqlite=connection.dialect.name == "sqlite"), values).rowcount
