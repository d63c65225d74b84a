"""Turns a rule's no into an outcome."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flows.outcomes import Refused
from rules.refusals import RefusedError

P = ParamSpec("P")
R = TypeVar("R")


def explained(step: Callable[P, R]) -> Callable[P, R | Refused]:
    """A step whose RefusedError becomes a :class:`Refused`, after its transaction has rolled back."""

    @wraps(step)
    def run(*args: P.args, **kwargs: P.kwargs) -> R | Refused:
        try:
            return step(*args, **kwargs)
        except RefusedError as error:
            return Refused(error.reason, error.wait, error.values)

    return run
