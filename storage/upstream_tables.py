"""The tables of people who come from other providers."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Double, ForeignKey, Index, Table, Text

from storage.tables import metadata

# Who an account is elsewhere: one issuer's subject is one account's. ``email``: what the provider said last.
upstream_identities = Table(
    "upstream_identities",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("account_id", Text, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", Text, nullable=False),  # of the provider in the settings
    Column("email", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("used_at", Double, nullable=False),
    Index("ix_upstream_identities_subject", "subject"),
)

# Browsers on their way to a provider. Only the state's hash is here; nonce and verifier are derived from the state.
upstream_visits = Table(
    "upstream_visits",
    metadata,
    Column("state_hash", Text, primary_key=True),
    Column("browser", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("flow", Text, nullable=False),  # sign_in, sign_up, link
    Column("account_id", Text),  # to which it is to be linked
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False, index=True),
    Column("used_at", Double),
)

# Who has come back, until it is settled whose account it is. Goes with its ticket.
upstream_arrivals = Table(
    "upstream_arrivals",
    metadata,
    Column("ticket_id", Text, ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True),
    Column("name", Text, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("email_verified", Boolean, nullable=False),
)
