"""What templates may ask for beside Flask's own."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, MutableMapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from flask import Flask, url_for
from flask.templating import Environment
from flask_babel import format_date, format_datetime, format_decimal, gettext
from markupsafe import Markup, escape

from pages.visitor import services

E_MAIL = re.compile(r"(\be-mail\w*)", re.IGNORECASE)


class Templates(Environment):
    def make_globals(self, d: Mapping[str, Any] | None) -> MutableMapping[str, Any]:
        """All of them in one dictionary, for they are known before the first page: in the chain that is Jinja's own
        they are looked for anew at each import of a macro, which is a tenth of a page."""
        return {**self.globals, **(d or {})}


def prepare(app: Flask) -> None:
    app.template_filter("translated")(translated)
    for name in (moment, exact, day, unbroken):
        app.template_filter(name.__name__)(name)
    app.template_filter("numberformat")(format_decimal)
    app.template_global("file_url")(_addresses(app))


def unbroken(text: str) -> Markup:
    """No line ends within "e-mail": a big heading is balanced, and would."""
    return Markup(E_MAIL.sub(r"<span class=number>\1</span>", str(escape(text))))  # noqa: S704 (escaped)


def translated(text: str) -> str:
    """A source sentence that was marked elsewhere, in the page's language."""
    return gettext(text) if text else ""


def moment(when: datetime) -> str:
    """To the minute, for people to read: 28 November, 14:05 UTC. Where somebody's clock stands nobody knows here."""
    return format_datetime(when, f"d MMMM{_year(when)}, HH:mm 'UTC'")


def exact(when: datetime) -> str:
    """To the second, for tables of a page that says that times are in UTC: 28 Nov 2026, 14:05:33."""
    return format_datetime(when, "d MMM y, HH:mm:ss")


def day(when: date) -> str:
    """28 November."""
    return format_date(when, f"d MMMM{_year(when)}")


def _year(when: date) -> str:
    """Of another year than this one."""
    return "" if when.year == datetime.fromtimestamp(services().clock(), UTC).year else " y"


def _addresses(app: Flask) -> Callable[[str], str]:
    """Of static files: they may be kept for a year, so that a file's address changes when it does. Written once."""
    known: dict[str, str] = {}

    def file_url(name: str) -> str:
        if name not in known:
            changed_at = (Path(app.static_folder or "") / name).stat().st_mtime
            known[name] = url_for("static", filename=name, v=int(changed_at))
        return known[name]

    return file_url
