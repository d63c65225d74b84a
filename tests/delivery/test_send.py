"""One call: what is left of a provider's words, and of a connector's faults."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors.contract import Answer, Message, Outcome, Refusal, refused
from connectors.registry import Connector, connectors
from delivery.scrub import code_without_numbers, scrubbed, without_numbers
from delivery.send import send

NUMBER, CODE, KEY = "+33612345678", "482913", "sk-live-7f1"
MESSAGE = Message("0" * 32, NUMBER, f"{CODE} is your code", "sign_in", "en", 600, code=CODE)
DEVELOPMENT = connectors()["development"]


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("+33612345678 is unreachable", "••• is unreachable"),
        ("to=33612345678&from=Acme", "to=•••&from=Acme"),
        ("tel:0612345678.", "tel:•••."),
        ("error 21211: +33612345678", "error 21211: •••"),
        ("codes 482913 and 482-913", "codes ••• and •••"),
        ("body: 482 913 is your code", "body: ••• is your code"),
        ('{"to": "+33612345678", "text": "482913 is"}', '{"to": "•••", "text": "••• is"}'),
        ("33612345678482913", "••••••"),
        ("error 30007, status 400", "error 30007, status 400"),
        ("two\nlines\x00", "two lines "),
        ("", ""),
        (None, ""),
    ],
)
def test_the_number_and_the_code_go_and_the_rest_stays(words: Any, left: str) -> None:
    assert scrubbed(words, NUMBER, CODE) == left


@pytest.mark.parametrize(
    "words", ["+33 6 12 34 56 78", "+33 (0)6.12.34.56.78", "06-12-34-56-78", "06 12 34 56 78", "(06) 12 345 678"]
)
def test_no_spelling_of_the_number_stays(words: str) -> None:
    left = scrubbed(words, NUMBER, CODE)
    assert left.endswith("•••")
    assert not {"5", "7", "8"} & set(left)


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("to 33612345678 failed", "to ••• failed"),
        ("+33 (0)6.12.34.56.78: absent", "•••: absent"),
        ("06-12-34-56-78", "•••"),
        ("06\u201112\u201134\u201156\u201178", "•••"),
        ("Your code is 482913.", "Your code is •••."),
        ("482 913, 482-913 and 4 8 2 9 1 3", "•••, ••• and •••"),
        ("error 30007, status 400: +33612345678", "error 30007, status 400: •••"),
        ("no route", "no route"),
    ],
)
def test_of_a_message_that_is_not_known_every_long_number_goes(words: str, left: str) -> None:
    assert without_numbers(words) == left


@pytest.mark.parametrize(
    ("code", "left"),
    [("30003", "30003"), ("131026", "131026"), ("33612345678", "•••"), ("code 482913", "code •••"), ("", "")],
)
def test_a_providers_own_code_stays(code: str, left: str) -> None:
    assert code_without_numbers(code) == left


def test_where_there_is_no_code_words_stay() -> None:
    assert scrubbed("bad sender", NUMBER, "") == "bad sender"


def answering(answer: Answer) -> Connector:
    return replace(DEVELOPMENT, read=lambda _config, _reply: answer)


def test_an_answer_quotes_neither_number_nor_code() -> None:
    answer = refused(Refusal.BAD_NUMBER, NUMBER, f"{CODE} to {NUMBER}", retry_after=3)
    assert send(answering(answer), {}, MESSAGE, private=False) == replace(answer, code="•••", detail="••• to •••")


def test_an_accepted_message_keeps_the_providers_id() -> None:
    answer = Answer(Outcome.ACCEPTED, provider_id="SM1")
    assert send(answering(answer), {}, MESSAGE, private=False) == answer


def fail(config: Any, _other: Any) -> Any:
    raise ValueError(config["key"])


@pytest.mark.parametrize(
    ("broken", "outcome", "deed"),
    [
        (replace(DEVELOPMENT, build=fail), Outcome.REFUSED, "build its request"),
        (replace(DEVELOPMENT, read=fail), Outcome.UNKNOWN, "read the reply"),
    ],
    ids=["build", "read"],
)
def test_of_a_connectors_fault_the_log_says_what_and_where_and_quotes_nothing(
    caplog: pytest.LogCaptureFixture, broken: Connector, outcome: Outcome, deed: str
) -> None:
    answer = send(broken, {"key": KEY}, MESSAGE, private=False)
    assert answer.outcome == outcome
    assert KEY not in answer.detail + caplog.text
    assert "config[" not in caplog.text
    assert f"could not {deed}: ValueError at {__file__}:" in caplog.text
