"""The tables of organisations, of who belongs to them, and of who was invited."""

from __future__ import annotations

from sqlalchemy import Column, Double, ForeignKey, Index, Integer, Table, Text

from storage.tables import metadata


def _of_organization(*, key: bool = False, index: bool = False) -> Column[str]:
    parent = ForeignKey("organizations.id", ondelete="CASCADE")
    return Column("organization_id", Text, parent, nullable=False, primary_key=key, index=index)


organizations = Table(
    "organizations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("settings", Text, nullable=False),  # JSON, as settings/organizations.py has it
    Column("created_at", Double, nullable=False),
)

# Who left stays a row: nobody joins by themselves again what they were taken out of.
organization_members = Table(
    "organization_members",
    metadata,
    _of_organization(key=True),
    Column("account_id", Text, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("roles", Text, nullable=False),
    Column("joined_at", Double, nullable=False),
    Column("left_at", Double),
)

# Whose numbers and addresses make them members: a country, the beginning of numbers, a domain.
organization_joining = Table(
    "organization_joining",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    _of_organization(key=True),
    Column("role", Text, nullable=False),
)

# One a number or address and organisation. Its link's secret is derived when the message is sent.
invitations = Table(
    "invitations",
    metadata,
    Column("id", Text, primary_key=True),
    _of_organization(),
    Column("kind", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("country", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("roles", Text, nullable=False),
    Column("invited_by", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    Column("sent_at", Double, nullable=False),
    Column("times", Integer, nullable=False),  # that it was sent
    Column("message_id", Text, nullable=False),  # the newest
    Column("accepted_at", Double),
    Column("accepted_by", Text),
    Column("withdrawn_at", Double),
    Index("ix_invitations_address", "organization_id", "kind", "address", unique=True),
    Index("ix_invitations_created_at", "organization_id", "created_at"),
)

invitation_links = Table(
    "invitation_links",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("invitation_id", Text, ForeignKey("invitations.id", ondelete="CASCADE"), nullable=False, index=True),
)

# A file of people to invite: one worker at a time works its lines off, for as long as a lease.
invitation_files = Table(
    "invitation_files",
    metadata,
    Column("id", Text, primary_key=True),
    _of_organization(index=True),
    Column("invited_by", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("leased_until", Double, nullable=False),
    Column("stopped_at", Double),
)

invitation_lines = Table(
    "invitation_lines",
    metadata,
    Column("file_id", Text, ForeignKey("invitation_files.id", ondelete="CASCADE"), primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("country", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("roles", Text, nullable=False),
    Column("state", Text, nullable=False),  # waiting, invited, refused
    Column("reason", Text, nullable=False),
    Column("due_at", Double, nullable=False),
    Index("ix_invitation_lines_due", "file_id", "state", "due_at"),
)
