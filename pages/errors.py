"""A page of our own for everything that goes wrong, with a reference that the log has too."""

from __future__ import annotations

import logging

from flask import Flask, g, render_template, request, url_for
from flask_babel import get_locale, gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from pages import countries
from pages.journey import Page
from pages.visitor import services

log = logging.getLogger("doorcode.pages")

WORDS = {
    400: (_l("We could not read that"), _l("Go back, and try once more.")),
    403: (_l("That is not allowed"), _l("Go back to the page and try once more.")),
    404: (_l("There is no such page"), _l("The address may be mistyped, or the page has moved.")),
    405: (_l("That does not work here"), _l("Open the page from its start.")),
    413: (_l("That was too much"), _l("What was sent is longer than this page can take.")),
    429: (_l("Too many tries"), _l("Many forms were sent from your network.")),
    500: (_l("Something went wrong on our side"), _l("It is not your fault. Try again in a moment.")),
    503: (_l("We are busy"), _l("Nothing was lost, and nothing was sent.")),
}
BUSY_SECONDS = 5
DOOR_SECONDS = 60  # the door counts by the minute
PASSWORDS = ("password", "new_password")
LONGEST_KEPT = 20_000
OPEN_LONG = _l("This page was open for a long time")


def prepare(app: Flask, database_away: tuple[type[Exception], ...]) -> None:
    app.register_error_handler(CSRFError, again)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Exception, our_error)
    for kind in database_away:
        app.register_error_handler(kind, busy)


def page(status: int, *, retry_after: int | None = None, words: tuple[str, str] | None = None) -> Page:
    heading, text = words or WORDS[status]
    headers = {"Retry-After": str(retry_after)} if retry_after else {}
    body = render_template(
        "errors/page.html",
        heading=heading,
        text=text,
        retry_after=retry_after,
        request_id=g.get("request_id"),
        action=(gettext("Go to the first page"), url_for("front.front")),
    )
    return body, status, headers


def http_error(error: HTTPException) -> Page:
    if error.response is not None or error.code is None or error.code < 400:
        return error
    status = error.code if error.code in WORDS else 400 if error.code < 500 else 500
    return page(status, retry_after=DOOR_SECONDS if status == 429 else None)


def our_error(error: Exception) -> Page:
    log.error("%s in %s", type(error).__name__, request.endpoint, exc_info=error)
    return page(500)


def busy(error: Exception) -> Page:
    log.error("the database or the counter store does not answer: %s", type(error).__name__)
    return page(503, retry_after=BUSY_SECONDS)


def again(error: CSRFError) -> Page:
    """A form whose page was open too long, or whose browser keeps no cookies. What was typed is kept, to be sent anew.

    Only for forms that our own page sent: another site must not get its values confirmed by a click.
    """
    log.info("form refused: %s", error.description)
    kept = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    too_long = sum(len(value) for _name, value in kept) > LONGEST_KEPT
    if too_long or not _from_our_page():
        return page(403)
    if any(name in request.form for name in PASSWORDS):
        return page(403, words=(OPEN_LONG, _l("Go back, load the page once more, and type it again.")))
    return render_template(
        "errors/again.html",
        heading=OPEN_LONG,
        kept=kept,
        country=countries.name(str(get_locale()), request.form.get("country", "")),
        target=request.full_path.rstrip("?"),
        without_cookies=not request.cookies,
    ), 403


def _from_our_page() -> bool:
    """By the browser's own word. Its Origin is "null" where our pages send no referrer, so it counts only alone."""
    site = request.headers.get("Sec-Fetch-Site")
    if site:
        return site == "same-origin"
    origin = request.headers.get("Origin")
    return origin is None or origin in (services().environment.public_url, request.host_url.rstrip("/"))
