"""Asks a provider of what kind a number is, or whether its SIM card was changed. Somebody is waiting for the page."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from delivery import caller
from delivery.caller import CallFailed
from delivery.faults import described
from delivery.scrub import scrubbed
from lookups.contract import Found, Question
from lookups.registry import lookups
from rules.tokens import new_id

log = logging.getLogger("doorcode.lookups")

SECONDS = 2.0  # for the whole call
PAUSE_SECONDS = 30  # after one that failed: nobody else waits for it meanwhile
NO_ANSWER, NOT_NOW = "no_answer", "not_now"


@dataclass
class Asker:
    """``private``: whether private addresses may be called. ``failed``: when each provider last gave no answer.

    A provider is asked by its name, with its configuration, what (settings/lookups.py) of which number (E.164).
    """

    private: bool
    clock: Callable[[], float]
    failed: dict[str, float] = field(default_factory=dict)

    def ask(self, name: str, config: Mapping[str, Any], what: str, number: str) -> Found:
        """Never raises. After a call that failed nobody asks for a while."""
        if time.monotonic() - self.failed.get(name, float("-inf")) < PAUSE_SECONDS:
            return Found(code=NOT_NOW)
        found = self.try_out(name, config, what, number)
        if found.code == NO_ANSWER:
            self.failed[name] = time.monotonic()
            log.warning("%s: %s", name, found.detail)
        return found

    def try_out(self, name: str, config: Mapping[str, Any], what: str, number: str) -> Found:
        """The same at once, whatever happened before."""
        provider, question = lookups()[name], Question(what, number, int(self.clock()), new_id())
        try:
            request = replace(provider.build(config, question), timeout=SECONDS)
            found = provider.read(config, caller.call(request, private=self.private))
        except CallFailed as failure:
            return Found(code=NO_ANSWER, detail=str(failure))
        except Exception as error:  # a provider's code may fail; whoever waits for the page goes on without it
            log.error("provider %s: %s", name, described(error))
            return Found(code=NO_ANSWER, detail=type(error).__name__)
        code, detail = (scrubbed(words, number, "") for words in (found.code, found.detail))
        return replace(found, code=code, detail=detail)
