"""What the guard remembers. Everything is aged and pruned: rows are as many as what was sent to lately, and no more."""

from __future__ import annotations

from sqlalchemy import Column, Double, Index, Integer, Table, Text

from storage.tables import metadata

# One row a number, block, country, address or network; ``key``: "country:FR", "block4:+3361234", "number:+33612345".
guard_evidence = Table(
    "guard_evidence",
    metadata,
    Column("key", Text, primary_key=True),
    Column("score", Double, nullable=False),
    Column("since", Double, nullable=False),
    Column("sent", Integer, nullable=False),
    Column("proved", Integer, nullable=False),
    Column("pace", Double, nullable=False),
    Column("usual_sent", Double, nullable=False),
    Column("usual_proved", Double, nullable=False),
    Column("at", Double, nullable=False),
    Column("pin", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("expires_at", Double, nullable=False),
    Index("ix_guard_evidence_expires_at", "expires_at"),
)

Index(
    "ix_guard_evidence_pinned",
    guard_evidence.c.key,
    sqlite_where=guard_evidence.c.pin != "",
    postgresql_where=guard_evidence.c.pin != "",
)

# What the guard stopped: an hour, kind of decision and subject in one row, with the newest figures.
guard_stops = Table(
    "guard_stops",
    metadata,
    Column("hour", Integer, primary_key=True),
    Column("decision", Text, primary_key=True),
    Column("reason", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("watched", Integer, primary_key=True),
    Column("country", Text, nullable=False),
    Column("figures", Text, nullable=False),
    Column("times", Integer, nullable=False),
    Column("first_at", Double, nullable=False),
    Column("last_at", Double, nullable=False),
)

# What was asked for and what became of it, an hour, country and application in one row.
guard_hours = Table(
    "guard_hours",
    metadata,
    Column("hour", Integer, primary_key=True),
    Column("country", Text, primary_key=True),
    Column("application", Text, primary_key=True),
    Column("sent", Integer, nullable=False),
    Column("challenged", Integer, nullable=False),
    Column("solved", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("delivered", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("proved", Integer, nullable=False),
    Column("bothered", Integer, nullable=False, server_default="0"),  # known numbers, challenged or refused
)

# What admins are told once: since when it is so, and when it was seen last.
alarms = Table(
    "alarms",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("about", Text, primary_key=True),
    Column("first_at", Double, nullable=False),
    Column("last_at", Double, nullable=False),
    Column("details", Text, nullable=False),
)

# Challenges that a browser solved; the next message that it asks for spends one. ``number``: that it was spent on, ""
# for none yet; ``messages``: how many it let through to it.
guard_passes = Table(
    "guard_passes",
    metadata,
    Column("browser", Text, primary_key=True),
    Column("solved_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    Column("number", Text, nullable=False, server_default=""),
    Column("messages", Integer, nullable=False, server_default="0"),
    Index("ix_guard_passes_expires_at", "expires_at"),
)

# What is asked of a browser before its message, and the form that is sent once more when it is solved.
challenges = Table(
    "challenges",
    metadata,
    Column("id", Text, primary_key=True),
    Column("browser", Text, nullable=False),
    Column("effort", Integer, nullable=False),
    Column("path", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    Column("ready_at", Double),
    Column("solved_at", Double),
    Index("ix_challenges_expires_at", "expires_at"),
)

# Who waits instead stands in line with its network: until when the line is taken.
challenge_waits = Table(
    "challenge_waits",
    metadata,
    Column("network", Text, primary_key=True),
    Column("free_at", Double, nullable=False),
)
