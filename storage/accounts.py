"""Accounts, and what names them. An identifier belongs to one account only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Text, bindparam, text

from settings.webhooks import ACCOUNT_CREATED
from storage import webhook_events
from storage.database import Connection, rows_of

PHONE, EMAIL, USERNAME = "phone", "email", "username"


@dataclass(frozen=True)
class Identifier:
    """``value``: E.164, an address in lower case, or a username. ``country``: of a number; ``vouched_by``: who said
    that it is the account's, where no code proved it: an admin, a program, or "import"."""

    kind: str
    value: str
    country: str = ""
    verified_at: float = 0
    is_primary: bool = True
    vouched_by: str | None = None


@dataclass(frozen=True)
class Entrant:
    """An account at the door: all that decides what comes after the first proof.

    ``claims``: numbers of its own that others have proved; ``joins``: an organisation takes people in by itself;
    ``heard``: a webhook is told of what happens. Where there is none of it, nothing need be asked or written.
    ``elsewhere``: the providers of the identities that it is linked to, told where the account is locked: they count
    for what may go.
    """

    id: str
    created_at: float
    locale: str
    password_hash: str | None
    password_at: float | None  # when the password was chosen; a stronger hash of it changes nothing here
    suspended_at: float | None
    terms_version: str | None
    later_until: float | None
    seen_at: float | None  # when somebody signed in last
    offer_after: float | None  # from when a second factor may be offered again
    phones: int
    emails: int
    usernames: int
    totp: int
    passkeys: int
    backup_codes: int
    claims: int
    joins: bool
    heard: bool
    elsewhere: tuple[str, ...] = ()


def _count(table: str, kind: str) -> str:
    return f"(SELECT count(*) FROM {table} x WHERE x.account_id = a.id AND x.kind = '{kind}')"  # noqa: S608


OWN = (
    *("id", "created_at", "locale", "password_hash", "password_at", "suspended_at", "terms_version", "later_until"),
    *("seen_at", "offer_after"),
)
OF_ENTRANT = {name: f"a.{name}" for name in OWN} | {
    "phones": _count("identifiers", PHONE),
    "emails": _count("identifiers", EMAIL),
    "usernames": _count("identifiers", USERNAME),
    "totp": _count("factors", "totp"),
    "passkeys": _count("factors", "passkey"),
    "backup_codes": _count("factors", "backup_code"),
    "claims": "(SELECT count(*) FROM number_claims x WHERE x.account_id = a.id)",
    "joins": "EXISTS (SELECT 1 FROM organization_joining)",
    "heard": "EXISTS (SELECT 1 FROM webhook_endpoints x WHERE x.off_at IS NULL)",
}
ENTRANT = f"SELECT {', '.join(f'{what} AS {name}' for name, what in OF_ENTRANT.items())} FROM accounts a "  # noqa: S608
BY_ID = rows_of(ENTRANT + "WHERE a.id = :id", OF_ENTRANT)
BY_IDENTIFIER = rows_of(
    ENTRANT + "JOIN identifiers i ON i.account_id = a.id WHERE i.kind = :kind AND i.value = :value", OF_ENTRANT
)
ELSEWHERE = text("SELECT name FROM upstream_identities WHERE account_id = :id")
ADD_ACCOUNT = text("INSERT INTO accounts (id, created_at, locale) VALUES (:id, :now, :locale)")
REMOVE_ACCOUNT = text("DELETE FROM accounts WHERE id = :id")
ADD_IDENTIFIER = text(
    """INSERT INTO identifiers (kind, value, account_id, country, vouched_by, verified_at, is_primary)
    SELECT :kind, :value, :account_id, :country, :vouched_by, :now,
    NOT EXISTS (SELECT 1 FROM identifiers WHERE account_id = :account_id AND kind = :kind)
    WHERE true ON CONFLICT (kind, value) DO NOTHING"""
)
OWNER = text("SELECT account_id FROM identifiers WHERE kind = :kind AND value = :value")
IDENTIFIERS = text(
    """SELECT kind, value, country, verified_at, is_primary, vouched_by FROM identifiers WHERE account_id = :id
    ORDER BY kind, is_primary DESC, verified_at"""
)
IDENTIFIERS_OF = text(
    """SELECT account_id, kind, value, country, verified_at, is_primary, vouched_by FROM identifiers
    WHERE account_id IN :ids ORDER BY kind, is_primary DESC, verified_at"""
).bindparams(bindparam("ids", expanding=True, type_=Text()))
# Whoever changes an account's identifiers takes its row first, so that two at once do not remove the last two.
LOCK = text("UPDATE accounts SET created_at = created_at WHERE id = :id")
MAKE_PRIMARY = text("UPDATE identifiers SET is_primary = (value = :value) WHERE account_id = :id AND kind = :kind")
REMOVE_IDENTIFIER = text("DELETE FROM identifiers WHERE account_id = :id AND kind = :kind AND value = :value")
# The eldest becomes the main one where the main one is gone.
MEND_PRIMARY = text(
    """UPDATE identifiers SET is_primary = TRUE WHERE kind = :kind AND value = (SELECT i.value FROM identifiers i
    WHERE i.account_id = :id AND i.kind = :kind ORDER BY i.verified_at LIMIT 1)
    AND NOT EXISTS (SELECT 1 FROM identifiers p WHERE p.account_id = :id AND p.kind = :kind AND p.is_primary)"""
)
SET_PASSWORD = text("UPDATE accounts SET password_hash = :hash, password_at = :now WHERE id = :id")
# Only where nobody has chosen another one since it was looked at; whoever comes at the same time waits for the row.
SINCE = "WHERE id = :id AND COALESCE(password_at, 0) = :chosen_at AND (password_hash IS NULL) = :none"
REPLACE_PASSWORD = text(f"UPDATE accounts SET password_hash = :hash, password_at = :now {SINCE}")  # noqa: S608
KEEP_PASSWORD = text(f"UPDATE accounts SET password_hash = COALESCE(:hash, password_hash) {SINCE}")  # noqa: S608
# Once only: what was put off before is not put off again.
PUT_OFF = text("UPDATE accounts SET later_until = :until WHERE id = :id AND later_until IS NULL")
OFFER_AFTER = text("UPDATE accounts SET offer_after = :until WHERE id = :id")
SEEN = text("UPDATE accounts SET seen_at = :now WHERE id = :id AND suspended_at IS NULL")
AGREE = text("UPDATE accounts SET terms_version = :version, terms_at = :now WHERE id = :id")
COUNT_BY_ONE_KIND = text(
    """SELECT count(*) FROM accounts a WHERE a.password_hash IS NULL
    AND EXISTS (SELECT 1 FROM identifiers i WHERE i.account_id = a.id AND i.kind = :kind)
    AND NOT EXISTS (SELECT 1 FROM identifiers i WHERE i.account_id = a.id AND i.kind <> :kind)"""
)


def by_id(connection: Connection, account_id: str, *, lock: bool = False) -> Entrant | None:
    """``lock``: see :func:`hold`."""
    if lock:
        hold(connection, account_id)
    row = connection.execute(BY_ID, {"id": account_id}).one_or_none()
    elsewhere = tuple(connection.execute(ELSEWHERE, {"id": account_id}).scalars()) if lock else ()
    return Entrant(**row._mapping, elsewhere=elsewhere) if row else None


def hold(connection: Connection, account_id: str) -> None:
    """Nobody else changes its identifiers until this transaction ends."""
    connection.execute(LOCK, {"id": account_id})


def by_identifier(connection: Connection, kind: str, value: str) -> Entrant | None:
    row = connection.execute(BY_IDENTIFIER, {"kind": kind, "value": value}).one_or_none()
    return Entrant(**row._mapping) if row else None


def owner(connection: Connection, kind: str, value: str) -> str | None:
    """The account that an identifier names."""
    return connection.execute(OWNER, {"kind": kind, "value": value}).scalar_one_or_none()


def create(connection: Connection, account_id: str, identifier: Identifier, locale: str, now: float) -> bool:
    """An account for a proved identifier. False, and no account, where the identifier has one by now."""
    connection.execute(ADD_ACCOUNT, {"id": account_id, "now": now, "locale": locale})
    if add_identifier(connection, account_id, identifier, now):
        webhook_events.tell(connection, ACCOUNT_CREATED, now, {}, account_id=account_id)
        return True
    connection.execute(REMOVE_ACCOUNT, {"id": account_id})
    return False


def create_unnamed(connection: Connection, account_id: str, locale: str, now: float) -> None:
    """An account that nothing of ours names yet: its owner comes from another provider."""
    connection.execute(ADD_ACCOUNT, {"id": account_id, "now": now, "locale": locale})
    webhook_events.tell(connection, ACCOUNT_CREATED, now, {}, account_id=account_id)


def add_identifier(connection: Connection, account_id: str, identifier: Identifier, now: float) -> bool:
    """One more name for the account, its main one where it is the first of its kind. False where it is taken."""
    values = {name: getattr(identifier, name) for name in ("kind", "value", "country", "vouched_by")}
    values |= {"account_id": account_id, "now": now}
    return connection.execute(ADD_IDENTIFIER, values).rowcount == 1


def identifiers(connection: Connection, account_id: str) -> list[Identifier]:
    """The main one of each kind first."""
    return [Identifier(**row._mapping) for row in connection.execute(IDENTIFIERS, {"id": account_id})]


def identifiers_of(connection: Connection, account_ids: Sequence[str]) -> dict[str, list[Identifier]]:
    """Of each of these accounts, as :func:`identifiers` has them."""
    found: dict[str, list[Identifier]] = {account_id: [] for account_id in account_ids}
    for account_id, *values in connection.execute(IDENTIFIERS_OF, {"ids": list(account_ids)}):
        found[account_id].append(Identifier(*values))
    return found


def make_primary(connection: Connection, account_id: str, kind: str, value: str) -> None:
    connection.execute(MAKE_PRIMARY, {"id": account_id, "kind": kind, "value": value})


def remove_identifier(connection: Connection, account_id: str, kind: str, value: str) -> None:
    connection.execute(REMOVE_IDENTIFIER, {"id": account_id, "kind": kind, "value": value})
    connection.execute(MEND_PRIMARY, {"id": account_id, "kind": kind})


def set_password(connection: Connection, account_id: str, password_hash: str, now: float) -> None:
    connection.execute(SET_PASSWORD, {"id": account_id, "hash": password_hash, "now": now})


def replace_password(connection: Connection, entrant: Entrant, password_hash: str, now: float) -> bool:
    """False where the account has another password by now than ``entrant`` had."""
    return connection.execute(REPLACE_PASSWORD, _since(entrant) | {"hash": password_hash, "now": now}).rowcount == 1


def keep_password(connection: Connection, entrant: Entrant, fresh_hash: str | None) -> bool:
    """The same password, in a stronger hash where one is given. False where it was changed meanwhile."""
    return connection.execute(KEEP_PASSWORD, _since(entrant) | {"hash": fresh_hash}).rowcount == 1


def _since(entrant: Entrant) -> dict[str, object]:
    return {"id": entrant.id, "chosen_at": entrant.password_at or 0, "none": entrant.password_hash is None}


def put_off(connection: Connection, account_id: str, until: float) -> bool:
    """A second factor can be set up later. False where that was put off before."""
    return connection.execute(PUT_OFF, {"id": account_id, "until": until}).rowcount == 1


def leave_alone(connection: Connection, account_id: str, until: float) -> None:
    """No second factor is offered until then."""
    connection.execute(OFFER_AFTER, {"id": account_id, "until": until})


def seen(connection: Connection, account_id: str, now: float) -> bool:
    """Somebody has signed in to it. False where it was suspended, or deleted, a moment ago."""
    return connection.execute(SEEN, {"id": account_id, "now": now}).rowcount == 1


def agree(connection: Connection, account_id: str, version: str, now: float) -> None:
    """It agreed to the terms of this version."""
    connection.execute(AGREE, {"id": account_id, "version": version, "now": now})


def count_by_one_kind(connection: Connection, kind: str) -> int:
    """How many accounts have identifiers of this kind only, and no password."""
    return int(connection.execute(COUNT_BY_ONE_KIND, {"kind": kind}).scalar_one())
