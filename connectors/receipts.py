"""The provider's later word on a message: what a connector reads out of a request to its receipt address.

The address is ``/receipts/<connector>/<secret>``. A provider that signs must also prove its signature in ``receive``;
for the others the secret in the address is the proof.

``receive`` returns None for a request that is not proved to be the provider's, and an empty list for one that is and
tells nothing of interest. It never raises.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from connectors.contract import Refusal, amount, parsed, spelled


class ReceiptState(StrEnum):
    """How far a message has come. It only moves forward, in this order; the last two are final."""

    SENT = "sent"  # the operator has it
    FAILED = "failed"
    DELIVERED = "delivered"


@dataclass(frozen=True)
class Notice:
    """A request to the receipt address. ``url`` is the public one with its query; header names are in lower case;
    ``at`` in unix seconds."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    at: float = 0

    def parsed(self) -> Any:
        """The body as JSON; None where it is anything else."""
        return parsed(self.body)

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; empty where it is anything else."""
        found = self.parsed()
        return found if isinstance(found, dict) else {}

    def query(self) -> dict[str, str]:
        """The parameters of the address; of one given twice the last."""
        return dict(_pairs(urlsplit(self.url).query))

    def form(self) -> dict[str, str]:
        """The body as a form; of a field given twice the last."""
        return dict(_pairs(self.body.decode(errors="replace")))


MOST_FIELDS = 200


def _pairs(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:  # more fields than that
        return []


@dataclass(frozen=True)
class Receipt:
    """What became of the message of this ``provider_id``, or of ours with ``message_id`` where the provider echoes it.

    ``code`` is the provider's own; ``detail`` its words, for admins only.
    """

    state: ReceiptState
    provider_id: str = ""
    message_id: str = ""
    refusal: Refusal | None = None
    code: str = ""
    detail: str = ""
    price: float | None = None
    currency: str = ""


def receipt(
    state: ReceiptState,
    provider_id: object = "",
    *,
    message_id: object = "",
    refusal: Refusal | None = None,
    code: object = "",
    detail: object = "",
    price: object = None,
    currency: object = "",
) -> Receipt:
    """A receipt of a provider's raw values. What it says of failure is dropped where it did not fail."""
    failed = state is ReceiptState.FAILED
    return Receipt(
        state,
        spelled(provider_id, 200),
        spelled(message_id, 100),
        refusal if failed else None,
        spelled(code, 100) if failed else "",
        spelled(detail) if failed else "",
        amount(price),
        spelled(currency, 3),
    )


FRESH_SECONDS = 300


def is_fresh(timestamp: object, notice: Notice) -> bool:
    """Whether a signed time in unix seconds is within five minutes of ours."""
    try:
        return abs(float(str(timestamp)) - notice.at) <= FRESH_SECONDS
    except ValueError:
        return False


def same(ours: str, theirs: object) -> bool:
    """Compare signatures in constant time; False for anything that is no text."""
    return isinstance(theirs, str) and hmac.compare_digest(ours.encode(), theirs.encode(errors="replace"))
