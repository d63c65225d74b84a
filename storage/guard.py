"""What the guard remembers of numbers, blocks, countries, addresses and networks.

``load`` keeps everybody else out until the transaction ends, so that a decision and what it counts are one step for all
processes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from functools import lru_cache

from sqlalchemy import TextualSelect, text

from storage.database import Connection, rows_of


@dataclass(slots=True)
class Record:
    """``score`` as of ``at``. ``since``, ``sent``, ``proved``: the strangers' numbers since the score last was nothing.
    ``pace``: proofs of the last minutes; ``usual_sent``, ``usual_proved``: of the last weeks. ``pin``: an admin's word
    (allow, challenge, refuse). ``note``: of a number, what was counted for it, as JSON."""

    key: str
    score: float = 0.0
    since: float = 0.0
    sent: int = 0
    proved: int = 0
    pace: float = 0.0
    usual_sent: float = 0.0
    usual_proved: float = 0.0
    at: float = 0.0
    pin: str = ""
    note: str = ""
    expires_at: float = 0.0


COLUMNS = tuple(Record.__slots__)
NAMES = ", ".join(COLUMNS)
UPDATES = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS[1:] if name != "pin")


MEET = rows_of("SELECT pg_advisory_xact_lock(:lock) AS met", ["met"])
LOCK = 0x0D00C0DF  # any number of our own
PLACES = 12  # keys are looked for by the dozen, so that statements of few lengths are kept


@lru_cache(maxsize=32)
def _load_statement(keys: int) -> TextualSelect:
    places = ", ".join(f":k{i}" for i in range(keys))
    return rows_of(f"SELECT {NAMES} FROM guard_evidence WHERE key IN ({places})", COLUMNS)  # noqa: S608 - constants


# All rows in one parameter: six rows of twelve would cost PostgreSQL's driver more than all else of the message.
TYPES = {str: "TEXT", float: "DOUBLE PRECISION", int: "INTEGER"}
SAVE = f"""INSERT INTO guard_evidence ({NAMES})
    SELECT {", ".join(f"CAST(r.value ->> {i} AS {TYPES[type(each)]})" for i, each in enumerate(astuple(Record(""))))}
    FROM {{rows}} WHERE true ON CONFLICT (key) DO UPDATE SET {UPDATES}"""  # noqa: S608 - constants
SAVE_SQLITE = text(SAVE.format(rows="json_each(:rows) AS r"))
SAVE_POSTGRESQL = text(SAVE.format(rows="json_array_elements(CAST(:rows AS json)) AS r(value)"))


def load(connection: Connection, keys: Iterable[str]) -> dict[str, Record]:
    """The records of the keys; a fresh one for a key that has none. Until the transaction ends nobody else loads any.

    One lock for all costs little: messages meet at the money's counter anyway, and SQLite has one writer at a time.
    """
    if connection.dialect.name != "sqlite":
        connection.execute(MEET, {"lock": LOCK})
    wanted = list(dict.fromkeys(keys))
    places = wanted + wanted[:1] * (-len(wanted) % PLACES)
    rows = connection.execute(_load_statement(len(places)), {f"k{i}": key for i, key in enumerate(places)})
    found = {row.key: Record(*row) for row in rows}
    return {key: found.get(key) or Record(key) for key in wanted}


def peek(connection: Connection, key: str) -> Record | None:
    """A record as it is, not locked."""
    row = connection.execute(_load_statement(1), {"k0": key}).one_or_none()
    return Record(*row) if row else None


def save(connection: Connection, records: Iterable[Record]) -> None:
    if rows := [[getattr(record, name) for name in COLUMNS] for record in records]:
        statement = SAVE_SQLITE if connection.dialect.name == "sqlite" else SAVE_POSTGRESQL
        connection.execute(statement, {"rows": json.dumps(rows)})


@dataclass(frozen=True)
class Stop:
    """A decision that was not to allow. ``figures``: JSON; ``watched``: it was only written down."""

    decision: str
    reason: str
    subject: str
    country: str
    figures: str
    watched: bool


ADD_STOP = text(
    """INSERT INTO guard_stops (hour, decision, reason, subject, watched, country, figures, times, first_at, last_at)
    VALUES (:hour, :decision, :reason, :subject, :watched, :country, :figures, 1, :now, :now)
    ON CONFLICT (hour, decision, reason, subject, watched) DO UPDATE SET times = guard_stops.times + 1,
    figures = excluded.figures, last_at = excluded.last_at"""
)
HOUR_COLUMNS = ("sent", "challenged", "solved", "refused", "delivered", "failed", "proved", "bothered")
ADD_HOUR = text(
    f"""INSERT INTO guard_hours (hour, country, application, {", ".join(HOUR_COLUMNS)})
    VALUES (:hour, :country, :application, {", ".join(f":{name}" for name in HOUR_COLUMNS)})
    ON CONFLICT (hour, country, application) DO UPDATE SET
    {", ".join(f"{name} = guard_hours.{name} + excluded.{name}" for name in HOUR_COLUMNS)}"""  # noqa: S608 - constants
)
HOUR = 3600


def add_stop(connection: Connection, stop: Stop, now: float) -> None:
    values = {"hour": int(now // HOUR), "now": now, "watched": int(stop.watched)}
    connection.execute(ADD_STOP, {**vars(stop), **values})


def add_hour(connection: Connection, country: str, application: str, counts: Mapping[str, int], now: float) -> None:
    """Count what was asked for and what became of it; ``counts`` by the names of the columns."""
    values = dict.fromkeys(HOUR_COLUMNS, 0) | dict(counts)
    connection.execute(ADD_HOUR, values | {"hour": int(now // HOUR), "country": country, "application": application})


PIN = text(
    f"""INSERT INTO guard_evidence ({NAMES}) VALUES (:key, 0, 0, 0, 0, 0, 0, 0, :now, :pin, '', :now)
    ON CONFLICT (key) DO UPDATE SET pin = excluded.pin"""  # noqa: S608 - constants
)
LIFT = text("UPDATE guard_evidence SET score = 0, since = 0, sent = 0, proved = 0 WHERE key = :key")


def pin(connection: Connection, key: str, word: str, now: float) -> None:
    """An admin's word about a key: allow, challenge, refuse, or "" to leave it to the evidence again."""
    connection.execute(PIN, {"key": key, "pin": word, "now": now})


def lift(connection: Connection, key: str) -> None:
    """Forget what is held against a key. What strikes it anew begins at nothing."""
    connection.execute(LIFT, {"key": key})


ADD_PASS = text(
    """INSERT INTO guard_passes (browser, solved_at, expires_at, number, messages)
    VALUES (:browser, :now, :expires_at, '', 0)
    ON CONFLICT (browser) DO UPDATE SET solved_at = excluded.solved_at, expires_at = excluded.expires_at, number = '',
    messages = 0"""
)
# Whoever asks for a message has the counters, which whoever proves a number may wait for with the pass in hand: a pass
# that is taken is not waited for, and the challenge comes once more.
SPEND = """UPDATE guard_passes SET number = :number, messages = messages + 1, expires_at = solved_at + :seconds
    WHERE browser = (SELECT browser FROM guard_passes WHERE browser = :browser AND expires_at > :now
    AND (number = '' OR (number = :number AND messages < :most)) {lock})"""
SPEND_PASS_SQLITE = text(SPEND.format(lock=""))
SPEND_PASS_POSTGRESQL = text(SPEND.format(lock="FOR UPDATE SKIP LOCKED"))
RENEW_PASS = text(
    """UPDATE guard_passes SET number = '', messages = 0
    WHERE browser = :browser AND number = :number AND expires_at > :now"""
)
MOVE_PASS = text("UPDATE guard_passes SET browser = :after WHERE browser = :before AND expires_at > :now")


def add_pass(connection: Connection, browser: str, now: float, expires_at: float) -> None:
    """A browser (the hash of its secret) has solved a challenge."""
    connection.execute(ADD_PASS, {"browser": browser, "now": now, "expires_at": expires_at})


def spend_pass(connection: Connection, browser: str, number: str, now: float, *, seconds: float, most: int) -> bool:
    """True for one number only, so many ``most`` times within ``seconds`` of solving."""
    values = {"browser": browser, "number": number, "now": now, "seconds": seconds, "most": most}
    statement = SPEND_PASS_SQLITE if connection.dialect.name == "sqlite" else SPEND_PASS_POSTGRESQL
    return connection.execute(statement, values).rowcount == 1


def renew_pass(connection: Connection, browser: str, number: str, now: float) -> None:
    """The number that a pass was spent on is proved: it is as good as new, for the rest of its time."""
    connection.execute(RENEW_PASS, {"browser": browser, "number": number, "now": now})


def move_pass(connection: Connection, before: str, after: str, now: float) -> None:
    """A browser has another secret."""
    connection.execute(MOVE_PASS, {"before": before, "after": after, "now": now})
