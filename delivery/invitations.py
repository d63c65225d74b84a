"""Files of people to invite, worked off a few lines at a time.

Each line is one transaction with its invitation and its message: killed at any point, a line is invited or it is not.
Codes go first: no line is taken up while messages are waiting. A line that a limit holds back waits as long as it must.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from rules import guarding, inviting
from rules.inviting import Asking
from rules.refusals import Reason, RefusedError
from rules.tokens import new_id
from settings.console import Settings
from settings.keys import Keys, Use
from storage import accounts, invitation_files, messages, organizations
from storage.database import Connection, Database
from storage.invitation_files import InvitationFile, Line
from storage.invitations import Invitation
from storage.organizations import Organization

log = logging.getLogger("doorcode.invitations")

DAY = 86400
LEASE_SECONDS = 60
LINES_AT_ONCE = 32
PAUSE = 600  # seconds at most, where nothing can be sent for a while
FOR_ALL = (Reason.NO_MESSAGES_NOW, Reason.NOT_SET_UP)  # no other line would fare better


class InvitationFiles:
    def __init__(
        self, database: Database, settings: Callable[[], Settings], keys: Keys, clock: Callable[[], float]
    ) -> None:
        self._database = database
        self._settings = settings
        self._keys = keys
        self._clock = clock

    def work_off(self) -> bool:
        """A few lines of one file; whether there was one."""
        now = self._clock()
        with self._database.read() as connection:  # most of the time there is none
            if not invitation_files.any_due(connection, now) or messages.any_waiting(connection, now):
                return False
        with self._database.write() as connection:
            file = invitation_files.lease(connection, now, now + LEASE_SECONDS)
            organization = organizations.find(connection, file.organization_id) if file else None
        if file is None or organization is None:
            return False
        until = self._some_lines(file, organization)
        with self._database.write() as connection:
            invitation_files.rest(connection, file.id, until)
        return True

    def _some_lines(self, file: InvitationFile, organization: Organization) -> float:
        """Until when the file rests."""
        with self._database.read() as connection:
            lines = invitation_files.due(connection, file.id, self._clock(), most=LINES_AT_ONCE)
        for line in lines:
            try:
                with self._database.write() as connection:
                    self._invite(connection, file, organization, line)
            except RefusedError as refused:
                now = self._clock()
                self._write_down(file, line, refused, now)
                if refused.reason in FOR_ALL:
                    log.warning("invitations of a file wait: %s", refused.reason)
                    return now + min(refused.wait or PAUSE, PAUSE)
        return 0

    def _invite(self, connection: Connection, file: InvitationFile, organization: Organization, line: Line) -> None:
        now, key = self._clock(), self._keys.all(Use.INVITATIONS)[0]
        if not invitation_files.take(connection, file.id, line.line):
            return
        owner = accounts.owner(connection, line.kind, line.address)
        if owner and organizations.member(connection, organization.id, owner):
            raise RefusedError(Reason.MEMBER_ALREADY)
        invitation = Invitation(
            id=new_id(),
            organization_id=organization.id,
            kind=line.kind,
            address=line.address,
            country=line.country,
            locale=line.locale,
            roles=line.roles,
            invited_by=file.invited_by,
            created_at=now,
            expires_at=now + organization.settings.invitation_days * DAY,
        )
        inviting.send(connection, self._settings(), key, Asking(), invitation, organization.settings.name, now)

    def _write_down(self, file: InvitationFile, line: Line, refused: RefusedError, now: float) -> None:
        """After what it refused has rolled back. What time cures is tried again then."""
        wait = refused.wait or (PAUSE if refused.reason in FOR_ALL else 0)
        with self._database.write() as connection:
            if isinstance(refused, guarding.StoppedError):
                guarding.write_down(connection, refused, now)
            if wait:
                invitation_files.wait(connection, file.id, line.line, refused.reason, now + wait)
            else:
                invitation_files.refuse(connection, file.id, line.line, refused.reason)
