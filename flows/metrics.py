"""What an operator watches at night, from the database: the same from whichever server tells it.

read    the figures; without the database only that it is away

No label names a person, a number, a country or an account, so series are as few as connectors and states. What counts
by the day begins anew at midnight (UTC), which Prometheus takes for a restart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from platform import python_version

from flows.services import Services
from rules import limits
from settings.version import VERSION
from storage import alarms, circuits, guard_reports, metrics, webhooks
from storage.database import DATABASE_AWAY, Connection
from storage.guard_reports import Counts

DAY, HOUR = 86400, 3600
LATELY = 300  # seconds
ALARM_SEEN = 300  # seconds; workers look once a minute
COUNTER, GAUGE, HISTOGRAM = "counter", "gauge", "histogram"


@dataclass(frozen=True)
class Sample:
    """``end``: what stands behind the metric's name, such as _sum."""

    value: float
    labels: Mapping[str, str]
    end: str = ""


@dataclass(frozen=True)
class Metric:
    """``kind``: counter, gauge or histogram."""

    name: str
    kind: str
    help: str
    samples: tuple[Sample, ...]


def read(services: Services) -> list[Metric]:
    found = list(_about(services))
    try:
        with services.database.read() as connection:
            for part in (_messages, _providers, _guard, _money, _webhooks):
                found += part(connection, services)
    except DATABASE_AWAY:
        return [*found[:2], _gauge("doorcode_database_up", "Whether the database answers.", 0)]
    return [*found, _gauge("doorcode_database_up", "Whether the database answers.", 1)]


def _gauge(name: str, text: str, value: float) -> Metric:
    return Metric(name, GAUGE, text, (Sample(value, {}),))


def _about(services: Services) -> Iterator[Metric]:
    database = "sqlite" if services.database.is_sqlite else "postgresql"
    build = {"version": VERSION, "python": python_version(), "database": database}
    yield Metric("doorcode_build_info", GAUGE, "What is running; always 1.", (Sample(1, build),))
    version = services.settings().version
    yield _gauge("doorcode_settings_version", "The version of the settings in force in this process.", version)


def _messages(connection: Connection, services: Services) -> Iterator[Metric]:
    now = services.clock()
    lines = metrics.queue(connection)
    yield Metric(
        "doorcode_queue_messages",
        GAUGE,
        "Messages in the outbox that are not done with.",
        tuple(
            Sample(lines[state].waiting if state in lines else 0, {"state": state}) for state in ("queued", "sending")
        ),
    )
    age = max((now - line.oldest for line in lines.values() if line.oldest is not None), default=0.0)
    yield _gauge("doorcode_queue_oldest_seconds", "Age of the oldest message in the outbox; 0 where none waits.", age)
    yield Metric(
        "doorcode_recent_messages",
        GAUGE,
        "Messages asked for in the last five minutes, by how they stand now.",
        tuple(
            Sample(times, {"state": state, "connector": connector})
            for state, connector, times in metrics.recent(connection, now - LATELY)
        ),
    )
    yield Metric(
        "doorcode_messages_total",
        COUNTER,
        "Messages that are over, since midnight UTC; counted every five minutes.",
        tuple(
            Sample(times, {"connector": connector, "outcome": outcome})
            for connector, outcomes in metrics.today(connection, now).items()
            for outcome, times in outcomes.items()
        ),
    )


def _providers(connection: Connection, services: Services) -> Iterator[Metric]:
    yield Metric(
        "doorcode_recent_refusals",
        GAUGE,
        "Provider calls of the last five minutes that were refused or left unclear.",
        tuple(
            Sample(times, {"connector": connector, "kind": kind})
            for connector, kind, times in metrics.refusals(connection, services.clock() - LATELY)
        ),
    )
    failing = circuits.read_all(connection)
    names = sorted({*services.settings().connectors.in_use(), *failing})
    yield Metric(
        "doorcode_circuit_open",
        GAUGE,
        "Whether a connector is left alone because it failed time and again.",
        tuple(Sample(int(_is_open(failing, name)), {"connector": name}) for name in names),
    )
    yield Metric(
        "doorcode_circuit_failures",
        GAUGE,
        "How often in a row a connector has failed.",
        tuple(Sample(failing[name].failures if name in failing else 0, {"connector": name}) for name in names),
    )


def _is_open(failing: Mapping[str, circuits.Circuit], name: str) -> bool:
    return name in failing and failing[name].opened_at is not None


def _guard(connection: Connection, services: Services) -> Iterator[Metric]:
    now = services.clock()
    hours = guard_reports.by_hour(connection, int(now // DAY) * DAY // HOUR).values()
    counts = Counts(*map(sum, zip(*(vars(hour).values() for hour in hours), strict=True))) if hours else Counts()
    decisions = {"allow": counts.sent, "challenge": counts.challenged, "refuse": counts.refused}
    yield Metric(
        "doorcode_guard_decisions_total",
        COUNTER,
        "What the guard decided about messages to numbers, since midnight UTC; none while it is off.",
        tuple(Sample(times, {"decision": decision}) for decision, times in decisions.items()),
    )
    for name, text, value in (
        ("solved", "Messages that a solved challenge let through", counts.solved),
        ("proved", "Codes to numbers that were typed back, as the guard learnt", counts.proved),
        ("bothered", "Challenges and refusals of numbers that were proved before", counts.bothered),
    ):
        yield Metric(f"doorcode_guard_{name}_total", COUNTER, f"{text}, since midnight UTC.", (Sample(value, {}),))
    raised = [alarm.kind for alarm in alarms.since(connection, now - ALARM_SEEN)]
    yield Metric(
        "doorcode_alarms",
        GAUGE,
        "Alarms that go on now, by kind.",
        tuple(Sample(raised.count(kind), {"kind": kind}) for kind in sorted(set(raised))),
    )
    on = int(services.settings().guard.sms)
    yield _gauge("doorcode_text_messages_on", "Whether the guard's switch lets text messages go at all.", on)


def _money(connection: Connection, services: Services) -> Iterator[Metric]:
    settings = services.settings()
    spent = limits.spent(connection, settings, services.clock())
    labels = [{"cap": name, "currency": settings.money.currency} for name, _used, _cap in spent]
    yield Metric(
        "doorcode_money_spent",
        GAUGE,
        "What messages cost in the last day and the last 30 days, as the caps count it.",
        tuple(Sample(used, label) for (_name, used, _cap), label in zip(spent, labels, strict=True)),
    )
    yield Metric(
        "doorcode_money_cap",
        GAUGE,
        "What they may cost.",
        tuple(Sample(cap, label) for (_name, _used, cap), label in zip(spent, labels, strict=True)),
    )


def _webhooks(connection: Connection, services: Services) -> Iterator[Metric]:
    line = metrics.webhooks(connection)
    age = services.clock() - line.oldest if line.oldest is not None else 0.0
    text = "Events that wait to be told to webhooks."
    yield _gauge("doorcode_webhooks_waiting", text, line.waiting)
    yield _gauge("doorcode_webhooks_oldest_seconds", "Age of the oldest of them; 0 where none waits.", age)
    off = webhooks.count_off_by_itself(connection)
    yield _gauge("doorcode_webhooks_off", "Webhooks that were switched off because they failed for days.", off)
