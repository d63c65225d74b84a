"""Asks a provider of what kind a number is, or whether its SIM card was changed. Somebody is waiting for the page."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from delivery import caller
from delivery.caller import CallFailed
from delivery.faults import described
from delivery.scrub import scrubbed
from lookups.contract import Found, Question
from lookups.registry import Lookup

log = logging.getLogger("doorcode.lookups")

SECONDS = 2.0  # for the whole call
PAUSE_SECONDS = 30  # after one that failed: nobody else waits for it meanwhile
NO_ANSWER, NOT_NOW = "no_answer", "not_now"


@dataclass
class Asker:
    """``private``: whether private addresses may be called. ``failed``: when each provider last gave no answer."""

    private: bool
    failed: dict[str, float] = field(default_factory=dict)

    def ask(self, provider: Lookup, config: Mapping[str, Any], question: Question) -> Found:
        """Never raises. After a call that failed nobody asks for a while."""
        if time.monotonic() - self.failed.get(provider.name, float("-inf")) < PAUSE_SECONDS:
            return Found(code=NOT_NOW)
        found = self.try_out(provider, config, question)
        if found.code == NO_ANSWER:
            self.failed[provider.name] = time.monotonic()
            log.warning("%s: %s", provider.name, found.detail)
        return found

    def try_out(self, provider: Lookup, config: Mapping[str, Any], question: Question) -> Found:
        """The same at once, whatever happened before."""
        try:
            request = replace(provider.build(config, question), timeout=SECONDS)
            found = provider.read(config, caller.call(request, private=self.private))
        except CallFailed as failure:
            return Found(code=NO_ANSWER, detail=str(failure))
        except Exception as error:  # a provider's code may fail; whoever waits for the page goes on without it
            log.error("provider %s: %s", provider.name, described(error))
            return Found(code=NO_ANSWER, detail=type(error).__name__)
        code, detail = (scrubbed(words, question.number, "") for words in (found.code, found.detail))
        return replace(found, code=code, detail=detail)
