"""The tables. Times are seconds since 1970 (UTC) as doubles, money is in ten-thousandths of the currency's unit."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Double, ForeignKey, Index, Integer, MetaData, Table, Text
from sqlalchemy.sql.schema import UniqueConstraint

NAMES = {"ix": "ix_%(column_0_label)s", "uq": "uq_%(table_name)s_%(column_0_name)s", "pk": "pk_%(table_name)s"}
metadata = MetaData(naming_convention=NAMES)

BigId = BigInteger().with_variant(Integer, "sqlite")

accounts = Table(
    "accounts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("created_at", Double, nullable=False),
    Column("locale", Text, nullable=False),
)

# What names an account. A number is E.164, and one account's only.
identifiers = Table(
    "identifiers",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("account_id", Text, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("country", Text, nullable=False),
    Column("verified_at", Double, nullable=False),
)

# A visitor's place in a flow. Belongs to the browser whose secret it was made for; the secret itself is not here.
tickets = Table(
    "tickets",
    metadata,
    Column("id", Text, primary_key=True),
    Column("browser", Text, nullable=False),
    Column("flow", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("country", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    Column("resend_at", Double, nullable=False),
    Column("proved_at", Double),
    Column("used_at", Double),
    Index("ix_tickets_browser", "browser", "flow", "created_at"),
    Index("ix_tickets_expires_at", "expires_at"),
)

# How often a thing was done lately: two neighbouring periods, weighed (a sliding window), and the last two times.
counters = Table(
    "counters",
    metadata,
    Column("key", Text, primary_key=True),
    Column("period", BigInteger, nullable=False),
    Column("current", BigInteger, nullable=False),
    Column("previous", BigInteger, nullable=False),
    Column("last_at", Double, nullable=False),
    Column("before_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    Index("ix_counters_expires_at", "expires_at"),
)

# The outbox. A row never holds its text or its code: both are made when it is sent.
messages = Table(
    "messages",
    metadata,
    Column("id", Text, primary_key=True),
    Column("ticket_id", Text),
    Column("usage", Text, nullable=False),
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
    Index("ix_messages_provider_id", "provider_id", "connector"),
    Index("ix_messages_ticket_id", "ticket_id", "created_at"),
    Index("ix_messages_created_at", "created_at"),
)
Index(
    "ix_messages_waiting",
    messages.c.due_at,
    sqlite_where=messages.c.state.in_(("queued", "sending")),
    postgresql_where=messages.c.state.in_(("queued", "sending")),
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

# Signed-in browsers, of accounts and of the console (``audience``). Only the token's hash is here.
sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("audience", Text, nullable=False),
    Column("owner_id", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    Column("address", Text, nullable=False),
    Column("device", Text, nullable=False),
    Index("ix_sessions_owner_id", "audience", "owner_id"),
    Index("ix_sessions_expires_at", "expires_at"),
)

admins = Table(
    "admins",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("totp_key", Text),
    Column("totp_step", BigInteger, nullable=False),
    Column("created_at", Double, nullable=False),
    UniqueConstraint("name"),
)

# One-time links that make the first admin.
setup_links = Table(
    "setup_links",
    metadata,
    Column("secret_hash", Text, primary_key=True),
    Column("expires_at", Double, nullable=False),
    Column("used", Boolean, nullable=False),
)

settings_versions = Table(
    "settings_versions",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("created_at", Double, nullable=False),
    Column("author", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("changes", Text, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("at", Double, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("details", Text, nullable=False),
)
