"""SMS Aero, API v2.

https://smsaero.ru/integration/documentation/api/
https://github.com/smsaero/smsaero_golang     and smsaero_python, smsaero_api_v2: the vendor's own libraries

There are no error codes: a refusal is told from its words, in three shapes and under any status, 200 among them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from connectors.contract import (
    Answer,
    CannotBuildError,
    Message,
    Refusal,
    Reply,
    Request,
    accepted,
    basic_auth,
    by_status,
    refused,
    spelled,
)
from connectors.receipts import Notice, Receipt, ReceiptState, receipt
from settings.fields import N_, Field, Kind

TITLE = "SMS Aero"
SUMMARY = N_("SMS to Russia and its neighbours, with an account at smsaero.ru.")

HOSTS = ("gate.smsaero.ru", "gate.smsaero.org", "gate.smsaero.net")
FIELDS = (
    Field(
        "email",
        N_("E-mail of the account"),
        required=True,
        pattern=r"[^@\s:]+@[^@\s:]+",
        hint=N_("Type the e-mail address that you sign in to SMS Aero with."),
    ),
    Field(
        "api_key",
        N_("API key"),
        required=True,
        secret=True,
        pattern=r"[!-~]{16,32}",
        hint=N_("An API key has 16 to 32 characters and no spaces. It is not the password."),
        help=N_("In SMS Aero's settings, under API."),
    ),
    Field(
        "sign",
        N_("Sender"),
        required=True,
        pattern=r".{2,64}",
        hint=N_("Type the name as it was approved, 2 to 64 characters."),
        help=N_("The approved name that messages come from. SMS Aero, with the space, is the shared one."),
    ),
    Field(
        "host",
        N_("Server"),
        Kind.CHOICE,
        HOSTS[0],
        choices=tuple((host, host) for host in HOSTS),
        help=N_("All three do the same: choose one that your network reaches."),
    ),
    Field("test_mode", N_("Test mode"), Kind.SWITCH, False, help=N_("Messages are checked, not sent and not charged.")),
    Field(
        "base_url",
        N_("Another address"),
        Kind.URL,
        pattern=r"[^?#]+",
        hint=N_("Type the address without ? and #."),
        help=N_("For tests: what to call instead of the server above."),
    ),
)

# Words of the message, the result or the reason, and fields that "Validation error." names: the first that is found.
ERRORS = {
    **dict.fromkeys(("no credits", "not enough money"), Refusal.NO_BALANCE),
    **dict.fromkeys(("credential", "api_key", "authoriz", "authentic"), Refusal.BAD_CREDENTIALS),
    **dict.fromkeys(("blacklist", "black list"), Refusal.BLOCKED),
    **dict.fromkeys(("incorrect number", "number:"), Refusal.BAD_NUMBER),
    **dict.fromkeys(("sign:", "text:"), Refusal.SENDER_OR_TEMPLATE),
    "limit": Refusal.THROTTLED,
}

# status, and extendStatus where it says more. Queued (0), waiting (4) and on moderation (8) are on their way. The
# vendor's libraries disagree about 3: it may be "rejected" too, and then extendStatus says so.
STATES = {
    "1": ReceiptState.DELIVERED,
    "2": ReceiptState.FAILED,
    "3": ReceiptState.SENT,
    "6": ReceiptState.FAILED,
    "delivery": ReceiptState.DELIVERED,
    "failed": ReceiptState.FAILED,
    "reject": ReceiptState.FAILED,
}

SHORTEST, LONGEST = 2, 640  # characters of a text
CURRENCY = "RUB"  # accounts are kept in roubles


def build(config: Mapping[str, Any], message: Message) -> Request:
    """The number is a JSON integer, as the vendor's Python library has it."""
    if not SHORTEST <= len(message.text) <= LONGEST:
        raise CannotBuildError(f"SMS Aero takes texts of {SHORTEST} to {LONGEST} characters.")
    body = {"text": message.text, "sign": config["sign"], "number": int(message.digits)}
    if message.receipt_url:
        body |= {"callbackUrl": message.receipt_url, "callbackFormat": "JSON"}
    headers = {
        "Authorization": basic_auth(config["email"], config["api_key"]),
        "Content-Type": "application/json",
        "Accept": "application/json",
    }
    base = config["base_url"].rstrip("/") or f"https://{config['host']}"
    method = "testsend" if config["test_mode"] else "send"
    return Request("POST", f"{base}/v2/sms/{method}", headers, json.dumps(body).encode())


def read(config: Mapping[str, Any], reply: Reply) -> Answer:
    answer = reply.json()
    provider_id = spelled(reply.at("data.id"))
    if reply.status == 200 and answer.get("success") is True and provider_id:
        return accepted(provider_id, price=None if config["test_mode"] else reply.at("data.cost"), currency=CURRENCY)
    words = _words(answer)
    is_refusal = answer.get("success") is False or answer.get("result") in ("reject", "no credits")
    if reply.status < 500 and (is_refusal or reply.status >= 400):
        named = next((phrase for phrase in ERRORS if phrase in words.lower()), "")
        if named:
            return refused(ERRORS[named], named, words)
    if reply.status == 200 and is_refusal:
        return refused(Refusal.SENDER_OR_TEMPLATE, reply.status, words)
    return by_status(reply, detail=words)


def _words(answer: Mapping[str, Any]) -> str:
    """What it says, and which fields it finds wrong."""
    said = [spelled(answer.get(name)) for name in ("result", "reason", "message")]
    fields = answer.get("data")
    said += [f"{name}: {_first(why)}" for name, why in fields.items()] if isinstance(fields, dict) else []
    return " ".join(filter(None, said))


def _first(why: Any) -> str:
    return spelled(why[0] if isinstance(why, list) and why else why)


def receive(_config: Mapping[str, Any], notice: Notice) -> list[Receipt] | None:
    """Unsigned: the secret in the address is the proof. JSON as we ask for it, or the form that is the default."""
    told: Mapping[str, Any] = notice.json() or notice.form()
    extended, number = spelled(told.get("extendStatus")), spelled(told.get("status"))
    state = STATES.get(extended) or STATES.get(number)
    if state is None or not spelled(told.get("id")):
        return []
    return [receipt(state, told["id"], code=number, detail=extended)]
