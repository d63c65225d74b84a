"""Grants: what a person let an application do. Codes and refresh tokens belong to one, and end with it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from storage.database import Connection

REFRESH_USES = 2  # of one token: the second within a moment, for an answer that was lost


@dataclass(frozen=True)
class Grant:
    """``facts``: what ID tokens say of the sign-in (auth_time, amr, acr, nonce) and which claims were asked for.

    ``told_at`` is None where the application wants to hear of the session's end and has not yet. ``organization_id``:
    the one that the person signed in for.
    """

    id: str
    client_id: str
    account_id: str
    session_id: str
    subject: str
    scope: str
    facts: dict[str, Any]
    created_at: float
    expires_at: float
    ended_at: float | None = None
    told_at: float | None = None
    organization_id: str | None = None

    @property
    def scopes(self) -> list[str]:
        return self.scope.split()


@dataclass(frozen=True)
class Code:
    hash: str = field(repr=False)
    grant_id: str
    redirect_uri: str
    code_challenge: str
    expires_at: float


COLUMNS = (
    "id, client_id, account_id, session_id, subject, scope, facts, created_at, expires_at, ended_at, told_at,"
    " organization_id"
)
ADD = text(
    f"""INSERT INTO grants ({COLUMNS}) VALUES (:id, :client_id, :account_id, :session_id, :subject, :scope, :facts,
    :created_at, :expires_at, :ended_at, :told_at, :organization_id)"""  # noqa: S608
)
# A grant lives as long as its session, or with offline_access on its own, but for a suspended account not at all; one
# for an organisation only while its person belongs to that.
IS_LIVE = """ended_at IS NULL AND expires_at > :now
    AND (EXISTS (SELECT 1 FROM sessions s WHERE s.id = g.session_id AND s.expires_at > :now)
    OR ' ' || scope || ' ' LIKE '% offline_access %')
    AND NOT EXISTS (SELECT 1 FROM accounts a WHERE a.id = g.account_id AND a.suspended_at IS NOT NULL)
    AND (organization_id IS NULL OR EXISTS (SELECT 1 FROM organization_members o WHERE o.organization_id =
    g.organization_id AND o.account_id = g.account_id AND o.left_at IS NULL))"""
LIVE = text(f"SELECT {COLUMNS} FROM grants g WHERE id = :id AND {IS_LIVE}")  # noqa: S608
OF_ACCOUNT = text(f"SELECT {COLUMNS} FROM grants g WHERE account_id = :account_id AND {IS_LIVE}")  # noqa: S608
END = text("UPDATE grants SET ended_at = :now WHERE id = :id AND ended_at IS NULL")
END_OF_CLIENT = text(
    "UPDATE grants SET ended_at = :now WHERE account_id = :account_id AND client_id = :client_id AND ended_at IS NULL"
)
END_OF_ACCOUNT = text(
    """UPDATE grants SET ended_at = :now WHERE account_id = :account_id AND session_id <> :kept_session
    AND ended_at IS NULL"""
)
OWNER = text(
    """SELECT account_id FROM grants
    WHERE client_id = :client_id AND session_id = :session_id AND subject = :subject LIMIT 1"""
)

ADD_CODE = text(
    """INSERT INTO authorization_codes (hash, grant_id, redirect_uri, code_challenge, expires_at)
    VALUES (:hash, :grant_id, :redirect_uri, :code_challenge, :expires_at)"""
)
# EXISTS: with IN SQLite would first collect all grants of the client.
OF_CLIENT = """EXISTS
    (SELECT 1 FROM grants g WHERE g.id = grant_id AND g.client_id = :client_id AND g.ended_at IS NULL)"""
REDEEM = text(
    f"""UPDATE authorization_codes SET used_at = :now
    WHERE hash = :hash AND used_at IS NULL AND expires_at > :now AND {OF_CLIENT}
    RETURNING hash, grant_id, redirect_uri, code_challenge, expires_at"""  # noqa: S608
)
USED_CODE = text(
    f"SELECT grant_id FROM authorization_codes WHERE hash = :hash AND used_at IS NOT NULL AND {OF_CLIENT}"  # noqa: S608
)
ADD_REFRESH = text(
    "INSERT INTO refresh_tokens (hash, grant_id, expires_at, uses) VALUES (:hash, :grant_id, :expires_at, 0)"
    " ON CONFLICT (hash) DO NOTHING"
)
ROTATE = text(
    f"""UPDATE refresh_tokens SET uses = uses + 1, used_at = COALESCE(used_at, :now)
    WHERE hash = :hash AND expires_at > :now AND {OF_CLIENT}
    AND (uses = 0 OR (uses < :most AND used_at > :grace
        AND NOT EXISTS (SELECT 1 FROM refresh_tokens n WHERE n.hash = :next AND n.uses > 0))) RETURNING grant_id"""  # noqa: S608
)
REFRESH = text(
    f"SELECT grant_id, uses, used_at, expires_at FROM refresh_tokens WHERE hash = :hash AND {OF_CLIENT}"  # noqa: S608
)


def add(connection: Connection, grant: Grant) -> None:
    connection.execute(ADD, vars(grant) | {"facts": json.dumps(grant.facts)})


def live(connection: Connection, grant_id: str, now: float) -> Grant | None:
    """The grant, unless it ended, or its session did."""
    parameters = {"id": grant_id, "now": now}
    row = connection.execute(LIVE, parameters).mappings().one_or_none()
    return _grant(row) if row else None


def of_account(connection: Connection, account_id: str, now: float) -> list[Grant]:
    return [_grant(row) for row in connection.execute(OF_ACCOUNT, {"account_id": account_id, "now": now}).mappings()]


def _grant(row: Any) -> Grant:
    return Grant(**dict(row) | {"facts": json.loads(row["facts"])})


def end(connection: Connection, grant_id: str, now: float) -> bool:
    """All its tokens die."""
    return connection.execute(END, {"id": grant_id, "now": now}).rowcount == 1


def end_of_client(connection: Connection, account_id: str, client_id: str, now: float) -> int:
    parameters = {"account_id": account_id, "client_id": client_id, "now": now}
    return connection.execute(END_OF_CLIENT, parameters).rowcount


def end_of_account(connection: Connection, account_id: str, kept_session: str, now: float) -> int:
    """Also those that go on without a session, but for those of the session that is kept ("" for none)."""
    parameters = {"account_id": account_id, "kept_session": kept_session, "now": now}
    return connection.execute(END_OF_ACCOUNT, parameters).rowcount


def owner(connection: Connection, client_id: str, session_id: str, subject: str) -> str | None:
    """The account whose session the client knows by this id and subject."""
    parameters = {"client_id": client_id, "session_id": session_id, "subject": subject}
    return connection.execute(OWNER, parameters).scalar_one_or_none()


def add_code(connection: Connection, code: Code) -> None:
    connection.execute(ADD_CODE, vars(code))


def redeem(connection: Connection, code_hash: str, client_id: str, now: float) -> Code | None:
    """The client's code, for one caller only. A code that comes again ends its grant (RFC 6749, 4.1.2)."""
    parameters = {"hash": code_hash, "client_id": client_id, "now": now}
    row = connection.execute(REDEEM, parameters).mappings().one_or_none()
    if row:
        return Code(**row)
    replayed = connection.execute(USED_CODE, parameters).scalar_one_or_none()
    if replayed:
        end(connection, replayed, now)
    return None


def add_refresh(connection: Connection, token_hash: str, grant_id: str, expires_at: float) -> None:
    """The same one again changes nothing."""
    connection.execute(ADD_REFRESH, {"hash": token_hash, "grant_id": grant_id, "expires_at": expires_at})


def rotate(
    connection: Connection, token_hash: str, next_hash: str, client_id: str, now: float, grace: float
) -> str | None:
    """The id of the grant, where the token is good. One that comes again after ``grace`` seconds ends its grant.

    Before, it is good once more, unless the next one is in use: then its answer has come.
    """
    parameters = {"hash": token_hash, "next": next_hash, "client_id": client_id, "now": now}
    more = {"most": REFRESH_USES, "grace": now - grace}
    grant_id = connection.execute(ROTATE, parameters | more).scalar_one_or_none()
    if grant_id:
        return str(grant_id)
    row = connection.execute(REFRESH, {"hash": token_hash, "client_id": client_id}).one_or_none()
    if row and row.used_at is not None and row.used_at <= now - grace:
        end(connection, row.grant_id, now)
    return None


def family(connection: Connection, token_hash: str, client_id: str) -> str | None:
    """The grant of any refresh token of the client, also of one that was used."""
    row = connection.execute(REFRESH, {"hash": token_hash, "client_id": client_id}).one_or_none()
    return str(row.grant_id) if row else None


def of_refresh(connection: Connection, token_hash: str, client_id: str, now: float) -> tuple[str, float] | None:
    """The grant of an unused refresh token and when the token ends."""
    row = connection.execute(REFRESH, {"hash": token_hash, "client_id": client_id}).one_or_none()
    return (row.grant_id, row.expires_at) if row and row.uses == 0 and row.expires_at > now else None
