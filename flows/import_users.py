"""Users from elsewhere become accounts, with the password hashes that they have.

run   every line of a file: imported, there already, or a problem with its number. Batch by batch, each a transaction:
      an account is there whole or not at all, and a run that was broken off is simply run again.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from flows.services import Services
from rules import emails, foreign_hashes, phones, usernames
from rules.foreign_hashes import HashProblemError
from rules.phones import PhonePolicy, PhoneProblem
from rules.tokens import new_id
from settings.templates import LANGUAGE
from storage import import_accounts
from storage.accounts import EMAIL, PHONE, USERNAME, Identifier
from storage.import_accounts import NewAccount, TakenMeanwhileError

FIELDS = ("phone", "email", "username", "password_hash", "created_at", "locale", "phone_verified", "email_verified")
BATCH = 500
# What is written with its + is of its own country, wherever that is; who may get messages is decided when one is sent.
EVERY_NUMBER = PhonePolicy(all_countries=True, allow_possible=True, allow_fixed_line=True, allow_voip=True)
TAKEN = "one of its identifiers belongs to another account, or to an earlier line"
YES, NO = ("true", "yes", "1", "t", "y"), ("false", "no", "0", "f", "n")


class LineError(Exception):
    """Why a line is none. Its words quote nothing of it."""


@dataclass(frozen=True)
class Line:
    """A line as it was read: its fields, or what is wrong with it."""

    number: int
    fields: Mapping[str, Any] | None
    problem: str = ""


@dataclass(frozen=True)
class Candidate:
    """An account that a line describes, and how many identifiers were left out of it."""

    number: int
    account: NewAccount
    left_out: int


@dataclass
class Report:
    """``left_out``: numbers and addresses that nobody had verified; their accounts came in without them."""

    imported: int = 0
    there: int = 0
    refused: int = 0
    left_out: int = 0


def run(services: Services, lines: Iterable[Line], tell: Callable[[int, str], None]) -> Report:
    """``tell`` hears of each line that was not imported: its number and the reason."""
    report, rest = Report(), iter(lines)
    while batch := list(islice(rest, BATCH)):
        _take(services, list(_candidates(services, batch, report, tell)), report, tell)
    return report


def _candidates(
    services: Services, batch: list[Line], report: Report, tell: Callable[[int, str], None]
) -> Iterator[Candidate]:
    for line in batch:
        try:
            if line.fields is None:
                raise LineError(line.problem)
            yield Candidate(line.number, *_account(services, line.fields))
        except LineError as error:
            report.refused += 1
            tell(line.number, str(error))


def _take(services: Services, batch: list[Candidate], report: Report, tell: Callable[[int, str], None]) -> None:
    """Once more where somebody signed up with one of them at this very moment: they are there then."""
    try:
        problems = _write(services, batch)
    except TakenMeanwhileError:
        problems = _write(services, batch)
    for each in batch:
        problem = problems.get(each.number)
        if problem:
            tell(each.number, problem)
        report.refused += bool(problem)
        report.there += problem == ""
        report.imported += problem is None
        report.left_out += each.left_out if problem is None else 0


def _write(services: Services, batch: list[Candidate]) -> dict[int, str]:
    """Add those that are not there. Of the others, by line: a problem, or "" where the account is there already."""
    problems, new = {}, []
    with services.database.write() as connection:
        owners = import_accounts.owners(connection, [name for each in batch for name in each.account.identifiers])
        for each in batch:
            names = [(name.kind, name.value) for name in each.account.identifiers]
            taken = {owners.get(name) for name in names}
            if taken == {None}:
                new.append(each.account)
                owners |= dict.fromkeys(names, each.account.id)
            else:
                problems[each.number] = "" if len(taken) == 1 else TAKEN
        import_accounts.add(connection, new)
    return problems


def _account(services: Services, fields: Mapping[str, Any]) -> tuple[NewAccount, int]:
    """The account of a line, and how many of its identifiers were left out. Raises LineError."""
    if strange := [name for name in fields if name not in FIELDS]:
        raise LineError(f"there is no field {strange[0]!r:.40}")
    texts = {name: _text(name, value) for name, value in fields.items() if name in FIELDS}
    found = [_phone(texts), _email(texts), _username(texts)]
    verified = [True if kind is USERNAME else _is_verified(texts, kind) for kind in (PHONE, EMAIL, USERNAME)]
    kept = tuple(name for name, counts in zip(found, verified, strict=True) if name and counts)
    if not kept:
        raise LineError("it has no phone, email or username that is verified")
    account = NewAccount(
        id=new_id(),
        created_at=_moment(texts.get("created_at", ""), services.clock()),
        seen_at=services.clock(),
        locale=_locale(texts.get("locale", ""), services.settings().application.language),
        password_hash=_hash(texts.get("password_hash", "")),
        identifiers=kept,
    )
    return account, len([name for name in found if name]) - len(kept)


def _text(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool | int | float) and name != "phone":
        return str(value)
    if not isinstance(value, str):
        raise LineError(f"{name} must be text")
    return value.strip()


def _phone(texts: Mapping[str, str]) -> Identifier | None:
    typed = texts.get("phone", "")
    if not typed:
        return None
    if not typed.startswith("+"):
        raise LineError("phone must begin with + and the country's calling code")
    phone = phones.read(typed, "", EVERY_NUMBER)
    if isinstance(phone, PhoneProblem):
        raise LineError(f"phone cannot be read: {phone.reason.replace('_', ' ')}")
    return Identifier(PHONE, phone.e164, phone.country)


def _email(texts: Mapping[str, str]) -> Identifier | None:
    return _named(EMAIL, texts.get("email", ""), emails.read)


def _username(texts: Mapping[str, str]) -> Identifier | None:
    return _named(USERNAME, texts.get("username", ""), usernames.read)


def _named(kind: str, typed: str, read: Callable[[str], str | None]) -> Identifier | None:
    if not typed:
        return None
    value = read(typed)
    if value is None:
        raise LineError(f"{kind} cannot be read")
    return Identifier(kind, value)


def _is_verified(texts: Mapping[str, str], kind: str) -> bool:
    """What says nothing is taken for verified: it is what its owner signed in with."""
    said = texts.get(f"{kind}_verified", "").lower()
    if said and said not in YES + NO:
        raise LineError(f"{kind}_verified must be true or false")
    return said not in NO


def _moment(said: str, now: float) -> float:
    """Seconds since 1970, or ISO 8601; without a zone it is UTC."""
    if not said:
        return now
    try:
        at = float(said)
    except ValueError:
        try:
            moment = datetime.fromisoformat(said)
            at = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            raise LineError("created_at must be ISO 8601 or seconds since 1970") from None
    if not math.isfinite(at) or not 0 <= at <= now:
        raise LineError("created_at must be between 1970 and now")
    return at


def _locale(said: str, standard: str) -> str:
    if not said:
        return standard
    language = said.replace("_", "-")
    if not re.fullmatch(LANGUAGE, language):
        raise LineError("locale must be a language such as en or pt-BR")
    return language


def _hash(said: str) -> str | None:
    try:
        return foreign_hashes.read(said) if said else None
    except HashProblemError as problem:
        raise LineError(f"password_hash: {problem}") from None
