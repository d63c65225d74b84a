"""How many messages may be asked for, and how often a code may be guessed: every limit, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count, pairwise
from typing import Any

import pytest

from flows import console, sign_in, sign_up
from flows.outcomes import Done, Next, Refused, SignedIn
from rules import codes, limits, tries
from rules.refusals import RefusedError
from settings.console import Settings
from settings.keys import Use
from settings.sections import Limits
from settings.templates import WITH_CODE
from storage import accounts
from storage.database import DATABASE_AWAY
from tests.kit import WIDE, House, away, code_in
from tests.provider import Provider

NUMBER, E164 = "06 12 34 56 78", "+33612345678"
HOUR, DAY = 3600, 86400
BROWSERS = count()


def ask(house: House, phone: str = NUMBER, country: str = "FR", flow: Any = sign_in, **visitor: str) -> Any:
    """A first message, from a browser of its own."""
    who = house.visitor(visitor.pop("browser", f"browser {next(BROWSERS)}"), **visitor)
    return flow.start(house.services, who, phone, country)


def counted(house: House) -> dict[str, tuple[int, int, float]]:
    rows = house.sql("SELECT key, current, previous, last_at FROM counters ORDER BY key")
    return {row.key: (row.current, row.previous, row.last_at) for row in rows}


def number(n: int) -> str:
    """French mobile numbers, each in a block of its own."""
    return f"+336{n:04d}0000"


@pytest.fixture
def hour(house: House) -> House:
    """A house whose clock stands at the beginning of an hour, 100 s after it began, in the first hours of a day."""
    house.clock.stop()
    house.clock.forward(2 * DAY - house.clock() % DAY + HOUR + 100)
    return house


# Waits


def test_each_message_waits_longer_than_the_one_before_and_then_no_longer(hour: House) -> None:
    ticket = ask(hour, browser="mine").ticket
    for wait, following in pairwise((30, 60, 120, 300, 300, 300)):
        refused = sign_in.send_again(hour.services, hour.visitor("mine"), ticket)
        assert refused == Refused("wait", wait)
        hour.clock.forward(wait - 2)
        assert sign_in.send_again(hour.services, hour.visitor("mine"), ticket) == Refused("wait", 2)
        hour.clock.forward(2)
        assert sign_in.send_again(hour.services, hour.visitor("mine"), ticket) == Next("code", ticket)
        place = sign_in.code_page(hour.services, hour.visitor("mine"), ticket)
        assert place
        assert place.resend_in == following


def test_the_wait_is_the_numbers_and_not_the_browsers(house: House) -> None:
    house.clock.stop()
    assert isinstance(ask(house, browser="one"), Next)
    assert ask(house, browser="two") == Refused("wait", 30)
    assert ask(house, flow=sign_up, browser="two") != Refused("wait", 30)  # another purpose has a wait of its own
    assert house.count("messages") == 2


def test_a_wait_tells_its_seconds_to_browsers_too(house: House) -> None:
    house.clock.stop()
    house.browser().sign_in(NUMBER)
    page = house.browser().sign_in(NUMBER)
    assert page.status == 429
    assert page.page.headers["Retry-After"] == "30"
    assert "Try again in 30 seconds" in page.text


def test_a_clock_that_was_set_back_costs_one_wait_at_most(house: House) -> None:
    house.clock.stop()
    assert isinstance(ask(house, browser="one"), Next)
    house.clock.forward(-DAY)
    assert ask(house, browser="two") == Refused("wait", 30)


# What a message that was not sent gives back


def test_what_was_not_sent_costs_no_wait_no_count_and_no_money(house: House, provider: Provider) -> None:
    house.clock.stop()
    house.use_provider(provider.url)
    provider.answer(400, {"error": "bad_number"})
    ticket = ask(house, browser="mine").ticket
    assert all(current > 0 for key, (current, *_rest) in counted(house).items())
    house.deliver()
    assert {key: current for key, (current, *_rest) in counted(house).items()} == dict.fromkeys(counted(house), 0)
    assert len(counted(house)) == 8
    for _n in range(3):  # at once, each time
        assert sign_in.send_again(house.services, house.visitor("mine"), ticket) == Next("code", ticket)
        house.deliver()
    provider.answer(200)
    assert sign_in.send_again(house.services, house.visitor("mine"), ticket) == Next("code", ticket)
    assert sign_in.send_again(house.services, house.visitor("mine"), ticket) == Refused("wait", 30)


def test_what_is_given_back_for_one_message_does_not_shorten_the_wait_after_another(
    house: House, provider: Provider
) -> None:
    house.clock.stop()
    house.use_provider(provider.url)
    provider.answer(503)
    ticket = ask(house, browser="mine").ticket
    house.deliver()  # tried again later
    house.clock.forward(31)
    provider.answer(200)
    first = house.sql("SELECT id FROM messages")[0].id
    house.sql("UPDATE messages SET due_at = :soon", soon=house.clock() + 5)
    assert sign_in.send_again(house.services, house.visitor("mine"), ticket) == Next("code", ticket)
    house.deliver()  # the second is sent,
    provider.answer(400, {"error": "bad_number"})
    house.clock.forward(8)
    house.deliver()  # and the first is given up
    states = {row.id == first: row.state for row in house.sql("SELECT id, state FROM messages")}
    assert states == {True: "refused", False: "accepted"}
    outcome = sign_in.send_again(house.services, house.visitor("mine"), ticket)
    assert outcome == Refused("wait", 22)


def test_where_sign_up_is_off_a_refused_message_tells_nobody_who_has_an_account(
    house: House, provider: Provider
) -> None:
    house.clock.stop()
    house.use_provider(provider.url)
    ticket = ask(house, flow=sign_up, browser="member").ticket
    house.deliver()
    code = code_in(provider.requests[0].body)
    assert isinstance(sign_up.check_code(house.services, house.visitor("member"), ticket, code), SignedIn)
    house.set(sign_up={"enabled": False})
    provider.answer(400, {"error": "bad_number"})
    stranger = "+33698765432"
    tickets = {phone: ask(house, phone, browser=phone).ticket for phone in (E164, stranger)}
    house.deliver()
    assert len(provider.requests) == 2  # the stranger got none
    seen = []
    for phone, place in tickets.items():
        again = sign_in.send_again(house.services, house.visitor(phone), place)
        page = sign_in.code_page(house.services, house.visitor(phone), place)
        assert page
        seen.append((again, page.state, page.refusal, page.resend_in))
    assert seen[0] == seen[1]


# Counts


Step = Callable[[House, int], Any]


LIMITED: list[tuple[str, dict[str, Any], Step, str]] = [
    ("number and hour", {"number_hour": 3}, lambda h, n: ask(h), "too_many_messages"),
    ("number and day", {"number_day": 3}, lambda h, n: ask(h), "too_many_messages"),
    ("address", {"address_hour": 3}, lambda h, n: ask(h, number(n)), "too_many_messages"),
    (
        "IPv6 network",
        {"address_hour": 3},
        lambda h, n: ask(h, number(n), address=f"2001:db8::{n}"),
        "too_many_messages",
    ),
    ("block", {"block_hour": 3}, lambda h, n: ask(h, f"+33612340{n:03d}", address=f"10.0.0.{n}"), "too_many_messages"),
    ("country", {"country_day": 3}, lambda h, n: ask(h, number(n), address=f"10.0.0.{n}"), "no_messages_now"),
    ("money a day", {"day_cap": 0.15}, lambda h, n: ask(h, number(n), address=f"10.0.0.{n}"), "no_messages_now"),
    (
        "money a month",
        {"month_cap": 0.15, "day_cap": 0.15},
        lambda h, n: ask(h, number(n), address=f"10.0.0.{n}"),
        "no_messages_now",
    ),
]
SPANS = {"number and day": DAY, "country": DAY, "money a day": DAY, "money a month": 30 * DAY}


@pytest.mark.parametrize(("name", "limit", "step", "reason"), LIMITED, ids=[each[0] for each in LIMITED])
def test_a_limit_lets_so_many_through_and_counts_no_refusal(
    hour: House, name: str, limit: dict[str, Any], step: Step, reason: str
) -> None:
    hour.set(**{"money" if "money" in name else "limits": limit})
    for n in range(3):
        assert isinstance(step(hour, n), Next)
        hour.clock.forward(130)
    before = counted(hour)
    refused = step(hour, 3)
    assert isinstance(refused, Refused)
    assert refused.reason == reason
    assert counted(hour) == before
    assert hour.count("messages") == hour.count("tickets") == 3
    assert refused.wait
    assert refused.wait <= 2 * SPANS.get(name, HOUR)
    hour.clock.forward(refused.wait - 5)
    assert isinstance(step(hour, 4), Refused)
    hour.clock.forward(5)
    assert isinstance(step(hour, 5), Next)


@pytest.mark.parametrize(
    ("limit", "other"),
    [
        ({"number_hour": 1}, lambda h: ask(h, "+33612345679")),
        ({"address_hour": 1}, lambda h: ask(h, number(1), address="192.0.2.2")),
        ({"block_hour": 1}, lambda h: ask(h, "+33612355678")),
        ({"country_day": 1}, lambda h: ask(h, "07400 123456", "GB")),
    ],
    ids=["number", "address", "block", "country"],
)
def test_a_limit_leaves_others_alone(house: House, limit: dict[str, Any], other: Callable[[House], Any]) -> None:
    house.set(limits=limit)
    assert isinstance(ask(house), Next)
    house.clock.forward(60)
    assert isinstance(ask(house), Refused)
    assert isinstance(other(house), Next)


def test_of_an_ipv6_network_the_next_one_counts_for_itself(house: House) -> None:
    house.set(limits={"address_hour": 1})
    assert isinstance(ask(house, number(1), address="2001:db8:0:1::1"), Next)
    assert isinstance(ask(house, number(2), address="2001:db8:0:1:ffff::2"), Refused)
    assert isinstance(ask(house, number(3), address="2001:db8:0:2::1"), Next)
    assert isinstance(ask(house, number(4), address="::ffff:192.0.2.7"), Next)
    assert isinstance(ask(house, number(5), address="192.0.2.7"), Refused)  # the same address, written otherwise


def test_a_limit_is_one_for_sign_in_and_sign_up(house: House) -> None:
    house.set(limits={"number_hour": 1})
    assert isinstance(ask(house, flow=sign_in), Next)
    assert isinstance(ask(house, flow=sign_up), Refused)


def test_an_admin_is_warned_before_the_money_is_spent(house: House) -> None:
    house.set(money={"day_cap": 0.25, "month_cap": 1000.0})
    for n in range(3):
        ask(house, number(n))
        assert console.warnings(house.services).caps == ()
    ask(house, number(3))
    assert [name for name, _spent, _cap in console.warnings(house.services).caps] == ["day"]


def test_an_admin_is_warned_of_what_is_for_development_only(sqlite_house: House) -> None:
    """As where the settings were moved to production: strangers could have messages sent to nobody's numbers."""
    production = replace(sqlite_house.services.environment, production=True)
    services = replace(sqlite_house.services, environment=production)
    for possible, sign_up_enabled in ((True, True), (False, True), (True, False)):
        sqlite_house.set(phones={"allow_possible": possible}, sign_up={"enabled": sign_up_enabled})
        assert console.warnings(services).possible_numbers is (possible and sign_up_enabled)
        assert not console.warnings(sqlite_house.services).possible_numbers


@pytest.mark.parametrize("start", [0.0, 0.37, 0.5, 0.93])
def test_no_window_of_any_hour_holds_more_than_the_limit_allows(house: House, start: float) -> None:
    """Asked for every 20 s over three hours, the wait that a refusal names is exact, and the limit holds."""
    to = limits.Recipient(E164, E164[:-4], "FR", "192.0.2.1", "sign_in")
    settings = Settings(limits=Limits(**(WIDE | LOW)))
    now, taken, promised = 1_000_000 * HOUR + start * HOUR + 0.123, [], 0.0
    for _n in range(540):
        wait = _seconds_refused_for(house, settings, to, now)
        if wait:
            assert not promised or now + wait == pytest.approx(promised, abs=1)
            promised = now + wait
        else:
            assert now >= promised - 1
            taken.append(now)
            promised = 0.0
        now += 20
    assert len(taken) <= 3 * 5 + 5
    # A sliding window of two weighed periods is an estimate: at worst it lets a period's worth through twice.
    assert all(sum(at <= one < at + HOUR for one in taken) <= 2 * 5 - 1 for at in taken)


LOW: dict[str, Any] = {"number_hour": 5, "resend_waits": ("0",)}


def _seconds_refused_for(house: House, settings: Settings, to: limits.Recipient, now: float) -> int:
    """0 where the message was counted."""
    try:
        with house.services.database.write() as connection:
            limits.charge(connection, settings, to, now)
    except RefusedError as refused:
        return refused.wait or -1
    return 0


# Wrong codes


def guess(house: House, ticket: str, code: str) -> Any:
    return sign_in.check_code(house.services, house.visitor("mine"), ticket, code)


def new_place(house: House) -> str:
    """A ticket, once whatever wait there was is over."""
    house.clock.forward(301)
    return str(ask(house, browser="mine").ticket)


def right(house: House, ticket: str) -> str:
    """The newest code of a ticket."""
    row = house.sql("SELECT id FROM messages WHERE ticket_id = :t ORDER BY created_at DESC LIMIT 1", t=ticket)[0]
    return codes.derive(house.services.keys.all(Use.CODES)[0], row.id, E164, 6)


def wrong(house: House, ticket: str) -> str:
    return f"{(int(right(house, ticket)) + 1) % 10**6:06d}"  # no older code of this ticket but once in a million


def fail_ten_times(house: House, tickets: list[str]) -> None:
    for n in range(10):
        assert guess(house, tickets[n // 5], wrong(house, tickets[n // 5])).reason in ("wrong_code", "too_many_tries")


def test_a_new_code_gives_no_new_tries(house: House) -> None:
    ticket = new_place(house)
    for left in (4, 3, 2, 1):
        assert guess(house, ticket, wrong(house, ticket)) == Refused("wrong_code", values={"tries_left": left})
    house.clock.forward(31)
    assert sign_in.send_again(house.services, house.visitor("mine"), ticket) == Next("code", ticket)
    assert guess(house, ticket, wrong(house, ticket)) == Refused("too_many_tries", values={"tries_left": 0})
    assert guess(house, ticket, right(house, ticket)) == Refused("too_many_tries")


def test_after_ten_wrong_codes_a_number_waits_longer_and_longer(house: House) -> None:
    house.clock.stop()
    tickets = [new_place(house) for _ in range(3)]
    fail_ten_times(house, tickets)
    for wait in (30, 60, 120, 240, 480):
        before = counted(house)
        refused = guess(house, tickets[2], wrong(house, tickets[2]))
        assert refused.reason == "try_later"
        assert refused.wait == wait
        assert guess(house, tickets[2], right(house, tickets[2])).reason == "try_later"  # the right one waits too
        assert counted(house) == before  # and neither spends a try
        house.clock.forward(wait)
        assert guess(house, tickets[2], wrong(house, tickets[2])).reason in ("wrong_code", "too_many_tries")


def test_the_longest_wait_is_an_hour(house: House) -> None:
    house.clock.stop()
    ticket = new_place(house)
    guess(house, ticket, wrong(house, ticket))
    for failures, wait in ((16, 1920), (17, 3600), (18, 3600), (99, 3600)):
        house.sql("UPDATE counters SET current = :failures WHERE key LIKE 'failures:%'", failures=failures)
        refused = guess(house, ticket, right(house, ticket))
        assert refused.reason == "try_later"
        assert refused.wait == wait


def test_a_right_code_ends_the_row_of_wrong_ones(house: House) -> None:
    tickets = [new_place(house) for _ in range(3)]
    fail_ten_times(house, tickets)
    house.clock.forward(30)
    assert guess(house, tickets[2], right(house, tickets[2])) == Next("create_account", tickets[2])
    house.worker.learning.run()
    tickets = [new_place(house) for _ in range(3)]
    fail_ten_times(house, tickets)
    assert guess(house, tickets[2], wrong(house, tickets[2])).reason == "try_later"


def test_wrong_codes_that_follow_a_right_one_are_not_forgotten_with_those_before_it(house: House) -> None:
    tickets, proved = [new_place(house) for _ in range(2)], new_place(house)
    assert guess(house, proved, right(house, proved)) == Next("create_account", proved)
    house.clock.forward(0.1)
    for n in range(9):
        assert guess(house, tickets[n // 5], wrong(house, tickets[n // 5])).reason in ("wrong_code", "too_many_tries")
    house.worker.learning.run()
    assert guess(house, tickets[1], wrong(house, tickets[1])).reason == "try_later"


def test_after_a_hundred_in_a_row_codes_stop_until_an_admin_opens_the_number(house: House) -> None:
    for _n in range(100):
        house.clock.forward(HOUR)
        ticket = new_place(house)
        assert guess(house, ticket, wrong(house, ticket)).reason == "wrong_code"
    house.clock.forward(30 * DAY)
    ticket = new_place(house)
    assert guess(house, ticket, right(house, ticket)) == Refused("stopped")
    ran = house.app.test_cli_runner().invoke(args=["numbers", "open", E164])
    assert ran.output == "Open.\n"
    assert guess(house, ticket, right(house, ticket)) == Next("create_account", ticket)


def test_an_admin_opens_a_number_for_whatever_codes_are_for(sqlite_house: House) -> None:
    services = sqlite_house.services
    with services.database.write() as connection:
        for usage in WITH_CODE:
            tries.count(connection, services.settings(), f"a ticket of {usage}", usage, E164, services.clock())
    assert console.open_number(services, "ada", E164, "") == Done()
    assert sqlite_house.sql("SELECT key FROM counters WHERE key LIKE 'failures:%'") == []


def test_wrong_codes_of_one_number_do_not_touch_another(house: House) -> None:
    tickets = [new_place(house) for _ in range(2)]
    fail_ten_times(house, tickets)
    other = ask(house, "+33698765432", browser="mine").ticket
    assert guess(house, other, "000000").reason != "try_later"


# No count, no message


def test_where_nothing_can_be_counted_nothing_is_sent_and_no_code_is_looked_at(hasty_house: House) -> None:
    house = hasty_house
    ticket = new_place(house)
    code = right(house, ticket)
    with away(house.database_url):
        with pytest.raises(DATABASE_AWAY):
            ask(house, number(1))
        with pytest.raises(DATABASE_AWAY):
            guess(house, ticket, code)
    assert house.count("messages") == house.count("tickets") == 1
    assert guess(house, ticket, code) == Next("create_account", ticket)


def test_a_page_without_its_database_says_that_nothing_was_sent_and_keeps_working_later(hasty_house: House) -> None:
    browser = hasty_house.browser().open("/sign-in")
    with away(hasty_house.database_url):
        browser.send(country="FR", phone=NUMBER)
    assert browser.status == 503
    assert browser.page.headers["Retry-After"] == "5"
    assert "nothing was sent" in browser.text
    assert hasty_house.count("messages") == 0
    assert browser.sign_in(NUMBER).path == "/sign-in/code"
    assert hasty_house.count("messages") == 1


# A counted try stays counted


@pytest.mark.parametrize("flow", [sign_in, sign_up], ids=["sign_in", "sign_up"])
def test_a_later_failure_does_not_undo_a_counted_try(house: House, monkeypatch: pytest.MonkeyPatch, flow: Any) -> None:
    begun = ask(house, browser="mine", flow=flow)

    def fail(*_arguments: Any) -> None:
        raise RuntimeError("on purpose")

    monkeypatch.setattr(accounts, "by_identifier", fail)
    with pytest.raises(RuntimeError, match="on purpose"):
        flow.check_code(house.services, house.visitor("mine"), begun.ticket, right(house, begun.ticket))
    failures = {key: current for key, (current, *_rest) in counted(house).items() if key.startswith(("tries", "fail"))}
    assert sorted(failures.values()) == [1, 1]
    assert house.count("sessions") == house.count("accounts") == 0
