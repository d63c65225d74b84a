"""The tables of the APIs."""

from __future__ import annotations

from sqlalchemy import Column, Double, Index, Table, Text

from storage.tables import metadata

# What was answered to a call that bore an Idempotency-Key, sealed; none while the call is under way.
idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("holder", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request", Text, nullable=False),
    Column("answer", Text),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    Index("ix_idempotency_keys_expires_at", "expires_at"),
)
