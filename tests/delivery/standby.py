"""Two connectors to two real providers: the HTTP connector in use, Twilio's standing by."""

from __future__ import annotations

from typing import Any

from flows import sign_in
from flows.outcomes import Next
from tests.kit import House
from tests.provider import Provider

NUMBER = "+33612345678"
TAKEN = {"sid": "SM" + "0" * 32}
TWILIO = {"account_sid": "AC" + "a" * 32, "auth_token": "not a real token".replace(" ", "-"), "sender": "+15005550006"}
NOBODY = "http://127.0.0.1:1"


def configurations(first: str, second: str, seconds: int = 8) -> dict[str, dict[str, Any]]:
    """``seconds``: for a call of the first one."""
    return {
        "http": {"url": first, "body": '{"to": "{to}", "text": "{text}"}', "timeout": seconds},
        "twilio": TWILIO | {"base_url": second},
    }


def use_both(house: House, first: str, second: Provider, *, seconds: int = 8, **more: Any) -> None:
    """Through ``first``, and what that one surely did not send through ``second``."""
    second.answer(201, TAKEN)
    group = {"active": "http", "standby": "twilio", "configurations": configurations(first, second.url, seconds)}
    house.set(connectors=group | more)


def ask(house: House, number: str = NUMBER, country: str = "FR") -> str:
    """Put a message in the outbox, and send what is due. Its ticket."""
    outcome = sign_in.start(house.services, house.visitor(), number, country)
    assert isinstance(outcome, Next), outcome
    house.deliver()
    return outcome.ticket


def ask_again(house: House, ticket: str) -> None:
    house.clock.forward(301)
    assert isinstance(sign_in.send_again(house.services, house.visitor(), ticket), Next)
    house.deliver()


def calls(house: House) -> list[tuple[str, str]]:
    """The connector of each attempt of the newest message, and how it ended: its refusal or outcome."""
    rows = house.sql(
        "SELECT connector, COALESCE(refusal, outcome) AS ending FROM attempts WHERE message_id ="
        " (SELECT id FROM messages ORDER BY created_at DESC LIMIT 1) ORDER BY number"
    )
    return [(row.connector, row.ending) for row in rows]


def state(house: House) -> str:
    return str(house.sql("SELECT state FROM messages ORDER BY created_at DESC LIMIT 1")[0].state)
