"""What all rooms of the console share: who may come in, the side list's warnings, saved changes in words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from flask import Blueprint, abort, redirect, request, session, url_for
from flask_babel import format_decimal, gettext, ngettext

from flows import admin_sign_in, change_settings, console, guard_room, upstream_setup
from flows.outcomes import Refused
from pages.console.guard_words import alarm_words, cap_words, suspicion_words
from pages.journey import Page
from pages.visitor import admin, services
from settings.console import FIELDS, Settings
from settings.fields import N_, Field, Kind, Problem
from settings.templates import USAGES
from settings.upstreams import kind_of

bp = Blueprint("console", __name__, url_prefix="/admin", template_folder=None)

PLACES = {
    "connectors.active": N_("Connector in use"),
    "connectors.email": N_("Connector of e-mail"),
    "connectors.standby": N_("Connector that stands by"),
    "upstreams.offered": N_("Providers with a button"),
    "lookups.active": N_("Provider of look-ups"),
}
PARTS = {"subject": N_("Subject"), "body": N_("Text")}
ROOMS = {
    "connectors": N_("Connectors"),
    "upstreams": N_("Other providers"),
    "list_clients": N_("Applications"),
    "list_organizations": N_("Organisations"),
    "list_webhooks": N_("Webhooks"),
    "templates": N_("Texts"),
    "settings": N_("Settings"),
    "users": N_("People"),
    "messages": N_("Messages"),
    "guard": N_("Guard"),
    "audit": N_("Audit"),
    "admins": N_("Admins"),
}
NOTHING: tuple[Any, ...] = (None, "", [], {})
OPEN_TO_ALL = ("console.setup", "console.sign_in", "console.sign_out")


@bp.before_request
def admins_only() -> Page | None:
    if request.endpoint in OPEN_TO_ALL:
        return None
    if admin() is None:
        return redirect(url_for("console.sign_in"), 303)
    needs_totp = services().environment.production and admin().totp_key is None
    if needs_totp and request.endpoint != "console.totp_setup":
        return redirect(url_for("console.totp_setup"), 303)
    page = (request.endpoint or "").rpartition(".")[2]
    if not admin_sign_in.may(admin(), page, reads=request.method in ("GET", "HEAD")):
        abort(403)
    return None


@bp.context_processor
def frame() -> dict[str, object]:
    if admin() is None:
        return {}
    return {
        "admin_name": admin().name,
        "rooms": rooms(),
        "warnings": _warnings(),
        **_suspicion(),
        "changes": _just_saved(),
        "may_open": partial(_may, reads=True),
        "may_use": partial(_may, reads=False),
    }


def _may(page: str, *, reads: bool) -> bool:
    """For templates: what a role may not do is not offered to it. ``page``: the last part of an endpoint's name."""
    return admin_sign_in.may(admin(), page, reads=reads)


def _suspicion() -> dict[str, object]:
    found = guard_room.suspicion(services())
    can_guard = admin_sign_in.may(admin(), "guard", reads=True)
    return {"suspicion": found, "suspicion_words": suspicion_words(found) if found else "", "can_guard": can_guard}


def rooms() -> list[tuple[str, str]]:
    """The rooms that the admin's role opens."""
    return [(name, gettext(title)) for name, title in ROOMS.items() if admin_sign_in.may(admin(), name, reads=True)]


def _warnings() -> list[tuple[str, str, str]]:
    """(sentence, address and name of the room that cures it); the last two empty where the admin's role may not go."""
    open_to = dict(rooms())
    return [
        (sentence, url_for(f"console.{room}", _anchor=place or None) if room in open_to else "", open_to.get(room, ""))
        for room, place, sentence in _troubles()
    ]


def _troubles() -> Iterator[tuple[str, str, str]]:
    """(room, place in it, sentence)"""
    found = console.warnings(services())
    if found.no_connector:
        yield "connectors", "", gettext("No connector is in use: no code can be sent. Choose one and set it up.")
    if found.no_email_connector:
        words = gettext("Codes to e-mail addresses are on, and no connector of e-mail is in use: none can be sent.")
        yield "connectors", "", words
    if found.sms_off:
        yield "guard", "", gettext("No code goes out by text message: that is switched off, under Guard.")
    if found.no_country:
        words = gettext("No country is chosen: nobody can type a number. Choose countries in the settings.")
        yield "settings", "phones.countries", words
    if found.all_countries:
        words = gettext("Numbers of every country are served. Choose countries before real messages cost money.")
        yield "settings", "phones.all_countries", words
    if found.possible_numbers:
        words = gettext("Numbers that may be nobody's can sign up, and messages to them cost money. Switch that off.")
        yield "settings", "phones.allow_possible", words
    if found.test_numbers:
        words = ngettext(
            "%(num)d test number signs in with a fixed code, without a message. Remove it after the review.",
            "%(num)d test numbers sign in with a fixed code, without a message. Remove them after the review.",
            found.test_numbers,
        )
        yield "settings", "exceptions.test_numbers", words
    if found.webhooks_off:
        words = ngettext(
            "%(num)d webhook failed for days or is gone, and was switched off.",
            "%(num)d webhooks failed for days or are gone, and were switched off.",
            found.webhooks_off,
        )
        yield "list_webhooks", "", words
    yield from (("settings", "section-money", _cap_words(*cap)) for cap in found.caps)
    yield from (("messages", "", alarm_words(alarm)) for alarm in found.alarms)


def _cap_words(name: str, spent: float, cap: float) -> str:
    currency = services().settings().money.currency
    return cap_words(name, format_decimal(round(spent, 2)), format_decimal(cap), currency)


def remember_changes(before: Settings) -> None:
    """Show on the next page what a save changed. The cookie holds its number only: a browser drops one that is long."""
    if services().settings().version > before.version:
        session["saved"] = services().settings().version


def _just_saved() -> list[tuple[str, str, str]]:
    saved = session.pop("saved", None)
    found = [each for each in change_settings.history(services()) if each.id == saved] if saved else []
    return in_words(found[0].changes) if found else []


def in_words(changes: Iterable[tuple[str, Any, Any]]) -> list[tuple[str, str, str]]:
    """(label, old, new) a change; what was empty and still is, because its connector came or went, is none."""
    return [
        (label(path), shown(path, old), shown(path, new))
        for path, old, new in changes
        if old not in NOTHING or new not in NOTHING
    ]


def label(path: str) -> str:
    """The words for a setting's path: "codes.length" is "Digits"."""
    section, _, name = path.partition(".")
    parts = path.split(".")
    if field := _field(path):
        words = gettext(field.label)
        return words if len(parts) == 2 else f"{title_of(parts[0], parts[2])}, {words}"
    if path in PLACES:
        return gettext(PLACES[path])
    if section == "templates":
        language, _, usage = name.partition(".")
        return f"{gettext('Text')} ({language}), {gettext(USAGES.get(usage, usage))}"
    if section == "email_templates":
        language, usage, part = (*name.split("."), "", "")[:3]
        return (
            f"{gettext('E-mail')} ({language}), {gettext(USAGES.get(usage, usage))}, {gettext(PARTS.get(part, part))}"
        )
    if path.startswith("connectors.routes."):
        return gettext("Countries of its own") + f" ({connector_title(name.removeprefix('routes.'))})"
    return path


def connector_title(name: str) -> str:
    return gettext(services().connectors[name].title) if name in services().connectors else name


def title_of(group: str, name: str) -> str:
    """Of a connector, of a provider that people come from, or of one that knows numbers."""
    if group == "lookups":
        return gettext(services().lookups[name].title) if name in services().lookups else name
    return gettext(upstream_setup.title(services(), name)) if group == "upstreams" else connector_title(name)


def _field(path: str) -> Field | None:
    """The field of a path: "codes.length", or "connectors.configurations.twilio.sender"."""
    section, _, name = path.rpartition(".")
    group, _configurations, which = section.partition(".configurations.")
    groups = {"connectors": services().connectors, "upstreams": services().upstreams, "lookups": services().lookups}
    forms: Mapping[str, Any] = groups.get(group, {})
    form = forms.get(kind_of(which) if group == "upstreams" else which)
    fields = form.fields if form else FIELDS.get(section, ())
    return next((field for field in fields if field.name == name), None)


def shown(path: str, value: Any) -> str:
    """A setting's value as the admin knows it."""
    if isinstance(value, bool):
        return gettext("on") if value else gettext("off")
    if value in NOTHING:
        return gettext("nothing")
    if path == "upstreams.offered":
        return ", ".join(title_of("upstreams", name) for name in value)
    if path in PLACES:
        return title_of(path.partition(".")[0], value)
    field = _field(path)
    if field and field.kind is Kind.CHOICE:
        return gettext(dict(field.choices).get(value, value))
    if field and field.kind is Kind.JSON:
        return json.dumps(value, ensure_ascii=False)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def problem_words(problem: Problem) -> str:
    """A problem in the page's language; one within another too."""
    values = problem.values or {}
    return gettext(
        problem.text,
        **{name: problem_words(each) if isinstance(each, Problem) else each for name, each in values.items()},
    )


def problems_of(refused: Refused) -> dict[str, str]:
    """The sentences of a refused save, by field."""
    if refused.reason == "changed_meanwhile":
        return {"": gettext("Somebody else saved meanwhile. Load the page again and repeat your change.")}
    found = refused.values.get("problems", refused.values)
    return {name: problem_words(problem) for name, problem in found.items()}
