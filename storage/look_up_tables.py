"""What providers told of numbers, for as long as it is believed."""

from __future__ import annotations

from sqlalchemy import Column, Double, Index, Integer, Table, Text

from storage.tables import metadata

# One row a number and thing that was asked (``what``: line, sim_swap).
look_ups = Table(
    "look_ups",
    metadata,
    Column("number", Text, primary_key=True),
    Column("what", Text, primary_key=True),
    Column("line", Text, nullable=False),
    Column("carrier", Text, nullable=False),
    Column("swapped", Integer),
    Column("provider", Text, nullable=False),
    Column("asked_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    Index("ix_look_ups_expires_at", "expires_at"),
    Index("ix_look_ups_asked_at", "asked_at"),
)
