"""The tables of the outbox, and of what became of its messages."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Double, ForeignKey, Index, Integer, Table, Text

from storage.tables import metadata

# The outbox. A row never holds its text or its code: both are made when it is sent.
messages = Table(
    "messages",
    metadata,
    Column("id", Text, primary_key=True),
    Column("ticket_id", Text),
    Column("usage", Text, nullable=False),
    Column("channel", Text, nullable=False, server_default="sms"),
    Column("recipient", Text, nullable=False),
    Column("country", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("digits", Integer, nullable=False),
    Column("charges", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    Column("state", Text, nullable=False),
    Column("refusal", Text),
    Column("due_at", Double, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("connector", Text),
    Column("provider_id", Text),
    Column("receipt", Integer, nullable=False, server_default="0"),  # how far it came: storage/receipts.py
    Column("receipt_at", Double),
    Column("price", Double),  # in units of the currency, as the provider tells it
    Column("currency", Text),
    Column("verified_at", Double),
    Column("to_learn", Integer, nullable=False, server_default="0"),  # written by older processes only; to be dropped
    Column("top_host", Text, nullable=False, server_default=""),  # of the page whose frame asked for it
    Column("details", Text, nullable=False, server_default=""),  # of an alarm, as JSON: what its words name
    Index("ix_messages_provider_id", "provider_id", "connector"),
    Index("ix_messages_ticket_id", "ticket_id", "created_at"),
    # All that the console's list is filtered by, so that no filter needs the rows themselves: storage/message_log.py.
    Index("ix_messages_log", "created_at", "id", "state", "connector", "country", "usage", "refusal"),
)
Index(
    "ix_messages_refusal",
    messages.c.refusal,
    messages.c.created_at,
    messages.c.id,
    sqlite_where=messages.c.refusal.is_not(None),
    postgresql_where=messages.c.refusal.is_not(None),
)
Index(
    "ix_messages_waiting",
    messages.c.due_at,
    sqlite_where=messages.c.state.in_(("queued", "sending")),
    postgresql_where=messages.c.state.in_(("queued", "sending")),
)

Index(
    "ix_messages_to_learn",
    messages.c.verified_at,
    sqlite_where=messages.c.to_learn == 1,
    postgresql_where=messages.c.to_learn == 1,
)

# One row a call of a provider, written before the call.
attempts = Table(
    "attempts",
    metadata,
    Column("message_id", Text, ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("connector", Text, nullable=False),
    Column("started_at", Double, nullable=False),
    Column("ended_at", Double),
    Column("outcome", Text, nullable=False),
    Column("refusal", Text),
    Column("code", Text),
    Column("detail", Text),
)
# Those that went wrong, for whoever counts them by the minute: storage/metrics.py.
REFUSED = attempts.c.outcome.in_(("refused", "unknown"))
Index(
    "ix_attempts_refused",
    attempts.c.started_at,
    attempts.c.connector,
    attempts.c.refusal,
    attempts.c.outcome,
    sqlite_where=REFUSED,
    postgresql_where=REFUSED,
)

# What providers reported, once a state; also of messages that are not recorded yet, or not ours.
receipts = Table(
    "receipts",
    metadata,
    Column("connector", Text, primary_key=True),
    Column("provider_id", Text, primary_key=True),
    Column("state", Integer, primary_key=True),
    Column("refusal", Text),
    Column("code", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("received_at", Double, nullable=False),
    Column("price", Double),
    Column("currency", Text, nullable=False, server_default=""),
    Index("ix_receipts_received_at", "received_at"),
)

# Connectors that failed lately. One that works has no row.
circuits = Table(
    "circuits",
    metadata,
    Column("connector", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("failed_at", Double, nullable=False),
    Column("opened_at", Double),
    Column("retry_at", Double),
    Column("pause", Double, nullable=False),
)

# Messages counted by the day (days since 1970, UTC): what stays of them, and what charts are drawn from.
message_days = Table(
    "message_days",
    metadata,
    Column("day", Integer, primary_key=True),
    Column("connector", Text, primary_key=True),
    Column("country", Text, primary_key=True),
    Column("usage", Text, primary_key=True),
    Column("sent", BigInteger, nullable=False),
    Column("failed", BigInteger, nullable=False),
    Column("delivered", BigInteger, nullable=False),
    Column("verified", BigInteger, nullable=False),
    Column("cost", Double, nullable=False),
)

# When the days were counted last: one row.
message_counts = Table(
    "message_counts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("counted_at", Double, nullable=False),
)
