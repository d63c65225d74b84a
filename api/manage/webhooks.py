"""The endpoints that hear of events, and what they were told, as in the console."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from api.contract import Call
from api.manage.frame import api
from api.schema import anything, array, id_of, moment, obj, one_of, or_null, page_of, text, utc, whole, yes_or_no
from flows import webhooks as flow
from flows.outcomes import Refused
from settings.webhooks import NAMES

URL = text("Where events are sent, by POST", most=2000)
EVENTS = array(one_of(*NAMES), most=len(NAMES), about="Of which it hears")
IDENTIFIERS = yes_or_no("Numbers and addresses are told too")
SETTINGS = obj("url events", url=URL, events=EVENTS, identifiers=IDENTIFIERS)
EXAMPLE = {"url": "https://hooks.example.com/doorcode", "events": ["account.created", "phone.changed"]}
WEBHOOK = obj(
    "*",
    id=id_of("Of the webhook"),
    url=URL,
    events=EVENTS,
    identifiers=IDENTIFIERS,
    secrets=whole(1, 2, "How many sign each event"),
    secret_at=moment("When the newest was made"),
    off=or_null(one_of("admin", "gone", "failing", about="Why it is switched off")),
    off_at=or_null(moment()),
    failing_since=or_null(moment()),
)
CREATED = obj("*", id=id_of("Of the webhook"), secret=text("Told now and never again", most=100))
DELIVERY_FIELDS = {
    "number": text("As in paths", most=18),
    "event": text("Its webhook-id", most=60),
    "type": text(most=60),
    "account_id": or_null(id_of("Of the account that it is about")),
    "at": moment("When it happened"),
    "state": one_of("waiting", "delivered", "given_up"),
    "attempts": whole(),
    "called_at": or_null(moment("The newest attempt")),
    "status": or_null(whole(0, 999, "That was answered")),
}
DELIVERY = obj("*", **DELIVERY_FIELDS)
WHOLE_DELIVERY = obj(
    "*",
    **DELIVERY_FIELDS,
    next_at=or_null(moment("When it is tried again")),
    body=anything("What is sent"),
    answer=or_null(text("The start of what was answered, or why nothing was", most=2000)),
)
PLACE = {"cursor": text("From next", most=18, pattern="^[0-9]{1,18}$")}
LAST = 2**62  # behind any delivery's number
reads, writes = partial(api.operation, scope="webhooks:read"), partial(api.operation, scope="webhooks:write")
one, delivery = "/webhooks/{id}", "/webhooks/{id}/deliveries/{number}"


def _moment(seconds: float | None) -> str | None:
    return None if seconds is None else utc(seconds)


def _shown(endpoint: Any) -> dict[str, object]:
    return {
        "id": endpoint.id,
        "url": endpoint.settings.url,
        "events": list(endpoint.settings.events),
        "identifiers": bool(endpoint.settings.identifiers),
        "secrets": len(endpoint.secrets),
        "secret_at": utc(endpoint.secret_at),
        "off": endpoint.off_why or None,
        "off_at": _moment(endpoint.off_at),
        "failing_since": _moment(endpoint.failing_since),
    }


def _found(call: Call) -> Any:
    return flow.find(call.services, call.names["id"])


@reads("GET", "/webhooks", "List the webhooks", gives=page_of(WEBHOOK))
def list_webhooks(call: Call) -> object:
    return {"items": [_shown(each) for each in flow.list_all(call.services)], "next": None}


@writes(
    "POST",
    "/webhooks",
    "Add a webhook",
    takes=SETTINGS,
    gives=CREATED,
    status=201,
    example=EXAMPLE,
)
def create_webhook(call: Call) -> object:
    return _created(flow.create(call.services, call.author, _settings(call)))


def _settings(call: Call) -> dict[str, Any]:
    return {"identifiers": False, **call.body}


def _created(outcome: object) -> object:
    return {"id": outcome.endpoint_id, "secret": outcome.secret} if isinstance(outcome, flow.Created) else outcome


@reads("GET", one, "Read a webhook", gives=WEBHOOK)
def read_webhook(call: Call) -> object:
    found = _found(call)
    return _shown(found) if found else Refused("not_found")


@writes("PUT", one, "Replace a webhook's settings", takes=SETTINGS, gives=WEBHOOK, example=EXAMPLE)
def save_webhook(call: Call) -> object:
    found = _found(call)
    if found is None:
        return Refused("not_found")
    saved = flow.save(call.services, call.author, found, _settings(call))
    return saved if isinstance(saved, Refused) else read_webhook(call)


@writes("DELETE", one, "Remove a webhook, and all that waits for it")
def delete_webhook(call: Call) -> object:
    found = _found(call)
    return flow.delete(call.services, call.author, found) if found else Refused("not_found")


@writes("POST", f"{one}/secrets", "Make another secret; the one before signs too", gives=CREATED, status=201)
def rotate_webhook_secret(call: Call) -> object:
    found = _found(call)
    return _created(flow.rotate_secret(call.services, call.author, found)) if found else Refused("not_found")


@writes("POST", f"{one}/end-old-secret", "Only the newest secret signs")
def end_old_webhook_secret(call: Call) -> object:
    found = _found(call)
    return flow.forget_old_secret(call.services, call.author, found) if found else Refused("not_found")


@writes("POST", f"{one}/switch-on", "Switch it on, also where it was switched off by itself", gives=WEBHOOK)
def switch_webhook_on(call: Call) -> object:
    return _switch(call, on=True)


@writes("POST", f"{one}/switch-off", "Switch it off; what waits goes on waiting", gives=WEBHOOK)
def switch_webhook_off(call: Call) -> object:
    return _switch(call, on=False)


def _switch(call: Call, *, on: bool) -> object:
    found = _found(call)
    if found is None:
        return Refused("not_found")
    flow.switch(call.services, call.author, found, on=on)
    return read_webhook(call)


@writes("POST", f"{one}/test", "Send it a test event")
def test_webhook(call: Call) -> object:
    found = _found(call)
    if found is None:
        return Refused("not_found")
    return None if flow.test(call.services, found) else Refused("webhook_off")


@reads("GET", f"{one}/deliveries", "What it was told, the newest first", query=PLACE, gives=page_of(DELIVERY))
def list_deliveries(call: Call) -> object:
    found = _found(call)
    if found is None:
        return Refused("not_found")
    listed, last = flow.deliveries(call.services, found, before=int(call.query.get("cursor", LAST)))
    return {"items": [_row(each) for each in listed], "next": str(last.id) if last else None}


def _row(each: Any) -> dict[str, object]:
    return {
        "number": str(each.id),
        "event": each.event_id,
        "type": each.type,
        "account_id": each.account_id,
        "at": utc(each.at),
        "state": each.state,
        "attempts": each.attempts,
        "called_at": _moment(each.called_at),
        "status": each.status,
    }


def _delivery(call: Call) -> Any:
    """The webhook's own of this number."""
    number = call.names["number"]
    found = flow.find_delivery(call.services, int(number)) if number.isdecimal() and int(number) < LAST else None
    return found if found and found.endpoint.id == call.names["id"] else None


@reads("GET", delivery, "One event that it was told, with the answer", gives=WHOLE_DELIVERY)
def read_delivery(call: Call) -> object:
    found = _delivery(call)
    if found is None:
        return Refused("not_found")
    waits = found.delivery.state == "waiting"
    return _row(found.delivery) | {
        "next_at": utc(found.delivery.due_at) if waits else None,
        "body": json.loads(found.body),
        "answer": found.delivery.answer,
    }


@writes("POST", f"{delivery}/send-again", "Send one that is over once more, with the same id", gives=WHOLE_DELIVERY)
def send_delivery_again(call: Call) -> object:
    found = _delivery(call)
    if found is None:
        return Refused("not_found")
    flow.send_again(call.services, call.author, found)
    return read_delivery(call)
