"""What templates may ask for beside Flask's own."""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from babel import Locale, dates
from flask import Flask
from flask.templating import Environment
from flask_babel import format_decimal, get_locale, gettext
from markupsafe import Markup, escape

BRITISH = Locale("en", "GB")
E_MAIL = re.compile(r"(\be-mail\w*)", re.IGNORECASE)


class Templates(Environment):
    def make_globals(self, d: Mapping[str, Any] | None) -> MutableMapping[str, Any]:
        """All of them in one dictionary, for they are known before the first page: in the chain that is Jinja's own
        they are looked for anew at each import of a macro, which is a tenth of a page."""
        return {**self.globals, **(d or {})}


def prepare(app: Flask) -> None:
    app.template_filter("translated")(translated)
    app.template_filter("moment")(moment)
    app.template_filter("day")(day)
    app.template_filter("unbroken")(unbroken)
    app.template_filter("numberformat")(format_decimal)
    app.url_defaults(_with_version(app))


def moment(when: datetime, style: str = "medium") -> str:
    """As "27 Nov 2026, 18:23:59", the way that the page's language writes it. Times are in UTC."""
    return dates.format_datetime(when, style, locale=_locale())


def day(when: date, style: str = "medium") -> str:
    return dates.format_date(when, style, locale=_locale())


def _locale() -> Locale:
    """Our English is Britain's, and so are its dates: whoever reads "4/12" must not guess."""
    locale = get_locale()
    return BRITISH if locale is None or locale.language == "en" else locale


def unbroken(text: str) -> Markup:
    """No line ends within "e-mail": a big heading is balanced, and would."""
    return Markup(E_MAIL.sub(r"<span class=number>\1</span>", str(escape(text))))  # noqa: S704 (escaped)


def translated(text: str) -> str:
    """A source sentence that was marked elsewhere, in the page's language."""
    return gettext(text) if text else ""


def _with_version(app: Flask):  # type: ignore[no-untyped-def]
    """Static files may be kept for a year, so that their address changes when they do."""
    versions: dict[str, int] = {}

    def add(endpoint: str, values: dict[str, object]) -> None:
        name = values.get("filename")
        if endpoint == "static" and isinstance(name, str):
            if name not in versions:
                versions[name] = int((Path(app.static_folder or "") / name).stat().st_mtime)
            values["v"] = versions[name]

    return add
