"""The tables of the OpenID provider. Tokens and secrets are kept as hashes, keys sealed; JSON stands in texts."""

from __future__ import annotations

from sqlalchemy import Column, Double, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from storage.tables import metadata


def _of_client() -> Column[str]:
    return Column("client_id", Text, ForeignKey("clients.id", ondelete="CASCADE"), nullable=False, index=True)


clients = Table(
    "clients",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("settings", Text, nullable=False),
    Column("created_at", Double, nullable=False),
)

# Two at a time, so that an application can change over without a pause.
client_secrets = Table(
    "client_secrets",
    metadata,
    Column("hash", Text, primary_key=True),
    _of_client(),
    Column("created_at", Double, nullable=False),
)

# ``signs_from``: published a while before, so that applications know the key when its first signature comes.
signing_keys = Table(
    "signing_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("algorithm", Text, nullable=False),
    Column("sealed", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("signs_from", Double, nullable=False),
)

# Authorization requests that wait for a person, or that an application pushed. ``browser``: as of a ticket.
authorization_requests = Table(
    "authorization_requests",
    metadata,
    Column("id", Text, primary_key=True),
    _of_client(),
    Column("browser", Text, nullable=False),
    Column("parameters", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    Column("used_at", Double),
    Index("ix_authorization_requests_expires_at", "expires_at"),
)

# What a person (or their browser's session) let an application do: the family of all tokens that come of it.
grants = Table(
    "grants",
    metadata,
    Column("id", Text, primary_key=True),
    _of_client(),
    Column("account_id", Text, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("session_id", Text, nullable=False, index=True),
    Column("subject", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("facts", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    Column("ended_at", Double),
    Column("told_at", Double),
    Column("organization_id", Text),  # for which the person signed in
    Index("ix_grants_expires_at", "expires_at"),
)

authorization_codes = Table(
    "authorization_codes",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("grant_id", Text, ForeignKey("grants.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("redirect_uri", Text, nullable=False),
    Column("code_challenge", Text, nullable=False),
    Column("expires_at", Double, nullable=False),
    Column("used_at", Double),
)

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("grant_id", Text, ForeignKey("grants.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("expires_at", Double, nullable=False),
    Column("uses", Integer, nullable=False),
    Column("used_at", Double),
)

consents = Table(
    "consents",
    metadata,
    Column("account_id", Text, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    Column("client_id", Text, ForeignKey("clients.id", ondelete="CASCADE"), primary_key=True),
    Column("scope", Text, nullable=False),
    Column("given_at", Double, nullable=False),
)

# How applications with subjects of their own know an account.
subjects = Table(
    "subjects",
    metadata,
    Column("client_id", Text, ForeignKey("clients.id", ondelete="CASCADE"), primary_key=True),
    Column("account_id", Text, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("subject", Text, nullable=False),
    UniqueConstraint("subject"),
)

device_codes = Table(
    "device_codes",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("user_code", Text, nullable=False),
    _of_client(),
    Column("scope", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    Column("polled_at", Double, nullable=False),
    Column("interval", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("grant_id", Text, ForeignKey("grants.id", ondelete="CASCADE")),
    UniqueConstraint("user_code"),
)

# Ids of tokens that are good no more: assertions that were used, access tokens that were revoked.
spent_tokens = Table(
    "spent_tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("expires_at", Double, nullable=False),
    Index("ix_spent_tokens_expires_at", "expires_at"),
)

# Sign-outs that applications are yet to be told of (back-channel logout).
logout_notices = Table(
    "logout_notices",
    metadata,
    Column("id", Text, primary_key=True),
    _of_client(),
    Column("session_id", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("due_at", Double, nullable=False),
    Column("attempts", Integer, nullable=False),
    Index("ix_logout_notices_due_at", "due_at"),
)
Index(
    "ix_grants_untold",
    grants.c.session_id,
    sqlite_where=grants.c.told_at.is_(None),
    postgresql_where=grants.c.told_at.is_(None),
)

# The addresses whose reverse proxy asks us who may pass, and the passes: what a browser's cookie there stands for.
protected_origins = Table(
    "protected_origins",
    metadata,
    Column("origin", Text, primary_key=True),
    _of_client(),
)
gate_passes = Table(
    "gate_passes",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("grant_id", Text, ForeignKey("grants.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("origin", Text, nullable=False),
    Column("created_at", Double, nullable=False),
)
