"""The tables of webhooks: who hears of what, and what is to be told or was."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Double, ForeignKey, Index, Integer, Table, Text

from storage.tables import BigId, metadata

# ``secret`` and ``old_secret`` are sealed; both sign. ``failing_since``: its first failure after its last success.
# ``off_at``: it hears nothing any more, because an admin, its own 410 or days of failures said so (``off_why``).
webhook_endpoints = Table(
    "webhook_endpoints",
    metadata,
    Column("id", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("identifiers", Boolean, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("secret", Text, nullable=False),
    Column("secret_at", Double, nullable=False),
    Column("old_secret", Text),
    Column("failing_since", Double),
    Column("off_at", Double),
    Column("off_why", Text),
)

webhook_subscriptions = Table(
    "webhook_subscriptions",
    metadata,
    Column("type", Text, primary_key=True),
    Column("endpoint_id", Text, ForeignKey("webhook_endpoints.id", ondelete="CASCADE"), primary_key=True),
)

# An event on its way to an endpoint, written with the act that it tells of: waiting, delivered or given_up. No foreign
# key, so that whoever signs in waits for no change of an endpoint, and so that an account may go before its last event.
webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("event_id", Text, nullable=False),
    Column("endpoint_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("account_id", Text),
    Column("at", Double, nullable=False),
    Column("data", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("due_at", Double, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("begun_at", Double),  # the first attempt, or the first since it was sent again by hand
    Column("called_at", Double),
    Column("took", Double),  # seconds
    Column("status", Integer),  # of the last answer; none where there was none
    Column("answer", Text),  # its words, or why there was none
    Index("ix_webhook_deliveries_endpoint_id", "endpoint_id", "id"),
    Index("ix_webhook_deliveries_at", "at"),
)
WAITING = webhook_deliveries.c.state == "waiting"
Index(
    "ix_webhook_deliveries_due",
    webhook_deliveries.c.endpoint_id,
    webhook_deliveries.c.due_at,
    webhook_deliveries.c.id,
    sqlite_where=WAITING,
    postgresql_where=WAITING,
)
Index(
    "ix_webhook_deliveries_order",
    webhook_deliveries.c.endpoint_id,
    webhook_deliveries.c.account_id,
    webhook_deliveries.c.id,
    sqlite_where=WAITING,
    postgresql_where=WAITING,
)
