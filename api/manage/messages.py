"""Messages and what became of them, connectors and their test, and who did what."""

from __future__ import annotations

from functools import partial

from api.contract import Answer, Call
from api.manage.frame import api
from api.schema import anything, array, id_of, moment, obj, one_of, or_null, page_of, text, utc, whole, yes_or_no
from flows import audit_log, connector_setup, message_log
from flows.outcomes import Refused

REPORT = one_of(*message_log.REPORTED.values(), about="What the provider reported later")
STATES, REFUSALS = one_of(*message_log.STATES), one_of(*message_log.REFUSALS)
MESSAGE_FIELDS = {
    "id": id_of("Of the message"),
    "text": text("Whose text it has, such as sign_in", most=60),
    "channel": one_of("sms", "email"),
    "recipient": text("E.164, or the address", most=320),
    "country": text(most=2),
    "language": text(most=10),
    "created_at": moment(),
    "expires_at": moment(),
    "state": STATES,
    "refusal": or_null(REFUSALS),
    "connector": or_null(text(most=60)),
    "attempts": whole(),
    "reported": or_null(REPORT),
    "verified_at": or_null(moment("When its code was typed")),
    "price": or_null({"type": "number"}),
    "currency": or_null(text(most=3)),
}
MESSAGE = obj("*", **MESSAGE_FIELDS)
ATTEMPT = obj(
    "*",
    number=whole(),
    connector=text(most=60),
    started_at=moment(),
    ended_at=or_null(moment()),
    outcome=text("calling, accepted, refused or unknown", most=20),
    refusal=or_null(text(most=40)),
    code=or_null(text("The provider's own", most=200)),
    detail=or_null(text("The provider's words, without number and code", most=2000)),
)
RECEIPT = obj(
    "*",
    received_at=moment(),
    state=REPORT,
    refusal=or_null(text(most=40)),
    code=text(most=200),
    detail=text(most=2000),
)
LIFE = obj("*", **MESSAGE_FIELDS, calls=array(ATTEMPT), receipts=array(RECEIPT))
DAY = text("Such as 2026-11-27, in UTC", most=10, pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
LIST = {
    "state": STATES,
    "refusal": REFUSALS,
    "connector": text(most=60),
    "country": text(most=2),
    "usage": text("Whose text it has", most=60),
    "from": DAY,
    "to": DAY,
    "limit": whole(1, 100, "How many at most; 50 where it is left out"),
    "cursor": text("From next", most=500),
}
reads = partial(api.operation, scope="messages")


def _message(message: message_log.LoggedMessage) -> dict[str, object]:
    return {
        "id": message.id,
        "text": message.usage,
        "channel": message.channel,
        "recipient": message.recipient,
        "country": message.country,
        "language": message.locale,
        "created_at": utc(message.created_at),
        "expires_at": utc(message.expires_at),
        "state": message.state,
        "refusal": message.refusal,
        "connector": message.connector,
        "attempts": message.attempts,
        "reported": message_log.REPORTED.get(message.receipt),
        "verified_at": utc(message.verified_at) if message.verified_at else None,
        "price": message.price,
        "currency": message.currency,
    }


@reads("GET", "/messages", "List messages, the newest first", query=LIST, gives=page_of(MESSAGE))
def list_messages(call: Call) -> object:
    asked = {name: str(value) for name, value in call.query.items() if name != "limit"}
    wanted = message_log.read_wanted(call.services, asked | {"older": asked.pop("cursor", "")})
    if wanted.wrong:
        return Refused("bad_query")
    found = message_log.find(call.services, wanted, most=call.query.get("limit", message_log.PAGE))
    return {"items": [_message(each) for each, _masked in found.messages], "next": found.older or None}


@reads("GET", "/messages/{id}", "One message, with each call of a provider and each report", gives=LIFE)
def read_message(call: Call) -> object:
    life = message_log.life(call.services, call.names["id"])
    if life is None:
        return Refused("not_found")
    calls = [
        {
            "number": each.number,
            "connector": each.connector,
            "started_at": utc(each.started_at),
            "ended_at": utc(each.ended_at) if each.ended_at else None,
            "outcome": each.outcome,
            "refusal": each.refusal,
            "code": each.code,
            "detail": each.detail,
        }
        for each in life.attempts
    ]
    receipts = [
        {
            "received_at": utc(each.received_at),
            "state": message_log.REPORTED[each.state],
            "refusal": each.refusal,
            "code": each.code,
            "detail": each.detail,
        }
        for each in life.receipts
    ]
    return _message(life.message) | {"calls": calls, "receipts": receipts}


CONNECTOR = obj(
    "*",
    name=text("As in paths and settings", most=60),
    title=text(most=100),
    channels=array(one_of("sms", "email")),
    set_up=yes_or_no("It has a configuration"),
    role=or_null(one_of("active", "standby", "email", about="Where it stands")),
)
TESTED = obj(
    "*",
    outcome=one_of("accepted", "refused", "unknown"),
    refusal=or_null(text(most=40)),
    code=text("The provider's own", most=200),
    detail=text("The provider's words", most=2000),
)


@api.operation("GET", "/connectors", "List the connectors", scope="connectors", gives=page_of(CONNECTOR))
def list_connectors(call: Call) -> object:
    chosen = call.services.settings().connectors
    roles = {chosen.active: "active", chosen.standby: "standby", chosen.email: "email"}
    found = [
        {
            "name": name,
            "title": form.title,
            "channels": list(form.channels),
            "set_up": name in chosen.configurations,
            "role": roles.get(name),
        }
        for name, form in sorted(call.services.connectors.items())
    ]
    return {"items": found, "next": None}


@api.operation(
    "POST",
    "/connectors/{name}/test",
    "Send one message through a connector, as it is set up now",
    scope="connectors",
    takes=obj(
        "to", to=text("A number, or an e-mail address", most=320), language=text(most=10, pattern="^[a-z]{2,3}$")
    ),
    gives=TESTED,
    example={"to": "+33612345678"},
)
def test_connector(call: Call) -> object:
    to, language = call.body["to"], call.body.get("language", call.visitor.locale)
    answer = connector_setup.test_as_set_up(call.services, call.access.client.id, call.names["name"], to, language)
    if isinstance(answer, Refused):
        return Answer(answer, kind="email" if "@" in to else "phone")
    return {
        "outcome": answer.outcome,
        "refusal": answer.refusal or None,
        "code": answer.code[:200],
        "detail": answer.detail[:2000],
    }


ENTRY = obj("*", at=moment(), actor=text(most=200), action=text("Such as settings.saved", most=100), details=anything())
AUDIT = {"limit": LIST["limit"], "cursor": text("From next", most=18, pattern="^[0-9]{1,18}$")}


@api.operation("GET", "/audit", "Who did what, the newest first", scope="audit", query=AUDIT, gives=page_of(ENTRY))
def list_audit(call: Call) -> object:
    most, cursor = call.query.get("limit", 50), call.query.get("cursor")
    wanted, _wrong = audit_log.read_wanted({"older": cursor or ""})
    found = audit_log.find(call.services, wanted, most=most)
    items = [
        {"at": utc(each.at), "actor": each.actor, "action": each.action, "details": each.details}
        for each in found.entries
    ]
    return {"items": items, "next": None if found.older is None else str(found.older)}
