"""What templates may ask for beside Flask's own."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from flask_babel import format_datetime, format_decimal, gettext


def prepare(app: Flask) -> None:
    app.template_filter("translated")(translated)
    app.template_filter("datetimeformat")(format_datetime)
    app.template_filter("numberformat")(format_decimal)
    app.url_defaults(_with_version(app))


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
