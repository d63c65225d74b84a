"""What a provider said, explained to the admin: the kind of answer, and what to do."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from flows.services import TestAnswer
from pages.filters import translated

KINDS = {
    "bad_number": _l("The number cannot take it"),
    "blocked": _l("Opted out or blocked"),
    "bad_credentials": _l("Wrong credentials"),
    "no_balance": _l("No balance"),
    "throttled": _l("Too fast"),
    "sender_or_template": _l("Sender, template or configuration"),
    "temporary": _l("Passing trouble"),
    "switched_off": _l("Text messages are switched off"),
}
ADVICE = {
    "bad_number": _l("Try another number of your own. If none works, your account may not serve this country."),
    "blocked": _l("This number has opted out, or its operator blocks the sender. Try another one."),
    "bad_credentials": _l("Copy the account's id and its key or token again from the provider's console."),
    "no_balance": _l("Top your account up with the provider."),
    "throttled": _l("Wait a minute, then send the test again."),
    "sender_or_template": _l(
        "Look at the sender and the addresses above: the provider does not take them as they are."
    ),
    "temporary": _l("Nothing was sent. If it stays so, look at the address above and at the provider's status page."),
}
UNCLEAR = _l("Look at your phone before you send another one.")


def detail_words(detail: str) -> str:
    """What became of a call is our own sentence, with the system's word in brackets. A provider's words stay theirs."""
    sentence, bracket, rest = detail.partition(" (")
    return translated(sentence) + bracket + rest


def answer_words(answer: TestAnswer) -> dict[str, object]:
    advice = UNCLEAR if answer.outcome == "unknown" else ADVICE.get(answer.refusal)
    return {
        "outcome": answer.outcome,
        "kind": KINDS.get(answer.refusal),
        "code": answer.code,
        "detail": detail_words(answer.detail),
        "advice": advice,
    }
