"""The endpoints that hear of events: add one, edit it, look after its secrets, see what it was told, delete it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l

from flows import admin_sign_in, webhooks
from flows.outcomes import Refused
from pages.console.answers import detail_words
from pages.console.frame import bp, problems_of
from pages.journey import Page
from pages.visitor import admin, services
from settings.webhooks import FIELDS, TYPES, WebhookSettings

STATES = {"waiting": _l("waiting"), "delivered": _l("delivered"), "given_up": _l("given up")}
DOTS = {"waiting": "queued", "delivered": "accepted", "given_up": "refused"}
LAST = 2**62  # behind any delivery's number


@bp.get("/webhooks")
def list_webhooks() -> Page:
    listed = [_shown(each) for each in webhooks.list_all(services())]
    can_add = admin_sign_in.may(admin(), "new_webhook", reads=True)
    return render_template("console/webhooks.html", webhooks=listed, can_add=can_add)


@bp.route("/new-webhook", methods=["GET", "POST"])
def new_webhook() -> Page:
    """POST makes it and shows its secret, once."""
    if request.method == "GET":
        return _new_page(vars(WebhookSettings()), {})
    outcome = webhooks.create(services(), admin().name, _typed())
    if isinstance(outcome, Refused):
        return _new_page(_typed(), problems_of(outcome)), 422
    return _page(outcome.endpoint_id, secret=outcome.secret)


def _new_page(values: dict[str, Any], problems: dict[str, str]) -> str:
    return render_template("console/new_webhook.html", fields=FIELDS, types=TYPES, values=values, problems=problems)


@bp.route("/webhooks/<endpoint_id>", methods=["GET", "POST"])
def webhook(endpoint_id: str) -> Page:
    """POST saves ("save"), makes another secret ("rotate"), ends the old one ("forget"), tries it ("test"), or switches
    it "on" or "off"."""
    found = _found(endpoint_id)
    if request.method == "GET":
        return _page(endpoint_id)
    action = request.form.get("action", "")
    if action == "rotate" and request.form.get("newest") == repr(found.secret_at):  # a reload makes no other
        outcome = webhooks.rotate_secret(services(), admin().name, found)
        return _page(endpoint_id, secret="" if isinstance(outcome, Refused) else outcome.secret)
    if action == "save":
        saved = webhooks.save(services(), admin().name, found, _typed())
        if isinstance(saved, Refused):
            return _page(endpoint_id, values=_typed(), problems=problems_of(saved)), 422
    if action == "forget":
        webhooks.forget_old_secret(services(), admin().name, found)
    if action in ("on", "off"):
        webhooks.switch(services(), admin().name, found, on=action == "on")
    if action == "test":
        webhooks.test(services(), found)
    return redirect(url_for("console.webhook", endpoint_id=endpoint_id), 303)


@bp.route("/delete-webhook/<endpoint_id>", methods=["GET", "POST"])
def delete_webhook(endpoint_id: str) -> Page:
    """GET says what will happen; POST does it."""
    found = _found(endpoint_id)
    if request.method == "POST":
        webhooks.delete(services(), admin().name, found)
        return redirect(url_for("console.list_webhooks"), 303)
    return render_template("console/delete_webhook.html", webhook=_shown(found))


@bp.route("/webhook-delivery/<int:delivery_id>", methods=["GET", "POST"])
def webhook_delivery(delivery_id: int) -> Page:
    """What was sent, and what was answered; POST sends it again."""
    found = webhooks.find_delivery(services(), delivery_id) if delivery_id < LAST else None
    if found is None:
        abort(404)
    if request.method == "POST":
        webhooks.send_again(services(), admin().name, found)
        return redirect(url_for("console.webhook_delivery", delivery_id=delivery_id), 303)
    delivery = found.delivery
    return render_template(
        "console/webhook_delivery.html",
        webhook=_shown(found.endpoint),
        delivery=_row(delivery),
        event_id=delivery.event_id,
        at=_time(delivery.at),
        next_at=_time(delivery.due_at),
        took=None if delivery.took is None else f"{delivery.took:.2f}",
        body=json.dumps(json.loads(found.body), indent=2, ensure_ascii=False),
    )


def _typed() -> dict[str, Any]:
    form = request.form
    switch = "on" if "on" in form.getlist("identifiers") else "off"
    return {"url": form.get("url", ""), "events": form.getlist("events"), "identifiers": switch}


def _found(endpoint_id: str) -> Any:
    return webhooks.find(services(), endpoint_id) or abort(404)


def _page(
    endpoint_id: str, *, secret: str = "", values: dict[str, Any] | None = None, problems: dict[str, str] | None = None
) -> str:
    found = _found(endpoint_id)
    before = min(request.args.get("before", LAST, type=int), LAST)
    listed, older = webhooks.deliveries(services(), found, before=before)
    return render_template(
        "console/webhook.html",
        webhook=_shown(found),
        secret=secret,
        secret_at=_time(found.secret_at),
        newest=repr(found.secret_at),
        fields=FIELDS,
        types=TYPES,
        values=values or vars(found.settings),
        problems=problems or {},
        deliveries=[_row(each) for each in listed],
        older=older.id if older else None,
        can_act=admin_sign_in.may(admin(), "webhook", reads=False),
    )


def _shown(endpoint: Any) -> dict[str, Any]:
    return {
        "id": endpoint.id,
        "url": endpoint.settings.url,
        "events": len(endpoint.settings.events),
        "secrets": len(endpoint.secrets),
        "off": endpoint.off_why,
        "off_at": _time(endpoint.off_at),
        "failing_since": _time(endpoint.failing_since),
    }


def _row(delivery: Any) -> dict[str, Any]:
    return {
        "id": delivery.id,
        "type": delivery.type,
        "account": delivery.account_id,
        "state": delivery.state,
        "dot": DOTS[delivery.state],
        "state_text": STATES[delivery.state],
        "attempts": delivery.attempts,
        "called": _time(delivery.called_at),
        "when": _time(delivery.at),
        "status": delivery.status,
        # What became of a call without an answer is a sentence of ours.
        "answer": detail_words(delivery.answer or "") if delivery.status is None else delivery.answer,
    }


def _time(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
