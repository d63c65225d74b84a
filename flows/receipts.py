"""A provider reports what became of a message.

take    is the address right, is it proved, what does it tell?   -> what to answer | None
"""

from __future__ import annotations

from flows.services import ProviderRequest, ReceiptAnswer, Services
from rules.receipt_address import is_right_secret


def take(services: Services, connector: str, secret: str, request: ProviderRequest) -> ReceiptAnswer | None:
    """None where the address is wrong: nothing is recorded then."""
    if connector not in services.connectors or not is_right_secret(services.keys, connector, secret):
        return None
    return services.take_receipt(connector, request)
