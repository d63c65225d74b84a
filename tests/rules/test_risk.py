"""What the guard decides, from what it has seen: a table of streets and what comes of them."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from rules import risk, risk_evidence
from rules.risk_reading import Asked
from storage.guard import Record

MINUTE, HOUR, DAY = 60, 3600, 86400


@dataclass
class Town:
    """A guard with a memory and a clock of its own."""

    now: float = 1_000_000.0
    records: dict[str, Record] = field(default_factory=dict)
    asked: int = 0

    def address(self) -> str:
        self.asked += 1
        return f"20.{self.asked // 250}.{self.asked % 250}.7"

    def judge(self, number: str, address: str = "", country: str = "GB") -> risk.Verdict:
        asked = Asked(number, country, address or self.address())
        return risk.judge(asked, self._load(asked.keys.values()), self.now)

    def ask(
        self, number: str, address: str = "", *, country: str = "GB", proves: bool = False, solves: bool = False
    ) -> risk.Verdict:
        """One request; half a minute later its code is typed, or never."""
        asked = Asked(number, country, address or self.address())
        records = self._load(asked.keys.values())
        verdict = risk.judge(asked, records, self.now)
        if verdict.decision == risk.ALLOW or (verdict.decision == risk.CHALLENGE and solves):
            self._keep(risk_evidence.count_sent(asked, records, self.now))
            if proves:
                self.now += 30
                self.prove(number)
        elif risk.holds(verdict):
            risk.held(verdict, records, self.now)
        return verdict

    def prove(self, number: str) -> None:
        found = self.records[f"number:{number}"]
        self._keep(risk_evidence.count_proved(found, self._load(risk_evidence.keys_of_note(found)), self.now))

    def attack(self, times: int, number: str, apart: float = MINUTE, *, solves: bool = False, **more: str) -> list[str]:
        """So many strangers; ``number`` has places for the count, spread by {0} or in turn by {1}."""
        found = []
        for n in range(times):
            found.append(self.ask(number.format(n * 3701 % 10000, n), solves=solves, **more).decision)
            self.now += apart
        return found

    def _load(self, keys) -> dict[str, Record]:
        return {key: self.records.setdefault(key, Record(key)) for key in keys}

    def _keep(self, changed: list[Record]) -> None:
        self.records |= {record.key: record for record in changed}


@pytest.fixture
def town() -> Town:
    return Town()


def people(town: Town, count: int, country: str = "GB", start: str = "+4477", apart: float = 5 * MINUTE) -> None:
    """Ordinary people, new ones, all of whom prove their number."""
    for n in range(count):
        assert town.ask(f"{start}{n * 7919 % 100:02d}{n * 104729 % 10**6:06d}", country=country, proves=True)
        town.now += apart


def test_people_are_let_through_from_the_first_one_on(town: Town) -> None:
    for n in range(200):
        number = f"+4477{n * 7919 % 100:02d}{n * 104729 % 10**6:06d}"
        assert town.ask(number, proves=n % 8 > 0).decision == risk.ALLOW
        town.now += 10 * MINUTE


@pytest.mark.parametrize(
    ("number", "more", "why", "subject", "most"),
    [
        ("+447400{0:04d}", {}, risk.Why.BLOCK, "block4:+447400", 5),
        ("+4474000{1:03d}", {}, risk.Why.BLOCK, "block2:+44740000", 5),
        ("+447{0:04d}1234", {"address": "20.9.9.9"}, risk.Why.ADDRESS, "address:20.9.9.9", 6),
        ("+447{0:04d}1234", {}, risk.Why.NEW_COUNTRIES, "elsewhere:", 10),
    ],
)
def test_what_strangers_have_in_common_is_challenged(
    town: Town, number: str, more: dict[str, str], why: str, subject: str, most: int
) -> None:
    found = town.attack(40, number, **more)
    verdict = town.judge(number.format(4321, 41), **more)
    assert found.count(risk.ALLOW) <= most
    assert verdict.decision == risk.CHALLENGE
    assert verdict.figures["proved"] == 0
    assert verdict.figures["sent"] == sum(1 for each in found if each == risk.ALLOW)
    if why != risk.Why.NEW_COUNTRIES:
        assert (verdict.why, verdict.subject) == (why, subject)


def test_a_country_with_history_is_challenged_for_itself_and_leaves_others_alone(town: Town) -> None:
    people(town, 60)
    people(town, 60, country="DE", start="+49151")
    assert town.attack(40, "+447{0:04d}1234").count(risk.ALLOW) <= 8
    assert town.judge("+447911000000").why == risk.Why.COUNTRY
    assert town.judge("+4915112345678", country="DE").decision == risk.ALLOW


def test_who_solves_challenges_and_proves_nothing_is_refused(town: Town) -> None:
    found = town.attack(60, "+447400{0:04d}", solves=True)
    assert found.count(risk.REFUSE) > 50
    assert found[-1] == risk.REFUSE


def test_a_challenge_grows_dearer_with_the_evidence(town: Town) -> None:
    efforts = []
    for n in range(40):
        efforts.append(town.ask(f"+447{n * 3701 % 10000:04d}1234", solves=True).effort)
        town.now += MINUTE
    assert efforts[0] == 1
    assert max(efforts) > efforts[5] > 1


def test_a_block_is_no_reason_against_its_country(town: Town) -> None:
    people(town, 60)
    town.attack(200, "+447400{0:04d}", solves=True)
    assert town.judge("+447911000000").decision == risk.ALLOW


def test_known_numbers_go_through_whatever_strangers_do(town: Town) -> None:
    town.ask("+447400123456", proves=True)
    town.attack(100, "+44740012{0:04d}", solves=True)
    town.attack(100, "+447{0:04d}1234", solves=True)
    assert town.judge("+447400129999").decision == risk.REFUSE
    assert town.judge("+447400123456").decision == risk.ALLOW


def test_addresses_that_proved_numbers_are_spared_what_their_country_suffers(town: Town) -> None:
    people(town, 60)
    for n in range(5):
        town.ask(f"+44791100000{n}", "20.200.1.1", proves=True)
    town.attack(100, "+447{0:04d}1234", solves=True)
    assert town.judge("+447911777777").decision == risk.REFUSE
    assert town.judge("+447911777777", "20.200.1.1").decision == risk.ALLOW


def test_in_a_refused_block_they_are_challenged_unless_they_were_silent_too(town: Town) -> None:
    for n in range(5):
        town.ask(f"+44791100000{n}", "20.200.1.1", proves=True)
    town.attack(100, "+447400{0:04d}", solves=True)
    assert town.judge("+4474005555", "20.200.1.1").decision == risk.CHALLENGE
    town.ask("+4474005555", "20.200.1.1", solves=True)
    assert town.judge("+4474005556", "20.200.1.1").decision == risk.REFUSE


def test_where_few_people_are_and_none_is_heard_of_a_country_closes_sooner(town: Town) -> None:
    """Few: fewer than a hundred proofs in the last weeks."""

    def refused_at() -> float:
        town.ask("+447911000000")
        town.now += HOUR
        found = [town.ask(f"+4479{n * 3701 % 10000:04d}1234", solves=True) for n in range(40)]
        return next(verdict.figures["score"] for verdict in found if verdict.decision == risk.REFUSE)

    alone = refused_at()
    town.records.clear()
    people(town, 120, apart=MINUTE)
    assert 14 <= alone < 21 <= refused_at()


def test_an_address_that_nobody_was_heard_from_is_refused_sooner(town: Town) -> None:
    def refused_at(start: str, address: str) -> float:
        found = []
        for n in range(20):
            found.append(town.ask(f"+44{start}{n * 3701 % 10000:04d}123", address, solves=True))
            town.now += MINUTE
        return next(verdict.figures["score"] for verdict in found if verdict.decision == risk.REFUSE)

    people(town, 120, apart=MINUTE)
    town.ask("+447400123456", "20.200.1.1", proves=True)
    assert 14 <= refused_at("791", "20.9.9.9") < 20 <= refused_at("792", "20.200.1.1")


def test_one_code_that_comes_back_is_enough_to_wait(town: Town) -> None:
    assert risk.REFUSE in town.attack(11, "+447{0:04d}1234", solves=True)
    town.records.clear()
    for n, proves in enumerate((False, False, True)):
        town.ask(f"+4478{n}1100{n}123", proves=proves)
    assert risk.REFUSE not in town.attack(10, "+447{0:04d}1234", solves=True)


def test_in_a_country_that_is_challenged_a_suspicious_block_is_refused(town: Town) -> None:
    people(town, 120, apart=MINUTE)
    for n in range(2):
        town.ask(f"+44740000{n}123")
    assert town.judge("+447400005123").decision == risk.ALLOW
    town.attack(6, "+447{0:04d}1234", solves=True)
    assert town.judge("+447911000000").decision == risk.CHALLENGE
    assert town.judge("+447400005123").why == risk.Why.BLOCK
    assert town.judge("+447400005123").decision == risk.REFUSE


def test_a_country_that_proves_numbers_is_not_refused_for_others(town: Town) -> None:
    town.ask("+4915112345678", country="DE", proves=True)
    town.attack(60, "+998{0:04d}12345", solves=True, country="UZ")
    assert town.judge("+996312345678", country="KG").decision == risk.REFUSE
    assert town.judge("+4915187654321", country="DE").decision == risk.CHALLENGE


def test_in_the_first_two_minutes_twice_as_much_refuses(town: Town) -> None:
    """A crowd's codes are on their way."""
    found = [town.ask(f"+4479{n * 3701 % 10000:04d}1234", "20.9.9.9", solves=True).decision for n in range(20)]
    assert risk.REFUSE not in found
    town.now += 2 * MINUTE
    assert town.judge("+447999991234", "20.9.9.9").decision == risk.REFUSE


def test_a_block_is_let_go_when_nobody_tries_it_any_more(town: Town) -> None:
    town.attack(60, "+447400{0:04d}", solves=True)
    town.now += 12 * HOUR
    assert town.judge("+4474007777").decision == risk.REFUSE
    town.now += 14 * DAY
    assert town.judge("+4474007777").decision == risk.ALLOW


def test_a_country_is_let_go_as_its_strangers_prove_their_numbers_again(town: Town) -> None:
    people(town, 60)
    town.attack(300, "+447{0:04d}1234", solves=True)
    assert town.judge("+447911777777").decision == risk.REFUSE
    town.now += 5 * HOUR
    decisions = []
    for n in range(20):
        decisions.append(town.ask(f"+4478{n * 7919 % 10**4:04d}4321", solves=True, proves=True).decision)
        town.now += 5 * MINUTE
    assert decisions[0] == risk.CHALLENGE
    assert decisions[-1] == risk.ALLOW


def test_a_hall_of_new_people_behind_one_address_is_let_in(town: Town) -> None:
    people(town, 30)
    found = []
    for n in range(60):
        found.append(town.ask(f"+4479{n * 7919 % 10**4:04d}{n * 31 % 10**4:04d}", "20.77.1.1", proves=True).decision)
    assert found == [risk.ALLOW] * 60


def test_people_of_many_countries_behind_one_address_are_let_in(town: Town) -> None:
    """An airport: one in five goes away, and others are still typing."""
    decisions: list[str] = []
    numbers = [f"+4{n % 8}79{n * 7919 % 10**4:04d}9123" for n in range(60)]
    for n, number in enumerate(numbers):
        country = ("GB", "FR", "DE", "ES", "IT", "PL", "SE", "NO")[n % 8]
        decisions.append(town.ask(number, "20.77.1.1", country=country, solves=True).decision)
        town.now += 20
        if n % 5 and decisions[n - 1] != risk.REFUSE:
            town.prove(numbers[n - 1])
    assert risk.REFUSE not in decisions
    assert decisions.count(risk.CHALLENGE) <= 6


def test_a_number_vouches_for_one_address_only(town: Town) -> None:
    """Who proves a telephone of his own from each of his machines has one machine that proved it."""
    for n in range(20):
        town.ask("+447400123456", f"20.9.{n}.9", proves=True)
    assert [town.records[f"address:20.9.{n}.9"].usual_proved for n in (0, 1, 19)] == [1, 0, 0]


def test_addresses_that_proved_few_numbers_are_judged_together(town: Town) -> None:
    """Twenty machines, each with a number of its own. Addresses that proved more are spared, and so is the country."""
    people(town, 120, apart=MINUTE)
    for n in range(8):
        town.ask(f"+44791100000{n}", "20.200.1.1", proves=True)
    for n in range(20):
        town.ask(f"+4477{n:02d}000000", f"20.9.{n}.9", proves=True)
    found = []
    for n in range(60):
        found.append(town.ask(f"+4478{n * 3701 % 10000:04d}1234", f"20.9.{n % 20}.9", solves=True))
        town.now += MINUTE
    assert found[-1].decision == risk.REFUSE
    assert {verdict.why for verdict in found} == {"", risk.Why.HOMES}
    assert town.judge("+447911777777").decision == risk.ALLOW
    assert town.judge("+447911777777", "20.200.1.1").decision == risk.ALLOW


def test_in_a_rush_it_takes_twice_as_much_to_be_challenged(town: Town) -> None:
    found = [town.ask(f"+4479{n * 3701 % 10000:04d}1234").decision for n in range(12)]
    assert 7 <= found.index(risk.CHALLENGE) <= 10


def test_the_silence_of_a_known_number_says_once_that_delivery_is_broken(town: Town) -> None:
    """Or a few telephones would feign an outage, in which nobody is refused."""
    numbers = [f"+44770{n}123456" for n in range(5)]
    for number in numbers:
        town.ask(number, proves=True)
    for n, number in enumerate(numbers * 3):
        town.ask(number, f"20.9.{n % 5}.9")
    assert town.records["known:GB"].sent == len(numbers)


def test_an_outage_that_is_feigned_excuses_a_few_strangers(town: Town) -> None:
    """An attacker's own telephones are silent too: that is believed for four strangers each."""
    people(town, 120, apart=MINUTE)
    numbers = [f"+44770{n:02d}12345" for n in range(12)]
    for proves in (True, False):
        for number in numbers:
            town.ask(number, proves=proves)
    found = town.attack(200, "+4478{0:04d}1234", solves=True)
    assert 20 < found.index(risk.REFUSE) < 4 * len(numbers) + 20


def test_messages_that_nobody_gets_are_no_attack(town: Town) -> None:
    """Known numbers are not proved either: strangers are challenged at most, and it is over when delivery is back."""
    people(town, 80)
    known = [record.key.removeprefix("number:") for record in town.records.values() if record.key.startswith("number:")]
    found = []
    for n in range(60):
        town.ask(known[n])
        found.append(town.ask(f"+4478{n * 7919 % 10**4:04d}4321", solves=True).decision)
        town.now += 2 * MINUTE
    assert risk.REFUSE not in found


def test_a_bombed_number_waits_and_the_wait_is_told(town: Town) -> None:
    found = [town.ask("+447400123456", "20.9.9.9") for _ in range(10)]
    assert [verdict.decision for verdict in found[:4]] == [risk.ALLOW] * 4
    assert found[-1].why == risk.Why.NUMBER
    assert 0 < found[-1].wait <= 12 * HOUR
    town.now += found[-1].wait
    assert town.judge("+447400123456").decision == risk.ALLOW


@pytest.mark.parametrize(("addresses", "apart", "goes"), [(4, MINUTE, 3), (2, MINUTE, 4), (4, 2 * HOUR, 4)])
def test_a_number_waits_sooner_if_address_after_address_asks_for_it(
    town: Town, addresses: int, apart: int, goes: int
) -> None:
    """Who tries again over another network is no bomber yet, and who comes back later is none."""
    found = []
    for n in range(5):
        found.append(town.ask("+447400123456", f"20.9.{max(0, n - 4 + addresses)}.9").decision)
        town.now += apart
    assert found.index(risk.REFUSE) == goes if risk.REFUSE in found else goes >= 4


def test_asking_twice_is_one_number_that_is_not_proved(town: Town) -> None:
    for n in range(3):
        for _ in range(2):
            town.ask(f"+447{n}1100{n}123")
            town.now += MINUTE
    assert town.records["elsewhere:"].sent == 3


def test_many_under_way_are_no_evidence_where_many_are_proved(town: Town) -> None:
    """A rush: forty a minute from one moment to the next, each proved half a minute later. Until the first proofs are
    in nobody can tell it from an attack."""
    waiting: list[tuple[float, str]] = []
    decisions = []
    people(town, 30)
    for n in range(600):
        number = f"+4479{n * 7919 % 10**4:04d}{n * 31 % 10**4:04d}"
        decisions.append(town.ask(number, solves=True).decision)
        if decisions[-1] != risk.REFUSE:
            waiting.append((town.now + 30, number))
        town.now += 1.5
        while waiting and waiting[0][0] <= town.now:
            town.prove(waiting.pop(0)[1])
    assert decisions.count(risk.REFUSE) <= 15
    assert decisions.count(risk.CHALLENGE) <= 30
    assert decisions[60:] == [risk.ALLOW] * 540


def test_the_admins_word_stands_above_all(town: Town) -> None:
    town.ask("+447400123456", proves=True)
    town.records["country:GB"].pin = "refuse"
    assert town.judge("+447400123456").why == risk.Why.PINNED
    town.records["number:+447400123456"].pin = "allow"
    assert town.judge("+447400123456").decision == risk.ALLOW
