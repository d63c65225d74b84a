"""The words of the messages, of text messages and of e-mails: a plain form a language, and the whole as JSON."""

from __future__ import annotations

import json
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext

from flows import message_templates
from flows.outcomes import Refused
from pages.console.frame import bp, problem_words, problems_of, remember_changes
from pages.journey import Page
from pages.visitor import admin, services
from settings.console import Settings
from settings.email_templates import LONGEST as PARTS
from settings.sections import LANGUAGES
from settings.templates import USAGES, VARIABLES


@bp.route("/templates", methods=["GET", "POST"])
def templates() -> Page:
    """GET shows the texts of ``language``; POST shows what the typed ones look like ("preview"), or saves them."""
    language = _language()
    if request.method == "GET":
        return _page(language, services().settings().templates.texts.get(language, {}))
    typed = {usage: request.form.get(usage, "").replace("\r\n", "\n") for usage in USAGES}
    if request.form.get("action") == "preview":
        return _page(language, typed)
    before = services().settings()
    outcome = message_templates.save(services(), admin().name, language, typed)
    if isinstance(outcome, Refused):
        prefix = f"templates.{language}."
        return _page(language, typed, {k.removeprefix(prefix): v for k, v in problems_of(outcome).items()}), 422
    return _saved(before, url_for("console.templates", language=language))


def _page(language: str, typed: Any, problems: dict[str, str] | None = None) -> str:
    previews = message_templates.previews(services(), language, typed)
    texts = [
        {
            "usage": each.usage,
            "title": gettext(USAGES[each.usage]),
            "typed": typed.get(each.usage, ""),
            "standing_in": each.template if each.ours else "",
            "text": each.text,
            "measure": each.measure,
        }
        for each in previews
    ]
    return render_template(
        "console/templates.html",
        language=language,
        languages=LANGUAGES,
        texts=texts,
        variables=_variables(),
        problems=problems or {},
    )


@bp.route("/templates/email", methods=["GET", "POST"])
def email_templates() -> Page:
    """The same for e-mails, each of which has a subject and a text."""
    language = _language()
    if request.method == "GET":
        return _email_page(language, services().settings().email_templates.texts.get(language, {}))
    typed = {
        usage: {part: request.form.get(f"{usage}-{part}", "").replace("\r\n", "\n") for part in PARTS}
        for usage in USAGES
    }
    if request.form.get("action") == "preview":
        return _email_page(language, typed)
    before = services().settings()
    outcome = message_templates.save_emails(services(), admin().name, language, typed)
    if isinstance(outcome, Refused):
        prefix = f"email_templates.{language}."
        problems = {k.removeprefix(prefix).replace(".", "-"): words for k, words in problems_of(outcome).items()}
        return _email_page(language, typed, problems), 422
    return _saved(before, url_for("console.email_templates", language=language))


def _email_page(language: str, typed: Any, problems: dict[str, str] | None = None) -> str:
    previews = message_templates.email_previews(services(), language, typed)
    emails = [
        {"title": gettext(USAGES[each.usage]), "typed": typed.get(each.usage, {}), **vars(each)} for each in previews
    ]
    return render_template(
        "console/email.html",
        language=language,
        languages=LANGUAGES,
        emails=emails,
        variables=_variables(),
        problems=problems or {},
    )


def _language() -> str:
    asked = request.values.get("language", "")
    return asked if asked in dict(LANGUAGES) else services().settings().application.language


def _variables() -> str:
    return " ".join(f"{{{name}}}" for name in VARIABLES)


@bp.route("/templates/json", methods=["GET", "POST"])
def templates_json() -> Page:
    """Every text of every language, as the document of the settings has them."""
    return _json("templates")


@bp.route("/templates/email/json", methods=["GET", "POST"])
def email_templates_json() -> Page:
    return _json("email_templates")


def _json(section: str) -> Page:
    if request.method == "GET":
        document = message_templates.as_document(services(), section)
        return _json_page(section, json.dumps(document, indent=2, ensure_ascii=False), [])
    typed, before = request.form.get("texts", ""), services().settings()
    outcome = message_templates.save_json(services(), admin().name, section, typed)
    if isinstance(outcome, Refused):
        found = outcome.values.values() or [problems_of(outcome)[""]]
        problems = [problem if isinstance(problem, str) else problem_words(problem) for problem in found]
        return _json_page(section, typed, problems), 422
    return _saved(before, url_for(f"console.{section}_json"))


def _json_page(section: str, typed: str, problems: list[str]) -> str:
    return render_template("console/json.html", section=section, typed=typed, problems=problems)


def _saved(before: Settings, then: str) -> Page:
    remember_changes(before)
    return redirect(then, 303)
