"""Which language a page speaks: the one that was chosen, the browser's, or the admin's."""

from __future__ import annotations

from babel.support import NullTranslations
from flask import Blueprint, Flask, g, has_request_context, redirect, request, session
from flask_babel import Babel, get_locale, get_translations
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from pages.journey import Page
from pages.visitor import services
from settings.sections import LANGUAGES

bp = Blueprint("language", __name__)

CODES = [code for code, _name in LANGUAGES]


def prepare(app: Flask) -> None:
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    Babel(app, locale_selector=choose, default_timezone="UTC")
    prepare_templates(app)

    @app.context_processor
    def languages() -> dict[str, object]:
        locale = get_locale()
        return {
            "languages": LANGUAGES,
            "lang": str(locale).replace("_", "-"),
            "text_direction": locale.text_direction if locale else "ltr",
            "application_name": services().settings().application.name,
            "privacy_url": services().settings().sign_up.privacy_url,
        }


def prepare_templates(app: Flask) -> None:
    """A page asks for some twenty sentences: its language is looked up once, and ``_`` does no more than it must."""
    environment = app.jinja_env
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: sentences().gettext(text),
        lambda one, many, number: sentences().ngettext(one, many, number),
        newstyle=True,
        pgettext=lambda about, text: sentences().pgettext(about, text),
    )
    environment.globals["_"] = say


@pass_eval_context
def say(evaluation: EvalContext, text: str, **values: object) -> str:
    """A sentence, in which values are escaped where the page is HTML."""
    sentence = sentences().gettext(text)
    if evaluation.autoescape:
        sentence = Markup(sentence)  # noqa: S704 - our own words
    return sentence % values if "%" in sentence else sentence


def sentences() -> NullTranslations:
    """In the language of this page."""
    return g.get("sentences") or _looked_up()


def _looked_up() -> NullTranslations:
    g.sentences = get_translations()
    found: NullTranslations = g.sentences
    return found


def choose() -> str:
    if not has_request_context():
        return CODES[0]  # what else the command line says is English too
    chosen = session.get("language")
    if chosen in CODES:
        return chosen
    return request.accept_languages.best_match(CODES) or services().settings().application.language


@bp.post("/language")
def switch() -> Page:
    """Remember the language in this browser, and go back to where the person was."""
    if request.form.get("language") in CODES:
        session["language"] = request.form["language"]
        session.permanent = True
    return redirect(_own_path(request.form.get("next", "")), 303)


def _own_path(target: str) -> str:
    """``target`` where it is a path of ours; "//elsewhere" and "/\\elsewhere" are other hosts to a browser."""
    safe = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if safe else "/"
