"""Shows messages on a page instead of sending them. For development only: nothing reaches a phone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from connectors.contract import EMAIL, SMS, Answer, Message, Refusal, Reply, Request, accepted, unknown
from settings.fields import N_, Field

TITLE = N_("Development")
SUMMARY = N_("Shows each message on a page of this server. Sends nothing.")
PRODUCTION = False
CHANNELS = (SMS, EMAIL)
FIELDS: tuple[Field, ...] = ()
ERRORS: dict[str, Refusal] = {}


def build(_config: Mapping[str, Any], message: Message) -> Request:
    """Addressed to the page of messages, which takes the message as a JSON object."""
    return Request("PUT", "development:messages", body=json.dumps(asdict(message)).encode())


def read(_config: Mapping[str, Any], reply: Reply) -> Answer:
    return accepted() if reply.status == 200 else unknown(reply.status)
