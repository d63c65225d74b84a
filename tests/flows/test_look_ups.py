"""A provider is asked of what kind a number is where the guard's decision hangs on it, and never otherwise."""

from __future__ import annotations

import pytest

from delivery import look_up
from flows import guard_pass
from flows.outcomes import Next
from tests.flows.test_guard import ask, attack, numbered, prove, reasons, stranger
from tests.kit import House
from tests.lookups.test_providers import TYPED, line_of_twilio
from tests.provider import Provider

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what cannot differ between databases


@pytest.fixture(autouse=True)
def looks_up(house: House, provider: Provider) -> None:
    config = TYPED["twilio"] | {"base_url": provider.url}
    house.set(guard={"mode": "on"}, lookups={"active": "twilio", "configurations": {"twilio": config}})
    says(provider, "nonFixedVoip")


def says(provider: Provider, kind: str) -> None:
    provider.answer(200, line_of_twilio(kind))


def edge(house: House) -> None:
    """Two silent strangers of a block: one more, and it is challenged."""
    assert reasons(attack(house, 2)) == {"Next": 2}


def third(house: House, n: int = 2) -> object:
    return ask(house, numbered(n), address=stranger(n))


@on_sqlite
@pytest.mark.parametrize(
    ("kind", "outcome"),
    [("mobile", "Next"), ("unknown", "Next"), ("nonFixedVoip", "challenge"), ("premium", "not_to_strangers")],
)
def test_a_line_that_is_likelier_an_attackers_weighs_at_the_edge(
    house: House, provider: Provider, kind: str, outcome: str
) -> None:
    edge(house)
    says(provider, kind)
    assert provider.requests == [], "nothing hung on those before"
    assert reasons([third(house)]) == {outcome: 1}
    assert [seen.path for seen in provider.requests] == [
        f"/v2/PhoneNumbers/%2B{numbered(2)[1:]}?Fields=line_type_intelligence"
    ]


@on_sqlite
def test_who_is_known_or_challenged_anyway_is_not_asked_about(house: House, provider: Provider) -> None:
    ask(house, numbered(500), address=stranger(500))
    prove(house, numbered(500))
    attack(house, 4)
    asked = len(provider.requests)
    assert isinstance(ask(house, numbered(500), address=stranger(501)), Next)
    says(provider, "mobile")
    attack(house, 9)
    stopped = reasons([third(house, 77)])
    assert stopped == {"challenge": 1}
    before = len(provider.requests)
    third(house, 78)
    assert len(provider.requests) == before, "its challenge is not solved"
    assert asked <= 3


@on_sqlite
def test_a_solved_challenge_lets_no_number_through_that_is_paid_for(house: House, provider: Provider) -> None:
    house.set(lookups={"active": ""})
    attack(house, 9)
    house.set(lookups={"active": "twilio"})
    for kind, outcome in (("mobile", "Next"), ("premium", "not_to_strangers")):
        guard_pass.solved(house.services, house.visitor(kind))
        says(provider, kind)
        number = numbered({"mobile": 50, "premium": 51}[kind])
        assert reasons([ask(house, number, address=stranger(50), browser=kind)]) == {outcome: 1}


def test_what_was_told_is_kept_and_asked_for_once(house: House, provider: Provider) -> None:
    edge(house)
    assert reasons([third(house), third(house)]) == {"challenge": 2}
    assert len(provider.requests) == 1
    kept = house.sql("SELECT number, line, carrier FROM look_ups")
    assert kept == [(numbered(2), "voip", "Vodafone UK")]
    house.clock.forward(31 * 86400)
    house.worker._housekeeping.run()
    assert house.count("look_ups") == 0


@on_sqlite
def test_so_many_a_day_and_no_more_by_count_or_by_money(house: House, provider: Provider) -> None:
    edge(house)
    house.set(guard={"look_ups_day": 100, "look_up_price": 0.01, "look_ups_cap": 0.02})
    assert reasons([third(house, 2), third(house, 3), third(house, 4)]) == {"challenge": 2, "Next": 1}
    assert len(provider.requests) == 2
    house.clock.forward(2 * 86400)
    house.set(guard={"look_ups_day": 0})
    third(house, 5)
    assert len(provider.requests) == 2


@on_sqlite
def test_without_an_answer_everything_goes_on_and_nobody_waits_again(
    house: House, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look_up, "SECONDS", 0.6)
    edge(house)
    provider.delay(2, 200, line_of_twilio("premium"))
    assert isinstance(third(house), Next)
    attack(house, 2, block="+3368888")
    assert isinstance(ask(house, numbered(2, "+3368888"), address=stranger(9)), Next)
    assert len(provider.requests) == 1


@on_sqlite
def test_no_transaction_is_open_while_the_provider_is_asked(house: House, provider: Provider) -> None:
    def write_meanwhile(_seen: object) -> tuple[int, object]:
        house.sql("UPDATE guard_evidence SET sent = sent")
        return 200, line_of_twilio("mobile")

    edge(house)
    provider.decide(write_meanwhile)
    assert isinstance(third(house), Next)
    assert len(provider.requests) == 1


@on_sqlite
def test_where_strangers_get_no_message_nobody_is_looked_up(house: House, provider: Provider) -> None:
    edge(house)
    house.set(sign_up={"enabled": False})
    third(house)
    assert provider.requests == []
