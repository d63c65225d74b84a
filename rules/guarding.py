"""The guard at its post: its records are read, judged and written in the transaction that charges for the message.

admit        may this message be sent? counted at once            raises StoppedError, and nothing was counted
sent         how many were, for the console and its alarms
write_down   what was stopped, in a transaction of its own
learn        the codes came back
kept         to a browser that had solved a challenge for it
unsent       the message did not leave, or did not arrive
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence

from rules import risk, risk_evidence, risk_reading, told_once
from rules.exceptions import is_let_through
from rules.refusals import Reason, RefusedError
from rules.risk import GO, Verdict, Why
from rules.risk_levels import ALLOW, CHALLENGE
from rules.risk_reading import Asked
from settings.console import Settings
from settings.guard import OFF, WATCH
from settings.webhooks import PUMPING_SUSPECTED
from storage import guard, webhook_events
from storage.database import Connection
from storage.guard import Record, Stop

HOUR = 3600
PASS_SECONDS = 600  # from a solved challenge to the message that it is for
PASS_HOUR = 3600  # from a solved challenge on, to the number that it was for, and the next one once that is proved
FREE_DIGITS = 4  # of a number, that a webhook is not told which asked for no numbers
PASS_MESSAGES = 2  # to one number: people ask twice


class StoppedError(RefusedError):
    """Not sent. The transaction rolls back; then :func:`write_down` what it was, in another one. ``known``: the number
    was proved before, so that somebody is bothered."""

    def __init__(self, asked: Asked, verdict: Verdict, *, known: bool) -> None:
        self.asked, self.verdict, self.known = asked, verdict, known
        if verdict.decision == CHALLENGE:
            super().__init__(Reason.CHALLENGE, effort=verdict.effort)
        else:
            super().__init__(Reason.TOO_MANY_MESSAGES if verdict.wait else Reason.NOT_TO_STRANGERS, verdict.wait)


def admit(
    connection: Connection,
    settings: Settings,
    asked: Asked,
    address: str,
    browser: str,
    now: float,
    *,
    cap: tuple[str, float] = ("", 0.0),
) -> None:
    """Count one more message. ``address`` is the visitor's whole one, ``browser`` the hash of its secret, whose solved
    challenge is spent here; ``cap`` of money: how much of it is used up. Raises StoppedError."""
    mode = settings.guard.mode
    if mode == OFF:
        return
    records = guard.load(connection, asked.keys.values())
    let_through = is_let_through(settings.exceptions, asked.number, address)
    verdict = GO if let_through else risk.with_cap(risk.judge(asked, records, now), asked, records, cap, now)
    solved = verdict.decision == CHALLENGE and guard.spend_pass(
        connection, browser, asked.number, now, seconds=PASS_HOUR, most=PASS_MESSAGES
    )
    if verdict.decision != ALLOW and not solved:
        if mode != WATCH:
            known = risk_reading.is_known(records[asked.keys["number"]], now)
            raise StoppedError(asked, verdict, known=known)
        guard.add_stop(connection, _stop(asked, verdict, watched=True), now)
        _tell(connection, asked, verdict, now)
    guard.save(connection, risk_evidence.count_sent(asked, records, now))
    if solved and not asked.withheld:
        guard.add_hour(connection, asked.country, asked.application, {"solved": 1}, now)


def sent(connection: Connection, times: Mapping[tuple[str, str, float], int]) -> None:
    """``times``: how many messages were let through, by country, application and a time within the hour."""
    for (country, application, hour), many in sorted(times.items()):  # in one order everywhere: no two can deadlock
        guard.add_hour(connection, country, application, {"sent": many}, hour)


def is_counted(settings: Settings, asked: Asked) -> bool:
    """Whether it is of those that :func:`sent` counts."""
    return settings.guard.mode != OFF and not asked.withheld


def write_down(connection: Connection, stopped: StoppedError, now: float) -> None:
    asked, verdict = stopped.asked, stopped.verdict
    if risk.holds(verdict):  # the records first, as everywhere: no two can deadlock
        records = guard.load(connection, [verdict.subject])
        guard.save(connection, [risk.held(verdict, records, now)])
    guard.add_stop(connection, _stop(asked, verdict, watched=False), now)
    what = "challenged" if verdict.decision == CHALLENGE else "refused"
    guard.add_hour(connection, asked.country, asked.application, {what: 1, "bothered": int(stopped.known)}, now)
    _tell(connection, asked, verdict, now)


def _tell(connection: Connection, asked: Asked, verdict: Verdict, now: float) -> None:
    """Webhooks hear of what is held against others like it; of a block by what its numbers begin with, and how narrow
    it is only where they asked for numbers."""
    if verdict.why in (Why.NUMBER, Why.PINNED, Why.CAP):
        return
    if told_once.is_due(connection, PUMPING_SUSPECTED, f"{verdict.decision}:{verdict.subject}", now):
        kind, _colon, key = verdict.subject.partition(":")
        block = key if kind.startswith("block") else ""
        data = {
            "country": asked.country,
            "block": block[: len(asked.number) - FREE_DIGITS],
            "reason": str(verdict.why),
            "decision": verdict.decision,
        }
        webhook_events.tell(connection, PUMPING_SUSPECTED, now, data, identifier={"block": block})


def _stop(asked: Asked, verdict: Verdict, *, watched: bool) -> Stop:
    """Of a number that had too many, its country stands for it: rows are few, and hold no number."""
    subject = f"country:{asked.country}" if verdict.why == Why.NUMBER else verdict.subject
    return Stop(verdict.decision, verdict.why, subject, asked.country, json.dumps(verdict.figures), watched)


def learn(connection: Connection, proofs: Sequence[tuple[str, float]]) -> None:
    """The codes that were sent to these numbers came back, each at its time."""
    numbers = guard.load(connection, [f"number:{number}" for number, _at in proofs])
    records = guard.load(connection, set().union(*map(risk_evidence.keys_of_note, numbers.values())))
    changed: dict[str, Record] = {}
    hours: Counter[tuple[str, str, float]] = Counter()
    for number, at in proofs:
        record = records[f"number:{number}"]
        if record.at:  # a number that the guard has forgotten, or never met, has nothing to undo
            note = risk_reading.read_note(record)
            hours[note.get("country", ""), note.get("application", ""), at // HOUR * HOUR] += 1
            changed |= {each.key: each for each in risk_evidence.count_proved(record, records, at)}
    guard.save(connection, changed.values())
    for (country, application, hour), times in sorted(hours.items()):
        guard.add_hour(connection, country, application, {"proved": times}, hour)


def kept(connection: Connection, browser: str, number: str, now: float) -> None:
    """Who solved a challenge and proved the number that it was for is not asked again within the hour."""
    guard.renew_pass(connection, browser, number, now)


def unsent(connection: Connection, number: str, now: float) -> None:
    """A message to a number did not leave, or did not arrive."""
    found = guard.peek(connection, f"number:{number}")
    if found is None or not found.score:
        return
    records = guard.load(connection, risk_evidence.keys_of_note(found))
    guard.save(connection, risk_evidence.count_unsent(records[found.key], records, now))


def reported(connection: Connection, number: str, *, delivered: bool, now: float) -> None:
    """The provider's last word on a message to a number."""
    found = guard.peek(connection, f"number:{number}")
    if found is None:
        return
    note = risk_reading.read_note(found)
    if not delivered:
        unsent(connection, number, now)
    what = "delivered" if delivered else "failed"
    guard.add_hour(connection, note.get("country", ""), note.get("application", ""), {what: 1}, now)


def solved(connection: Connection, browser: str, now: float) -> None:
    """A browser solved a challenge: its next message may go."""
    guard.add_pass(connection, browser, now, now + PASS_SECONDS)
