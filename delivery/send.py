"""One message to one provider, and what became of it. The network is here, and no transaction."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from connectors.contract import Answer, CannotBuildError, Message, Outcome, Refusal, Reply, refused, unknown
from connectors.registry import Connector
from delivery.caller import CallFailed, call
from settings.fields import N_

log = logging.getLogger("doorcode.delivery")

DEVELOPMENT = "development:"  # the scheme of the connector that only shows its messages


def send(connector: Connector, config: Mapping[str, Any], message: Message) -> Answer:
    """Never raises: a connector that fails has sent nothing where it failed before the call."""
    try:
        request = connector.build(config, message)
    except CannotBuildError as reason:
        return refused(Refusal.SENDER_OR_TEMPLATE, detail=str(reason))
    except Exception as error:  # a third party's connector may do anything
        log.exception("connector %s could not build its request", connector.name)
        return refused(Refusal.SENDER_OR_TEMPLATE, detail=type(error).__name__)
    if request.url.startswith(DEVELOPMENT):
        return connector.read(config, Reply(200))
    try:
        reply = call(request)
    except CallFailed as failure:
        if failure.sent:
            return unknown(detail=str(failure))
        return refused(Refusal.TEMPORARY, detail=str(failure))
    try:
        return connector.read(config, reply)
    except Exception:
        log.exception("connector %s could not read the reply", connector.name)
        return Answer(Outcome.UNKNOWN, detail=N_("The reply could not be read."))
