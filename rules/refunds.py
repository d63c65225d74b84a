"""What is given back of what was counted for a message that was not sent."""

from __future__ import annotations

from rules.entrance import FORGOT_PASSWORD
from settings.consistency import takes_new
from settings.console import Settings
from storage.accounts import EMAIL, PHONE
from storage.messages import ClaimedMessage

KEPT_FROM_STRANGERS = ("wait:", "number:")


def given_back(settings: Settings, message: ClaimedMessage) -> list[tuple[str, int, int]]:
    """(key, period, amount) of each counter.

    Where nobody new may sign up with such a number or address, and for a forgotten password always, a stranger's
    message is never sent, so a member's wait must not be shorter than theirs when the provider fails: the wait would
    tell who has an account.
    """
    kind = EMAIL if message.channel == EMAIL else PHONE
    if takes_new(settings, kind) and message.usage != FORGOT_PASSWORD:
        return list(message.charges)
    return [charge for charge in message.charges if not charge[0].startswith(KEPT_FROM_STRANGERS)]
