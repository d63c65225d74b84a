"""Settings out of one installation and into another: download, preview, try, switch."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask_babel import get_locale

from flows import transfer
from flows.outcomes import Refused
from flows.transfer import Preview
from pages.console.answers import answer_words
from pages.console.frame import bp, in_words, label, problems_of, remember_changes
from pages.journey import Page
from pages.visitor import admin, services
from pages.words import headers, sentence, status


@bp.get("/settings/transfer")
def transfer_settings() -> Page:
    return _page()


def _page(**more: Any) -> str:
    values = {"problems": {}, "typed": "", "test_to": ""} | more
    return render_template("console/transfer.html", **values)


@bp.post("/settings/transfer/download")
def download_settings() -> Page | Response:
    """POST, for a passphrase must not stand in an address."""
    outcome = transfer.export(services(), request.form.get("seal", ""))
    if isinstance(outcome, Refused):
        return _page(problems={"seal": sentence(outcome)}), 422
    headers = {"Content-Disposition": "attachment; filename=doorcode-settings.json", "Cache-Control": "no-store"}
    return Response(json.dumps(outcome, indent=2, ensure_ascii=False), mimetype="application/json", headers=headers)


@bp.post("/settings/transfer")
def import_settings() -> Page:
    """Shows what the document would change; nothing is changed yet."""
    file = request.files.get("file")
    typed = file.read().decode("utf-8-sig", "replace") if file and file.filename else request.form.get("document", "")
    outcome = transfer.preview(services(), typed, request.form.get("passphrase", ""))
    if isinstance(outcome, Refused):
        return _page(problems=_problems(outcome), typed=typed), 422
    return _preview_page(outcome)


def _problems(refused: Refused) -> dict[str, str]:
    """A problem of the document itself stands at its box, with the words of its path."""
    found = {}
    for path, words in problems_of(refused).items():
        found[path] = words if path in ("document", "passphrase") else f"{label(path)}: {words}"
    return found


def _preview_page(preview: Preview, *, tested: bool = False, **more: Any) -> str:
    return render_template(
        "console/switch.html",
        closed=preview.closed,
        changed_settings=in_words(preview.changes),
        connector=services().connectors[preview.connector].title if preview.connector else "",
        missing=[label(f"connectors.configurations.{path}") for path in preview.missing],
        tested=tested,
        **{"problems": {}, "test_to": ""} | more,
    )


@bp.post("/settings/transfer/switch")
def switch_settings() -> Page:
    """Sends a test as the document would ("test"), or makes it the settings in force."""
    closed, tested = request.form.get("closed", ""), request.form.get("tested") == "on"
    preview = transfer.preview(services(), json.dumps(transfer.opened(services(), closed)), "")
    if isinstance(preview, Refused):
        return _page(problems=_problems(preview)), 422
    if request.form.get("action") == "test":
        return _test(preview)
    if preview.connector and not tested:
        return _preview_page(preview, problems={"tested": True}), 422
    before = services().settings()
    outcome = transfer.apply(services(), admin().name, preview.closed)
    if isinstance(outcome, Refused):
        return _page(problems=_problems(outcome)), 422
    remember_changes(before)
    return redirect(url_for("console.settings"), 303)


def _test(preview: Preview) -> Page:
    number = request.form.get("test_to", "")
    country = services().settings().phones.default_country
    answer = transfer.test(services(), admin().id, preview.closed, number, country, str(get_locale()))
    if isinstance(answer, Refused):
        page = _preview_page(preview, problems={"test_to": sentence(answer)}, test_to=number)
        return page, status(answer), headers(answer)
    passed = answer.outcome == "accepted"
    return _preview_page(preview, tested=passed, test_to=number, test_answer=answer_words(answer))
