"""The tables. Times are seconds since 1970 (UTC) as doubles, money is in ten-thousandths of the currency's unit."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    false,
    true,
)
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
    Column("password_hash", Text),
    Column("password_at", Double),
    Column("suspended_at", Double),
    Column("terms_version", Text),  # to which it agreed, and when
    Column("terms_at", Double),
    Column("later_until", Double),  # until when a second factor was put off
    Column("seen_at", Double),  # when somebody signed in to it last
    Column("offer_after", Double),  # from when a second factor may be offered again
    Index("ix_accounts_created_at", "created_at", "id"),
)

# What names an account: a phone number (E.164), an e-mail address or a username; one account's only.
identifiers = Table(
    "identifiers",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("account_id", Text, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("country", Text, nullable=False),
    Column("verified_at", Double, nullable=False),
    Column("is_primary", Boolean, nullable=False, server_default=true()),
    Column("vouched_by", Text),
)

# Numbers that somebody else has proved than the account that has them (storage/number_claims.py).
number_claims = Table(
    "number_claims",
    metadata,
    Column("value", Text, primary_key=True),
    Column("account_id", Text, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("claimed_at", Double, nullable=False),
    Column("release_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
)

# Second factors beside the numbers: totp, passkey, backup_code. ``secret``: sealed key, public key, or a hash;
# ``counter``: the newest time step, or the passkey's own counter.
factors = Table(
    "factors",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account_id", Text, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("credential_id", Text, unique=True),
    Column("secret", Text, nullable=False),
    Column("counter", BigInteger, nullable=False),
    Column("details", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("used_at", Double),
    Index("ix_factors_account_id", "account_id", "kind"),
)

# Browsers that are not asked for a second factor for a while. Only the hash of their secret is here.
trusted_browsers = Table(
    "trusted_browsers",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("id", Text, nullable=False),
    Column("account_id", Text, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("device", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
)

# What happened to an account, for its owner to see.
events = Table(
    "events",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("account_id", Text, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("at", Double, nullable=False),
    Column("kind", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("device", Text, nullable=False),
    Column("details", Text, nullable=False),
    Index("ix_events_account_id", "account_id", "at"),
    Index("ix_events_at", "at"),
)

# A visitor's place in a flow. Belongs to the browser whose secret it was made for; the secret itself is not here.
tickets = Table(
    "tickets",
    metadata,
    Column("id", Text, primary_key=True),
    Column("browser", Text, nullable=False),
    Column("flow", Text, nullable=False),
    Column("kind", Text, nullable=False, server_default="phone"),
    Column("address", Text, nullable=False),  # what is to be proved: an identifier's value
    Column("country", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    Column("resend_at", Double, nullable=False),
    Column("proved_at", Double),
    Column("proved_by", Text),  # code, password or passkey
    Column("second_at", Double),  # when a second factor was shown, and which
    Column("second_by", Text),
    Column("used_at", Double),
    Column("doubted_at", Double),  # when the number's SIM card was found to have been changed lately
    Column("account_id", Text),  # whose, where more than the address tells it
    Column("parent_id", Text),  # the ticket that this one is a step of, or the invitation that it accepts
    Column("replaces", Text),  # the number or address of one's own in whose place this one comes
    Column("typed_back", Text),  # the message whose code was, until that stands with it and the guard has learnt of it
    Index("ix_tickets_browser", "browser", "flow", "created_at"),
    Index("ix_tickets_expires_at", "expires_at"),
)
Index(
    "ix_tickets_typed_back",
    tickets.c.proved_at,
    sqlite_where=tickets.c.typed_back.is_not(None),
    postgresql_where=tickets.c.typed_back.is_not(None),
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
    Column("proofs", Text, nullable=False, server_default="[]"),  # JSON: how it began (rules/proofs.py)
    Column("proved_at", Double),  # the newest proof that it is still the same person
    Column("pending", Boolean, nullable=False, server_default=false()),  # its account lacks something required
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
    Column("role", Text, nullable=False, server_default="owner"),
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
