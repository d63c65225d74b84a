"""One secret, many keys: each use has its own key, derived, so that none can stand in for another."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from enum import StrEnum


class Use(StrEnum):
    COOKIES = "cookies"
    CODES = "codes"
    SEALING = "sealing"
    RECEIPTS = "receipts"
    FACTORS = "factors"
    REFRESHING = "refreshing"
    TRIALS = "trials"
    CHALLENGES = "challenges"
    CALLS = "calls"
    INVITATIONS = "invitations"
    UPSTREAM = "upstream"


@dataclass(frozen=True, repr=False)
class Keys:
    """The operator's secrets, newest first: the first signs, all verify."""

    secrets: tuple[str, ...]

    def all(self, use: Use) -> tuple[bytes, ...]:
        """The 32-byte keys of a use, newest first (HMAC-SHA256 as an extract-and-expand step, after RFC 5869)."""
        return tuple(hmac.digest(secret.encode(), b"doorcode:" + use.encode(), "sha256") for secret in self.secrets)
