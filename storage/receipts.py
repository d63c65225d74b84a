"""What providers report. A state only moves forward, whatever comes twice, late, in any order, or too early."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from storage import webhook_events
from storage.database import Connection, rows_of

# A message's receipt, and a receipt's state.
NONE, SENT, FAILED, DELIVERED = 0, 1, 2, 3
STATES = {"sent": SENT, "failed": FAILED, "delivered": DELIVERED}


@dataclass(frozen=True)
class TakenReceipt:
    """``provider_id`` is the provider's name for the message, ``message_id`` ours where the provider told it."""

    connector: str
    state: int
    provider_id: str = ""
    message_id: str = ""
    refusal: str | None = None
    code: str = ""
    detail: str = ""
    price: float | None = None
    currency: str = ""


MEET = rows_of("SELECT pg_advisory_xact_lock(hashtextextended(:connector || ' ' || :provider_id, 0)) AS met", ["met"])
KEEP = text(
    """INSERT INTO receipts (connector, provider_id, state, refusal, code, detail, received_at, price, currency)
    VALUES (:connector, :provider_id, :state, :refusal, :code, :detail, :now, :price, :currency)
    ON CONFLICT DO NOTHING"""
)
EARLY = text(
    """SELECT connector, state, provider_id, refusal, code, detail, price, currency FROM receipts
    WHERE connector = :connector AND provider_id = :provider_id ORDER BY state"""
)
MOVE = """UPDATE messages SET receipt_at = CASE WHEN receipt < :state THEN :now ELSE receipt_at END,
    refusal = CASE WHEN receipt < :state THEN :refusal ELSE refusal END,
    receipt = CASE WHEN receipt < :state THEN :state ELSE receipt END,
    price = COALESCE(:price, price), currency = CASE WHEN :price IS NULL THEN currency ELSE :currency END
    WHERE {which} AND state IN ('sending', 'accepted', 'unknown')
    RETURNING id, usage, channel, recipient, country, receipt_at = :now AS is_news"""
MOVE_THEIRS = text(MOVE.format(which="provider_id = :provider_id AND connector = :connector"))
MOVE_OURS = text(
    MOVE.format(
        which="""id = :message_id AND EXISTS
        (SELECT 1 FROM attempts a WHERE a.message_id = messages.id AND a.connector = :connector)"""
    )
)


def meet(connection: Connection, connector: str, provider_id: str) -> None:
    """Let the reply and the receipts of one message wait for each other: neither sees what the other has not committed.

    SQLite has one writer at a time anyway.
    """
    if provider_id and connection.dialect.name != "sqlite":
        connection.execute(MEET, {"connector": connector, "provider_id": provider_id})


@dataclass(frozen=True)
class Moved:
    """The message that a receipt is of. ``is_news``: it did not say so before."""

    recipient: str
    channel: str
    state: int
    is_news: bool


def take(connection: Connection, receipt: TakenReceipt, now: float) -> Moved | None:
    """Keep it, and move its message forward. None where no message of ours is known by it (yet)."""
    parameters = {**vars(receipt), "now": now}
    meet(connection, receipt.connector, receipt.provider_id)
    if receipt.provider_id:
        connection.execute(KEEP, parameters)
    row = connection.execute(MOVE_OURS if receipt.message_id else MOVE_THEIRS, parameters).first()
    if row is None:
        return None
    if row.is_news and receipt.state == FAILED:
        webhook_events.message_failed(
            connection, row, state="undelivered", reason=receipt.refusal, connector=receipt.connector, at=now
        )
    return Moved(row.recipient, row.channel, receipt.state, bool(row.is_news))


def take_early(connection: Connection, connector: str, provider_id: str, now: float) -> list[Moved]:
    """Take once more what came before the reply that told the provider's id."""
    found = connection.execute(EARLY, {"connector": connector, "provider_id": provider_id}).all()
    moved = [take(connection, TakenReceipt(**row._mapping), now) for row in found]
    return [each for each in moved if each]
