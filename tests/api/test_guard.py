"""What programs are told where a page would put a challenge, or send nobody on: problems, and nothing was sent."""

from __future__ import annotations

import pytest

from pages import phone_words, words
from rules.refusals import Reason
from storage import guard
from tests.api.kit import account_program, manage_program, reason
from tests.kit import House

NEW = "+33687654321"


def pin(house: House, word: str) -> None:
    house.set(guard={"mode": "on"})
    with house.services.database.write() as connection:
        guard.pin(connection, "country:FR", word, house.clock())


@pytest.mark.parametrize(("word", "expected"), [("challenge", "challenge"), ("refuse", "not_to_strangers")])
def test_a_program_is_told_and_may_come_again_with_the_same_key(house: House, word: str, expected: str) -> None:
    person, machine = account_program(house).proved(), manage_program(house, "verifications")
    before = house.count("messages")
    pin(house, word)
    asks = (
        (person, "/phones", {"value": NEW}),
        (machine, "/verifications", {"to": NEW, "purpose": "confirm"}),
    )
    for program, path, body in asks:
        reply = program.post(path, body, Idempotency_Key="one")
        assert (reply.status_code, reason(reply)) == (429, expected)
        assert reply.json["detail"]
    assert house.count("messages") == before
    pin(house, "")
    for program, path, body in asks:
        house.clock.forward(60)
        assert program.post(path, body, Idempotency_Key="one").status_code in (201, 202)


def test_there_are_words_for_every_refusal() -> None:
    assert set(Reason) <= words.SENTENCES.keys() | phone_words.WORDS.keys()
