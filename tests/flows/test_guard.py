"""The guard on the live path: real forms, the real clock moved by hand, real processes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from flows import contacts, guard_pass, sign_in
from flows.outcomes import Next, Refused
from rules import codes, guarding
from rules.tokens import new_id
from settings.keys import Use
from storage import accounts, guard
from storage.guard import Record
from storage.sessions import Audience, Session
from tests.flows.test_races import at_once, spread
from tests.kit import House
from tests.racing import race

BLOCK = "+3361234"  # and four digits more


@pytest.fixture(autouse=True)
def guarded(house: House) -> None:
    house.set(guard={"mode": "on"})


def ask(house: House, number: str, *, address: str = "198.51.100.7", browser: str = "") -> object:
    return sign_in.start(house.services, house.visitor(browser or number, address), number, "FR")


def prove(house: House, number: str) -> None:
    """The newest code of a number is typed back."""
    with house.services.database.write() as connection:
        guarding.learn(connection, [(number, house.clock())])


def numbered(n: int, block: str = BLOCK) -> str:
    """A number of the block, far from the one before it."""
    return f"{block}{n * 3701 % 10000:04d}"


def stranger(n: int) -> str:
    """An address of its own each time."""
    return f"11.{n // 250}.{n % 250}.9"


def reasons(outcomes: list[object]) -> Counter[str]:
    return Counter(outcome.reason if isinstance(outcome, Refused) else type(outcome).__name__ for outcome in outcomes)


def attack(house: House, times: int, *, block: str = BLOCK, apart: float = 30) -> list[object]:
    """So many numbers of a block, from as many addresses, none of them proved."""
    found = []
    for n in range(times):
        found.append(ask(house, numbered(n, block), address=stranger(n)))
        house.clock.forward(apart)
    return found


def test_a_block_that_proves_nothing_is_challenged_and_then_refused(house: House) -> None:
    found = attack(house, 30)
    assert set(reasons(found)) == {"Next", "challenge"}
    assert house.count("messages") <= 5
    for n in range(30, 60):  # whoever solves the challenge and proves nothing is refused in the end
        browser = f"a robot {n}"
        guard_pass.solved(house.services, house.visitor(browser))
        found.append(ask(house, numbered(n), address=stranger(n), browser=browser))
    assert reasons(found)["not_to_strangers"] > 20
    assert house.count("messages") <= 6


def test_a_solved_challenge_is_good_for_one_message(house: House) -> None:
    attack(house, 30)
    guard_pass.solved(house.services, house.visitor("ann"))
    outcome = ask(house, numbered(777), address=stranger(77), browser="ann")
    assert isinstance(outcome, Next)
    again = ask(house, numbered(778), address=stranger(77), browser="ann")
    assert isinstance(again, Refused)


def test_a_pass_that_is_old_opens_nothing(house: House) -> None:
    attack(house, 30)
    guard_pass.solved(house.services, house.visitor("ann"))
    house.clock.forward(guarding.PASS_SECONDS + 1)
    assert isinstance(ask(house, numbered(777), address=stranger(77), browser="ann"), Refused)


def test_a_number_that_was_proved_keeps_working(house: House) -> None:
    ask(house, numbered(500), address=stranger(500))
    prove(house, numbered(500))
    attack(house, 60)
    assert isinstance(ask(house, numbered(500), address=stranger(501)), Next)


def test_a_proof_is_learnt_once_also_where_learning_breaks_off(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.browser().sign_in("06 12 34 56 78").type_code()
    house.sql("DELETE FROM guard_hours")
    with monkeypatch.context() as broken:
        broken.setattr(guard, "save", lambda *_args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            house.worker.learning.run()
    for _ in range(2):
        house.worker.learning.run()
    assert house.sql("SELECT sum(proved) FROM guard_hours")[0][0] == 1
    assert house.sql("SELECT count(verified_at) FROM messages")[0][0] == 1
    assert house.sql("SELECT count(typed_back) FROM tickets")[0][0] == 0


def test_what_was_sent_is_counted_once_also_where_counting_breaks_off(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(house, numbered(500), address=stranger(500))
    with monkeypatch.context() as broken:
        broken.setattr(guard, "add_hour", lambda *_args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            house.worker.learning.run()
    for _ in range(2):
        house.worker.learning.run()
    assert house.sql("SELECT sum(sent) FROM guard_hours")[0][0] == 1


def test_numbers_elsewhere_keep_working(house: House) -> None:
    attack(house, 60)
    assert isinstance(ask(house, "+33755512345", address=stranger(600)), Next)


def test_what_was_stopped_is_written_down_with_its_figures(house: House) -> None:
    attack(house, 30)
    rows = house.sql("SELECT decision, reason, subject, figures, times, watched FROM guard_stops")
    assert {(row.decision, row.reason, row.watched) for row in rows} == {("challenge", "block_unproved", 0)}
    assert sum(row.times for row in rows) == 30 - house.count("messages")
    house.worker.learning.run()
    hours = house.sql("SELECT sum(sent) AS sent, sum(challenged) AS challenged FROM guard_hours")[0]
    assert (hours.sent, hours.sent + hours.challenged) == (house.count("messages"), 30)


def test_watching_sends_everything_and_writes_down_what_it_would_have_stopped(house: House) -> None:
    house.set(guard={"mode": "watch"})
    assert reasons(attack(house, 30)) == {"Next": 30}
    stops = house.sql("SELECT decision, watched FROM guard_stops")
    assert {(row.decision, row.watched) for row in stops} == {("challenge", 1), ("refuse", 1)}


def test_allowed_numbers_and_networks_are_left_alone(house: House) -> None:
    attack(house, 30)
    house.set(exceptions={"allowed_numbers": ["+336123490*"]})
    assert isinstance(ask(house, "+33612349017", address=stranger(90)), Next)
    house.set(exceptions={"allowed_networks": ["203.0.113.0/24"]})
    assert isinstance(ask(house, numbered(801), address="203.0.113.9"), Next)


def test_without_text_messages_none_is_sent(house: House) -> None:
    house.set(guard={"sms": False})
    assert reasons([ask(house, numbered(1))]) == {"not_set_up": 1}
    assert house.count("messages") == 0


@pytest.mark.parametrize(("pin", "found"), [("refuse", "not_to_strangers"), ("challenge", "challenge")])
def test_an_admin_pins_a_country(house: House, pin: str, found: str) -> None:
    with house.services.database.write() as connection:
        guard.pin(connection, "country:FR", pin, house.clock())
    assert reasons([ask(house, numbered(1))]) == {found: 1}


def test_an_admin_lets_a_block_through_and_lifts_what_is_held_against_it(house: House) -> None:
    attack(house, 30)
    with house.services.database.write() as connection:
        guard.pin(connection, f"block4:{BLOCK}", "allow", house.clock())
    assert isinstance(ask(house, numbered(901), address=stranger(91)), Next)
    with house.services.database.write() as connection:
        guard.pin(connection, f"block4:{BLOCK}", "", house.clock())
        guard.lift(connection, f"block4:{BLOCK}")
    assert isinstance(ask(house, numbered(902), address=stranger(92)), Next)


def test_a_number_that_is_bombed_gets_few_messages_and_its_owner_is_let_in_from_home(house: House) -> None:
    number, home = "+33612345678", "203.0.113.5"
    ask(house, number, address=home)
    prove(house, number)
    house.clock.forward(3600)
    found = []
    for n in range(100):
        found.append(ask(house, number, address=stranger(n), browser=f"b{n}"))
        house.clock.forward(216)
    assert reasons(found)["Next"] <= 7
    assert reasons(found)["too_many_messages"] > 90
    house.clock.forward(3600)
    assert isinstance(ask(house, number, address=home, browser="home"), Next)


def test_a_message_that_did_not_arrive_is_held_against_nobody(house: House) -> None:
    attack(house, 3)
    with house.services.database.write() as connection:
        for n in range(3):
            guarding.unsent(connection, numbered(n), house.clock())
    assert {row.score for row in house.sql("SELECT score FROM guard_evidence WHERE key LIKE 'block%'")} == {0}


# 500 at once, from 200 addresses, to one block


def burst(house: House, share: list[tuple[str, str]]) -> list[str]:
    return at_once(lambda way: ask(house, way[0], address=way[1]), share)


def remember_in_the_process() -> None:
    """Breaks the build: each process keeps what it knows to itself."""
    kept: dict[str, Record] = {}

    def load(_connection: Any, keys: Any) -> dict[str, Record]:
        return {key: kept.setdefault(key, Record(key)) for key in keys}

    guard.load = load


def run_burst(house: House, tmp_path: Path, breaking: str = "") -> Counter[str]:
    ways = [(numbered(n), stranger(n % 200)) for n in range(500)]
    answers = race(house.database_url, tmp_path / "instance", f"{__name__}:burst", spread(ways), breaking)
    return Counter(name for answer in answers for name in answer)


def test_a_burst_is_held_to_what_one_after_the_other_would_get(house: House, tmp_path: Path) -> None:
    at_once_sent = run_burst(house, tmp_path)["Next"]
    assert at_once_sent == house.count("messages")
    other = "+3369876"
    one_by_one = reasons([ask(house, numbered(n, other), address=f"12.0.{n % 200}.9") for n in range(60)])["Next"]
    assert at_once_sent == one_by_one
    assert at_once_sent <= 5


def test_a_burst_would_get_more_if_each_process_remembered_for_itself(house: House, tmp_path: Path) -> None:
    assert run_burst(house, tmp_path, f"{__name__}:remember_in_the_process")["Next"] > 5


# People prove their numbers while an attack is refused: nobody waits for each other for ever


def come_in(house: House, numbers: list[str]) -> list[str]:
    return at_once(lambda number: come_in_once(house, number), numbers)


def come_in_once(house: House, number: str) -> object:
    """A whole visit for numbers elsewhere; one request for those of the block."""
    outcome = ask(house, number, address=f"10.{number[-6:-4]}.{number[-4:-2]}.{number[-2:]}".replace(".0", "."))
    if number.startswith(BLOCK) or not isinstance(outcome, Next):
        return outcome
    message = house.sql("SELECT id, digits FROM messages WHERE ticket_id = :id", id=outcome.ticket)[0]
    code = codes.derive(house.services.keys.all(Use.CODES)[0], message.id, number, message.digits)
    visitor = house.visitor(number, "10.1.1.1")
    return sign_in.check_code(house.services, visitor, outcome.ticket, code)


def test_proofs_and_refusals_at_once_do_not_block_each_other(house: House, tmp_path: Path) -> None:
    attack(house, 12)
    house.set(exceptions={"allowed_numbers": ["+3377*"]})  # how soon they prove themselves is for the machine to say
    people = [f"+3377{n * 7919 % 100:02d}{n * 3701 % 10000:04d}{n:02d}"[:12] for n in range(60)]
    numbers = [number for pair in zip(people, [numbered(n) for n in range(100, 160)], strict=True) for number in pair]
    answers = race(house.database_url, tmp_path / "instance", f"{__name__}:come_in", spread(numbers))
    found = Counter(name for answer in answers for name in answer)
    assert found["Next"] + found["SignedIn"] >= 60, found
    house.worker.learning.run()
    proved = house.sql("SELECT count(*) FROM guard_evidence WHERE key LIKE 'number:+3377%' AND usual_proved > 0")
    assert proved[0][0] == 60


# A number that takes another's place is told of in the transaction that proves it, while others ask for codes


def replace_or_ask(house: House, things: list[Any]) -> list[str]:
    return at_once(lambda thing: replace_one(house, thing) if isinstance(thing, tuple) else ask(house, thing), things)


def replace_one(house: House, thing: tuple[str, str, str, str]) -> object:
    """``thing``: an account's id, its new number, the ticket and the code."""
    account_id, number, ticket, code = thing
    visitor, owner = house.visitor(number, "10.1.1.1"), session_of(account_id)
    return contacts.check_code(house.services, visitor, owner, "phone", ticket, code)


def session_of(account_id: str) -> Session:
    return Session(new_id(), "", Audience.ACCOUNT, account_id, 0, 2e9, "", "")


def about_to_replace(house: House, n: int) -> tuple[str, str, str, str]:
    account_id, old, new = new_id(), f"+3377{n:02}000000"[:12], f"+3378{n:02}000000"[:12]
    with house.services.database.write() as connection:
        accounts.create(connection, account_id, accounts.Identifier("phone", old, "FR"), "en", house.clock())
    visitor, session = house.visitor(new, "10.1.1.1"), session_of(account_id)
    name = contacts.own(house.services, session, "phone")[0].id
    outcome = contacts.start(house.services, visitor, session, "phone", new, "FR", name)
    assert isinstance(outcome, Next), outcome
    message = house.sql("SELECT id, digits FROM messages WHERE ticket_id = :id", id=outcome.ticket)[0]
    code = codes.derive(house.services.keys.all(Use.CODES)[0], message.id, new, message.digits)
    return account_id, new, outcome.ticket, code


def test_a_number_is_replaced_while_others_ask_for_codes(house: House, tmp_path: Path) -> None:
    house.set(guard={"mode": "watch"})
    replaced = [about_to_replace(house, n) for n in range(20)]
    asked = [f"+3379{n * 7919 % 100:02d}{n * 3701 % 10000:04d}{n:02d}"[:12] for n in range(80)]
    things = [thing for n, one in enumerate(replaced) for thing in (*asked[4 * n : 4 * n + 4], one)]
    answers = race(house.database_url, tmp_path / "instance", f"{__name__}:replace_or_ask", spread(things))
    found = Counter(name for answer in answers for name in answer)
    assert found["Done"] == len(replaced), found
    assert found["Next"] >= 70, found
