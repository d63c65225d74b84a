"""Phone numbers and e-mail addresses: listed, added with a code, made the main one, removed. Both are served alike."""

from __future__ import annotations

from functools import partial

from api.account.frame import api
from api.contract import Answer, Call
from api.schema import id_of, moment, obj, one_of, or_null, page_of, text, utc, whole, yes_or_no
from flows import contacts as flow
from flows.outcomes import Refused
from flows.place import Place

CONTACT = obj(
    "*",
    id=id_of("Of this number or address, in this account"),
    value=text("E.164, or the address"),
    main=yes_or_no("Used where one is enough"),
    verified_at=moment(),
    leaves_at=or_null(moment("When it leaves, because somebody else has proved it")),
)
PENDING = obj(
    "*",
    id=id_of("Of what is to be proved"),
    hint=text("As much of the number or address as tells its owner"),
    digits=whole(4, 10, "That the code has"),
    minutes_left=whole(about="That the code is good"),
    resend_in=whole(about="Seconds until another code can be sent"),
    state=one_of("queued", "sent", "delivered", "failed", "refused", "unknown", "neutral", about="Of the message"),
    refusal=or_null(text("Why the provider refused it", most=40)),
)
REPLACES = id_of("Of the one that goes when the new one is proved, and not before")
CODE = obj("code", code=text("As it was typed", most=40))


def pending(place: Place) -> dict[str, object]:
    return {
        "id": place.ticket,
        "hint": place.hint,
        "digits": place.length,
        "minutes_left": place.minutes_left,
        "resend_in": place.resend_in,
        "state": place.state,
        "refusal": place.refusal or None,
    }


def list_own(call: Call, kind: str) -> object:
    mine = flow.own(call.services, call.session, kind)
    found = [
        {
            "id": each.id,
            "value": each.value,
            "main": bool(each.is_main),
            "verified_at": utc(each.verified_at),
            "leaves_at": utc(each.leaves_at) if each.leaves_at else None,
        }
        for each in mine
    ]
    return {"items": found, "next": None}


def start(call: Call, kind: str) -> object:
    typed, country = call.body["value"], call.body.get("country", "")
    replaced = call.body.get("replaces", "")
    outcome = flow.start(call.services, call.visitor, call.session, kind, typed, country, replaced)
    return _pending(call, kind, outcome)


def prove(call: Call, kind: str) -> object:
    if wrong := _known(call, kind):
        return wrong
    return _pending(call, kind, flow.prove(call.services, call.visitor, call.session, kind, call.names["id"]))


def _pending(call: Call, kind: str, outcome: object) -> object:
    if isinstance(outcome, Refused):
        return Answer(outcome, kind=kind)
    return read_pending(call, kind, getattr(outcome, "ticket", ""))


def read_pending(call: Call, kind: str, ticket: str = "") -> object:
    place = flow.code_page(call.services, call.visitor, kind, ticket or call.names["id"])
    return pending(place) if place and place.live else Refused("not_found")


def check_code(call: Call, kind: str) -> object:
    typed = call.body["code"]
    outcome = flow.check_code(call.services, call.visitor, call.session, kind, call.names["id"], typed)
    return Answer(outcome, kind=kind)


def send_again(call: Call, kind: str) -> object:
    outcome = flow.send_again(call.services, call.visitor, call.session, kind, call.names["id"])
    return _pending(call, kind, outcome)


def make_main(call: Call, kind: str) -> object:
    return _known(call, kind) or flow.make_main(call.services, call.visitor, call.session, kind, call.names["id"])


def remove(call: Call, kind: str) -> object:
    return _known(call, kind) or flow.remove(call.services, call.visitor, call.session, kind, call.names["id"])


def _known(call: Call, kind: str) -> Refused | None:
    ids = [each.id for each in flow.own(call.services, call.session, kind)]
    return None if call.names["id"] in ids else Refused("not_found")


EXAMPLES = {"phone": {"value": "+33 6 12 34 56 78"}, "email": {"value": "ann@example.com"}}
TYPED = {
    "phone": obj(
        "value",
        value=text("In any usual writing", most=200),
        country=text("Two letters: of a number in national writing", most=2, pattern="^[A-Z]{2}$"),
        replaces=REPLACES,
    ),
    "email": obj("value", value=text("An address", most=320), replaces=REPLACES),
}


def declare(kind: str, which: str, words: str, plural: str) -> None:
    """``which``: in paths and settings; ``words``: for people."""
    add = partial(api.add, scope=kind, field=which)
    one, waiting = f"/{which}/{{id}}", f"/pending-{which}/{{id}}"
    served = {
        each.__name__: partial(each, kind=kind)
        for each in (list_own, start, prove, read_pending, check_code, send_again, make_main, remove)
    }
    add("GET", f"/{which}", f"List the {words}{plural}", served["list_own"], f"list_{which}", gives=page_of(CONTACT))
    add("POST", f"/{which}", f"Send a code to a new {words}", served["start"], f"add_{kind}", proof=True,
        takes=TYPED[kind], gives=PENDING, status=202, example=EXAMPLES[kind])  # fmt: skip
    add("POST", f"{one}/prove", f"Send a code to your own {words}: whoever proves it keeps it", served["prove"],
        f"prove_{kind}", proof=True, gives=PENDING, status=202)  # fmt: skip
    add("GET", waiting, "What became of the code", served["read_pending"], f"read_pending_{kind}", gives=PENDING)
    add("POST", f"{waiting}/check", f"Prove the {words}: it is added", served["check_code"], f"check_{kind}",
        takes=CODE, example={"code": "123456"})  # fmt: skip
    add("POST", f"{waiting}/send-again", "Send another code", served["send_again"], f"send_{kind}_again",
        gives=PENDING, status=202)  # fmt: skip
    add("POST", f"{one}/make-main", f"Make it the main {words}", served["make_main"], f"make_main_{kind}", proof=True)
    add("DELETE", one, f"Remove the {words}", served["remove"], f"remove_{kind}", proof=True)


declare("phone", "phones", "phone number", "s")
declare("email", "emails", "e-mail address", "es")
