"""One message to one provider, and what became of it. The network is here, and no transaction."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from connectors.contract import Answer, CannotBuildError, Message, Outcome, Refusal, Reply, Request, refused, unknown
from connectors.registry import Connector
from delivery import caller, mailer
from delivery.caller import CallFailed
from delivery.faults import described
from delivery.scrub import scrubbed
from settings.fields import N_

log = logging.getLogger("doorcode.delivery")

DEVELOPMENT = "development"  # the scheme of the connector that only shows its messages


def send(connector: Connector, config: Mapping[str, Any], message: Message, *, private: bool) -> Answer:
    """Never raises. The answer's words hold neither the recipient nor the code. ``private``: whether private addresses
    may be called."""
    answer = _ask(connector, config, message, private=private)
    code, detail = (scrubbed(words, message.to, message.code) for words in (answer.code, answer.detail))
    return replace(answer, code=code, detail=detail)


def _ask(connector: Connector, config: Mapping[str, Any], message: Message, *, private: bool) -> Answer:
    """A connector that fails has sent nothing where it failed before the call."""
    try:
        request = connector.build(config, message)
    except CannotBuildError as reason:
        return refused(Refusal.SENDER_OR_TEMPLATE, detail=str(reason))
    except Exception as error:  # a third party's connector may do anything
        _log_fault(connector, "build its request", error)
        return refused(Refusal.SENDER_OR_TEMPLATE, detail=type(error).__name__)
    try:
        reply = _called(request, private=private)
    except CallFailed as failure:
        if failure.sent:
            return unknown(detail=str(failure))
        return refused(Refusal.TEMPORARY, detail=str(failure))
    try:
        return connector.read(config, reply)
    except Exception as error:
        _log_fault(connector, "read the reply", error)
        return Answer(Outcome.UNKNOWN, detail=N_("The reply could not be read."))


def _called(request: Request, *, private: bool) -> Reply:
    """Raises CallFailed."""
    scheme = request.url.partition(":")[0]
    if scheme == DEVELOPMENT:
        return Reply(200)
    call = mailer.call if scheme in mailer.SCHEMES else caller.call
    return call(request, private=private)


def _log_fault(connector: Connector, deed: str, error: Exception) -> None:
    log.error("connector %s could not %s: %s", connector.name, deed, described(error))
