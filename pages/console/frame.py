"""What all rooms of the console share: who may come in, the side list's warnings, saved changes in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, abort, redirect, request, session, url_for
from flask_babel import format_decimal, gettext, ngettext

from flows import admin_sign_in, console
from flows.outcomes import Refused
from pages.journey import Page
from pages.visitor import admin, services
from settings.console import FIELDS
from settings.fields import N_, Problem
from settings.templates import USAGES

bp = Blueprint("console", __name__, url_prefix="/admin", template_folder=None)

PLACES = {"connectors.active": N_("Connector in use"), "connectors.standby": N_("Connector that stands by")}
ROOMS = {
    "connectors": N_("Connectors"),
    "templates": N_("Texts"),
    "settings": N_("Settings"),
    "users": N_("People"),
    "messages": N_("Messages"),
    "audit": N_("Audit"),
    "admins": N_("Admins"),
}
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
        "changes": session.pop("changes", []),
    }


def rooms() -> list[tuple[str, str]]:
    """The rooms that the admin's role opens."""
    return [(name, gettext(title)) for name, title in ROOMS.items() if admin_sign_in.may(admin(), name, reads=True)]


def _warnings() -> list[str]:
    found = console.warnings(services())
    sentences = []
    if found.no_connector:
        sentences.append(gettext("No connector is in use: no code can be sent. Choose one and set it up."))
    if found.no_country:
        sentences.append(gettext("No country is chosen: nobody can type a number. Choose countries in the settings."))
    if found.all_countries:
        sentences.append(
            gettext("Numbers of every country are served. Choose countries before real messages cost money.")
        )
    if found.test_numbers:
        sentences.append(
            ngettext(
                "%(num)d test number signs in with a fixed code, without a message. Remove it after the review.",
                "%(num)d test numbers sign in with a fixed code, without a message. Remove them after the review.",
                found.test_numbers,
            )
        )
    currency = services().settings().money.currency
    for name, spent, cap in found.caps:
        amounts = {"spent": format_decimal(round(spent, 2)), "cap": format_decimal(cap), "currency": currency}
        if name == "day":
            sentences.append(gettext("%(spent)s of %(cap)s %(currency)s for a day are spent.", **amounts))
        else:
            sentences.append(gettext("%(spent)s of %(cap)s %(currency)s for 30 days are spent.", **amounts))
    return sentences


def remember_changes(changes: Iterable[tuple[str, Any, Any]]) -> None:
    """Show on the next page what a save changed."""
    session["changes"] = [[label(path), shown(old), shown(new)] for path, old, new in changes]


def label(path: str) -> str:
    """The words for a setting's path: "codes.length" is "Digits"."""
    section, _, name = path.partition(".")
    for field in FIELDS.get(section, ()):
        if field.name == name:
            return gettext(field.label)
    if path in PLACES:
        return gettext(PLACES[path])
    if section == "templates":
        language, _, usage = name.partition(".")
        return f"{gettext('Text')} ({language}), {gettext(USAGES.get(usage, usage))}"
    if path.startswith("connectors.routes."):
        return gettext("Countries of its own") + f" ({name.removeprefix('routes.')})"
    parts = path.split(".")
    connector = services().connectors.get(parts[2]) if len(parts) == 4 else None
    for field in connector.fields if connector else ():
        if field.name == parts[3]:
            return f"{gettext(connector.title)}, {gettext(field.label)}"
    return path


def shown(value: Any) -> str:
    if isinstance(value, bool):
        return gettext("on") if value else gettext("off")
    if value in (None, "", []):
        return gettext("nothing")
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
