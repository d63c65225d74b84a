"""The provider's later word on messages, proved, understood and recorded."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from connectors.receipts import Notice, Receipt
from connectors.registry import Connector
from delivery.scrub import code_without_numbers, without_numbers
from rules import guarding
from storage import receipts
from storage.database import Database
from storage.receipts import DELIVERED, FAILED, STATES, Moved, TakenReceipt

log = logging.getLogger("doorcode.delivery")


def take(database: Database, connector: Connector, config: Mapping[str, Any], notice: Notice) -> bool:
    """Record what a notice tells. False where it is not proved to be the provider's. Raises where the database is away:
    the provider then reports once more."""
    if connector.receive is None:
        return False
    try:
        found = connector.receive(config, notice)
    except Exception as error:  # a third party's connector may do anything
        log.error("connector %s could not read a receipt: %s", connector.name, type(error).__name__)
        return True
    if found is None:
        log.warning("a receipt for %s was not signed as it must be", connector.name)
        return False
    for receipt in found:
        _record(database, connector.name, receipt, notice.at)
    return True


def _record(database: Database, connector: str, receipt: Receipt, now: float) -> None:
    code = code_without_numbers(receipt.code)
    taken = TakenReceipt(
        connector=connector,
        state=STATES[receipt.state],
        provider_id=receipt.provider_id,
        message_id=receipt.message_id,
        refusal=receipt.refusal,
        code=code,
        detail=without_numbers(receipt.detail),
        price=receipt.price,
        currency=receipt.currency,
    )
    with database.write() as connection:
        message = receipts.take(connection, taken, now)
    if message:
        tell_guard(database, message, now)
    log.info("receipt of %s: %s %s%s", connector, receipt.state, code, "" if message else " (no such message)")


def tell_guard(database: Database, message: Moved, now: float) -> None:
    """The guard learns from the provider's last word on a text message."""
    if message.is_news and message.channel == "sms" and message.state in (FAILED, DELIVERED):
        with database.write() as connection:  # on its own: the guard's records are all processes'
            guarding.reported(connection, message.recipient, delivered=message.state == DELIVERED, now=now)
