"""The guard's room in the console: what it does and why, and an admin's word above it.

report       what it stopped, challenged and let through in some days, what stands now, who decided what
suspicion    whether somebody is pumping at this moment
react        challenge, refuse, let through, leave to the evidence, or begin anew: a level   -> done | refused
react_to     the same of something that is typed                                            -> done | refused
switch       the guard itself, or text messages altogether                                  -> done | refused
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from flows import change_settings
from flows.outcomes import Done, Refused
from flows.services import Services
from rules import countries, standing
from rules.addresses import limit_key
from rules.risk_levels import ALLOW, CHALLENGE, REFUSE
from rules.risk_reading import network_of
from rules.standing import PINNABLE, UNPINNED, Reaction, Suspicion, hour_of
from settings.console import Settings, write_document
from storage import alarms, audit, guard, guard_reports
from storage.alarms import RaisedAlarm
from storage.audit import Entry, Filters
from storage.guard_reports import Counts, Stopped

HOUR, DAY = 3600, 86400
SPANS = (1, 7, 30, 90)  # days
SHOWN = 50
LAST_DECISIONS = 10
LONGEST_NOTE = 300
PIN, LIFT, FREE = (CHALLENGE, REFUSE, ALLOW), "lift", "free"  # what an admin can do about a level


@dataclass(frozen=True)
class Report:
    """``points``: (start in seconds, counts), an hour each for a day and a day each for more; ``countries``: what was
    asked for most first; ``would``: messages that would have been challenged and refused, watching; ``saved`` and
    ``spent``: estimates in ``currency``."""

    points: list[tuple[int, Counts]]
    total: Counts
    would: tuple[int, int]
    countries: list[tuple[str, Counts]]
    stops: list[Stopped]
    reactions: list[Reaction]
    decisions: list[Entry]
    alarms: list[RaisedAlarm]
    saved: float
    spent: float
    currency: str


def report(services: Services, span: int) -> Report:
    """The last ``span`` days, the hour that is running among them."""
    now, settings = services.clock(), services.settings()
    since = hour_of(now) - 24 * span + 1
    with services.database.read() as connection:
        hours = guard_reports.by_hour(connection, since)
        by_country = guard_reports.by_country(connection, since)
        would = [guard_reports.stopped(connection, since, each, watched=True) for each in (CHALLENGE, REFUSE)]
        stops = guard_reports.stops(connection, since, most=SHOWN)
        reactions = standing.reactions(connection, now)
        decisions = audit.find(connection, Filters(area="guard"), most=LAST_DECISIONS)
        raised = alarms.since(connection, now - span * DAY)
    total, price = _sum(list(hours.values())), settings.money.price
    return Report(
        points=_points(hours, now, span),
        total=total,
        would=(would[0], would[1]),
        countries=sorted(by_country.items(), key=lambda each: (-each[1].sent - each[1].stopped, each[0])),
        stops=stops,
        reactions=reactions,
        decisions=decisions,
        alarms=raised,
        saved=standing.saved(total, price),
        spent=total.sent * price,
        currency=settings.money.currency,
    )


def _points(hours: dict[int, Counts], now: float, span: int) -> list[tuple[int, Counts]]:
    if span == 1:
        last = hour_of(now)
        return [(hour * HOUR, hours.get(hour, Counts())) for hour in range(last - 23, last + 1)]
    today = int(now // DAY)
    days = range(today - span + 1, today + 1)
    return [(day * DAY, _sum([hours[hour] for hour in hours if hour // 24 == day])) for day in days]


def _sum(counts: list[Counts]) -> Counts:
    return Counts(*map(sum, zip(*(vars(each).values() for each in counts), strict=True))) if counts else Counts()


def suspicion(services: Services) -> Suspicion | None:
    with services.database.read() as connection:
        return standing.suspicion(connection, services.clock())


def react(services: Services, author: str, subject: str, action: str, note: str = "") -> Done | Refused:
    """``action``: challenge, refuse or allow stand until another word; free leaves it to the evidence again; lift
    forgets the evidence too. The note stays in the audit log."""
    kind, _colon, key = subject.partition(":")
    known = kind in PINNABLE or (kind in UNPINNED and action == LIFT)
    if not known or not (key or kind == "elsewhere") or action not in (*PIN, LIFT, FREE) or len(subject) > 80:
        return Refused("no_such_subject")
    now = services.clock()
    details = {"about": subject, "note": _tidy(note)}
    with services.database.write() as connection:
        guard.load(connection, [subject])  # so that no message that is being counted writes over it
        guard.pin(connection, subject, action if action in PIN else "", now)
        if action == LIFT:
            guard.lift(connection, subject)
        audit.add(connection, Entry(now, author, f"guard.{action}", {k: v for k, v in details.items() if v}))
    return Done()


def react_to(services: Services, author: str, kind: str, typed: str, action: str, note: str) -> Done | Refused:
    """``kind``: country, address or network, of which ``typed`` is one."""
    subject = _subject(kind, typed.strip())
    if not subject or action not in PIN:
        return Refused("no_such_subject")
    return react(services, author, subject, action, note)


def _subject(kind: str, typed: str) -> str:
    if kind == "country":
        return f"country:{typed}" if countries.known(typed) else ""
    try:
        if kind == "network":
            return f"network:{network_of(str(ip_network(typed, strict=False).network_address))}"
        return f"address:{limit_key(str(ip_address(typed)))}" if kind == "address" else ""
    except ValueError:
        return ""


def switch(services: Services, author: str, name: str, value: object, note: str = "") -> Done | Refused:
    """``name``: sms (on or off) or mode; of the guard's settings."""
    document = write_document(services.settings())
    document["guard"][name] = value
    outcome = change_settings.save(services, author, document)
    if _tidy(note) and isinstance(outcome, Done):
        details = {"about": f"{name}: {value}", "note": _tidy(note)}
        with services.database.write() as connection:
            audit.add(connection, Entry(services.clock(), author, "guard.switched", details))
    return outcome


def _tidy(note: str) -> str:
    return " ".join(note.split())[:LONGEST_NOTE]


def ways_without_sms(settings: Settings) -> list[str]:
    """The ways in that need no text message: passkey, phone_password, email_code, email_password, username_password."""
    ways = ["passkey"] if settings.sign_in.passkey else []
    for kind in ("phone", "email", "username"):
        methods = settings.sign_in.methods(kind)
        ways += [f"{kind}_{method}" for method in methods if (kind, method) != ("phone", "code")]
    if not settings.connectors.email:
        ways = [way for way in ways if way != "email_code"]
    return ways if settings.sign_in.enabled else []
