"""A file of people to invite. Reading it is quick; delivery/invitations.py works its lines off, one by one.

begin            each line to be invited, or refused with a reason     -> the file's id | refused
list_all         how far each file is
refused_lines    the lines that were not invited, and why
stop             what waits is not invited any more

The first line names the columns, in any order: phone, email, roles, language.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping

from flows import organizations as organizations_flow
from flows.identifier import read_identifier
from flows.invitations import Inviter
from flows.outcomes import Refused
from flows.refusals import explained
from flows.services import Services
from rules.refusals import Reason, RefusedError
from rules.tokens import new_id
from settings.organizations import read_roles
from settings.sections import LANGUAGES
from storage import invitation_files
from storage.accounts import EMAIL, PHONE
from storage.database import Connection
from storage.invitation_files import REFUSED, InvitationFile, Line, Progress
from storage.organizations import Organization

MOST_LINES = 50_000
MOST_SHOWN = 1000
COLUMNS = ("phone", "email", "roles", "language")


@explained
def begin(services: Services, by: Inviter, organization: Organization, text: str) -> str | Refused:
    try:
        lines = list(_once_each(_lines(services, organization, text)))
    except csv.Error:  # a quote that never ends, and the rest of the file in one cell
        lines = []
    if not lines:
        raise RefusedError(Reason.EMPTY_FILE)
    file = InvitationFile(new_id(), organization.id, by.shown, services.clock())
    with services.database.write() as connection:
        invitation_files.add(connection, file, lines)
        _note(services, connection, by, organization, "file_begun", lines=len(lines))
    services.wake_delivery()
    return file.id


def _lines(services: Services, organization: Organization, text: str) -> Iterator[Line]:
    rows = csv.reader(text.removeprefix("\ufeff").splitlines(), delimiter=";" if ";" in text[:200] else ",")
    names = [name.strip().lower() for name in next(rows, [])]
    if not {"phone", "email"} & set(names) or not set(names) <= set(COLUMNS):
        raise RefusedError(Reason.EMPTY_FILE)
    for number, row in enumerate(rows, 2):
        if number > MOST_LINES + 1:
            raise RefusedError(Reason.TOO_MANY_LINES, most=MOST_LINES)
        if any(cell.strip() for cell in row):
            yield _line(services, organization, number, dict(zip(names, row, strict=False)))


def _line(services: Services, organization: Organization, number: int, cells: Mapping[str, str]) -> Line:
    """Of one that is wrong nothing is kept but its number and why."""
    settings = services.settings()
    typed = cells.get("phone", "").strip() or cells.get("email", "").strip()
    try:
        to = read_identifier(services, typed, settings.phones.default_country, [PHONE, EMAIL])
        roles = organizations_flow.known_roles(organization, read_roles(cells.get("roles", "")))
    except RefusedError as error:
        return Line(number, "", "", "", "", "", REFUSED, error.reason)
    language = cells.get("language", "").strip().lower()
    locale = language if language in dict(LANGUAGES) else settings.application.language
    return Line(number, to.kind, to.value, to.country, locale, " ".join(roles))


def _once_each(lines: Iterator[Line]) -> Iterator[Line]:
    seen = set()
    for line in lines:
        if line.address and (line.kind, line.address) in seen:
            yield Line(line.line, "", "", "", "", "", REFUSED, Reason.TWICE_IN_FILE)
        else:
            seen.add((line.kind, line.address))
            yield line


def list_all(services: Services, organization: Organization) -> list[Progress]:
    with services.database.read() as connection:
        return invitation_files.progress(connection, organization.id)


def refused_lines(services: Services, organization: Organization, file_id: str) -> list[Line] | None:
    """The first thousand; None where the organisation has no such file."""
    with services.database.read() as connection:
        files = {each.file.id for each in invitation_files.progress(connection, organization.id)}
        return invitation_files.refused_lines(connection, file_id, most=MOST_SHOWN) if file_id in files else None


def stop(services: Services, by: Inviter, organization: Organization, file_id: str) -> None:
    with services.database.write() as connection:
        if invitation_files.stop(connection, organization.id, file_id, services.clock()):
            _note(services, connection, by, organization, "file_stopped")


def _note(
    services: Services, connection: Connection, by: Inviter, organization: Organization, what: str, **details: object
) -> None:
    organizations_flow.note(services, connection, by.author, what, organization, **details)
