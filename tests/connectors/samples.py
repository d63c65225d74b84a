"""What an admin could have typed for each connector, and messages to send with it. A new connector adds its line."""

from __future__ import annotations

from typing import Any

from connectors.contract import Message
from connectors.registry import connectors
from settings.fields import clean

SECRET = "s3cr3t-of-the-admin"

TYPED: dict[str, dict[str, Any]] = {
    "development": {},
    "http": {
        "url": "https://gateway.example/send",
        "headers": f"Authorization: Bearer {SECRET}",
        "signing_secret": SECRET,
    },
    "twilio": {"account_sid": "AC" + "a" * 32, "auth_token": SECRET, "sender": "+15005550006"},
}

MESSAGE = Message(
    id="0192f3c4",
    to="+14155552671",
    text="Your code is 482913",
    usage="sign_in",
    locale="en",
    life=600,
    code="482913",
    application="Example",
    sent_at=1_700_000_000,
)


def config(name: str, **typed: Any) -> dict[str, Any]:
    """The sample of a connector with ``typed`` in place of its values, checked by the connector's own fields."""
    cleaned, problems = clean(connectors()[name].fields, TYPED[name] | typed)
    assert not problems, {field: str(problem) for field, problem in problems.items()}
    return cleaned


def problems(name: str, **typed: Any) -> dict[str, str]:
    """What is wrong with it, by field."""
    connector = connectors()[name]
    cleaned, found = clean(connector.fields, TYPED[name] | typed)
    return {field: str(problem) for field, problem in (found or connector.check(cleaned)).items()}
