"""The settings, their texts and lists among them: the same document as the command line's, a version a save."""

from __future__ import annotations

import re
from functools import partial

from api.contract import Answer, Call
from api.manage.frame import api
from api.schema import anything, array, moment, obj, page_of, text, utc, whole
from flows import change_settings
from flows.outcomes import Refused
from settings.console import document_schema

TRIES = 5  # where others save at the same time and the program takes whichever state there is
ETAG = re.compile(r'(?:W/)?"settings-([0-9]{1,9})"', re.ASCII)
DOCUMENT = anything("As GET /settings/schema has it. A secret that is left out is kept while its address stays")
VERSION = obj(
    "*",
    version=whole(),
    created_at=moment(),
    author=text(most=200),
    changed=array(text("Such as codes.length", most=500), most=100_000),
)
operation = partial(api.operation, scope="settings")


@operation("GET", "/settings", "Read all settings", gives=DOCUMENT, about="Secrets are left out.")
def read_settings(call: Call) -> object:
    return _answer(call)


def _answer(call: Call) -> Answer:
    """The version is read first: who saves over what was saved between the two is told so."""
    call.services.settings.refresh()
    version = call.services.settings().version
    return Answer(change_settings.export(call.services), {"ETag": f'"settings-{version}"'})


@operation("PUT", "/settings", "Replace all settings", matched=True, takes=DOCUMENT, gives=DOCUMENT)
def save_settings(call: Call) -> object:
    return _save(call, change_settings.with_kept_secrets(call.services, dict(call.body)))


def _save(call: Call, document: object) -> object:
    return _saved(call, change_settings.save(call.services, call.author, document, seen=_seen(call)))


def _seen(call: Call) -> int | None:
    """The version that the program saw; None for whichever there is (*), and -1 for none of ours."""
    match = ETAG.fullmatch(call.if_match.strip())
    return None if call.if_match.strip() == "*" else int(match[1]) if match else -1


def _saved(call: Call, outcome: object) -> Answer | Refused:
    if isinstance(outcome, Refused):
        return Refused("precondition_failed") if outcome.reason == "changed_meanwhile" else outcome
    return _answer(call)


@operation("GET", "/settings/schema", "The JSON Schema of the document", gives=anything("JSON Schema 2020-12"))
def read_settings_schema(call: Call) -> object:
    return document_schema(call.services.connectors, call.services.upstreams, call.services.lookups)


@operation("GET", "/settings/versions", "Who changed what, and when; the newest hundred", gives=page_of(VERSION))
def list_settings_versions(call: Call) -> object:
    found = [
        {
            "version": each.id,
            "created_at": utc(each.created_at),
            "author": each.author,
            "changed": [path for path, _old, _new in each.changes],
        }
        for each in change_settings.history(call.services)
    ]
    return {"items": found, "next": None}


@operation(
    "POST",
    "/settings/roll-back",
    "Make an earlier version the newest",
    matched=True,
    takes=obj("version", version=whole(1, 999_999_999)),
    gives=DOCUMENT,
    example={"version": 3},
)
def roll_back_settings(call: Call) -> object:
    outcome = change_settings.roll_back(call.services, call.author, call.body["version"], seen=_seen(call))
    return _saved(call, outcome)


@operation("GET", "/settings/{section}", "Read one section, such as exceptions or templates", gives=DOCUMENT)
def read_settings_section(call: Call) -> object:
    answer, section = _answer(call), call.names["section"]
    return Answer(answer.body[section], answer.headers) if section in answer.body else Refused("not_found")


@operation(
    "PUT",
    "/settings/{section}",
    "Replace one section",
    matched=True,
    takes=DOCUMENT,
    gives=DOCUMENT,
    about="`exceptions` holds the lists of blocked numbers, addresses and networks, `templates` and `email_templates` "
    "the texts of messages.",
    example={"blocked_numbers": ["+3389*"]},
)
def save_settings_section(call: Call) -> object:
    section, seen = call.names["section"], _seen(call)
    outcome: object = None
    for _ in range(TRIES if seen is None else 1):
        outcome = _save_section(call, section, seen)
        if not (isinstance(outcome, Refused) and outcome.reason == "changed_meanwhile"):
            break
    saved = _saved(call, outcome)
    return Answer(saved.body[section], saved.headers) if isinstance(saved, Answer) else saved


def _save_section(call: Call, section: str, seen: int | None) -> object:
    """What others saved since the rest of the document was read is not saved over."""
    call.services.settings.refresh()
    read = call.services.settings().version
    document = change_settings.export(call.services)
    if section not in document:
        return Refused("not_found")
    document[section] = dict(call.body)
    document = change_settings.with_kept_secrets(call.services, document)
    return change_settings.save(call.services, call.author, document, seen=read if seen is None else seen)
