"""How a step of a flow ends. Pages and programs show these; a flow knows neither."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Next:
    """Go on with this step of the same flow. ``ticket`` names the visitor's place in it."""

    step: str
    ticket: str = ""


@dataclass(frozen=True)
class SignedIn:
    """A session began. ``token`` is for the browser's cookie, which ends at ``expires_at``.

    ``offer``: the account has no second factor, and is asked to set one up (flows/offer.py).
    """

    token: str = field(repr=False)
    expires_at: float
    offer: bool = False


@dataclass(frozen=True)
class Done:
    """It is done, and there is no further step."""


@dataclass(frozen=True)
class Refused:
    """Not now, or not like this. ``reason`` is one of the named reasons, ``wait`` in seconds where that is known."""

    reason: str
    wait: int | None = None
    values: dict[str, Any] = field(default_factory=dict)
