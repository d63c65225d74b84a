"""The second step of signing in: /mfa and below, a page for each factor."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from flows import mfa as flow
from flows import passkeys, recycled, second_step
from flows.outcomes import Next, Refused, SignedIn
from flows.second_step import SecondStep
from pages import challenge
from pages.forms import FactorForm
from pages.journey import Page, place_number, shown
from pages.visitor import TRUSTED_COOKIE, account_session, cookie_name, cookie_options, enter, services, visitor
from pages.words import headers, sentence, status

bp = Blueprint("mfa", __name__, url_prefix="/mfa")

NAMES = {
    "passkey": _l("Passkey"),
    "totp": _l("Authenticator app"),
    "sms": _l("Text message"),
    "email": _l("E-mail"),
    "password": _l("Password"),
    "backup_code": _l("Backup code"),
}
# What is refused; where nothing stands here, the code.
FIELDS = {"sms": "place", "email": "place", "passkey": "credential", "password": "password"}
OVER = ("start_again", "used_code", "suspended")  # there is nothing to be shown to any more


@bp.get("")
def choose() -> Page:
    """To the factor that was used last, or to the choice."""
    step = _step()
    if isinstance(step, Refused):
        return _over(step)
    if step.preferred:
        return redirect(url_for(f"mfa.{step.preferred}", ticket=step.ticket.id), 303)
    return _ways(step)


@bp.get("/ways")
def ways() -> Page:
    step = _step()
    return _over(step) if isinstance(step, Refused) else _ways(step)


@bp.post("")
def pass_by() -> Page:
    """The factors were switched off meanwhile: on without one."""
    outcome = flow.pass_by(services(), visitor(), FactorForm().ticket.data or "")
    return _over(outcome) if isinstance(outcome, Refused) else _onward(outcome, FactorForm(formdata=None))


@bp.route("/totp", methods=["GET", "POST"])
def totp() -> Page:
    return _typed("totp", flow.check_totp)


@bp.route("/backup-code", methods=["GET", "POST"])
def backup_code() -> Page:
    return _typed("backup_code", flow.check_backup_code)


def _typed(factor: str, check: Callable[..., SignedIn | Next | Refused]) -> Page:
    """The page of a factor that is typed."""
    form, step = FactorForm(), _step()
    if isinstance(step, Refused):
        return _over(step)
    if factor not in step.factors:
        return _off(step)
    if request.method == "GET":
        return _page(step, factor, FactorForm(formdata=None))
    if not form.validate():
        return _page(step, factor, form), 422
    typed = form[FIELDS.get(factor, "code")].data or ""
    outcome = check(services(), visitor(), step.ticket.id, typed)
    return _refused(outcome, step, factor, form) if isinstance(outcome, Refused) else _onward(outcome, form)


@bp.route("/password", methods=["GET", "POST"])
def password() -> Page:
    return _typed("password", flow.check_password)


@bp.route("/sms", methods=["GET", "POST"])
def sms() -> Page:
    """Which number? POST sends a code to it."""
    return _sent("sms")


@bp.route("/email", methods=["GET", "POST"])
def email() -> Page:
    """Which address? POST sends a code to it."""
    return _sent("email")


def _sent(factor: str) -> Page:
    form, step = FactorForm(), _step()
    if isinstance(step, Refused):
        return _over(step)
    if factor not in step.factors:
        return _off(step)
    if request.method == "GET":
        return _page(step, factor, FactorForm(formdata=None))
    outcome = flow.send_code(services(), visitor(), step.ticket.id, factor, place_number(form.place.data))
    if isinstance(outcome, Refused):
        return _refused(outcome, step, factor, form)
    return redirect(url_for("mfa.check_code", ticket=outcome.ticket), 303)


@bp.route("/code", methods=["GET", "POST"])
def check_code() -> Page:
    form = FactorForm()
    if request.method == "GET":
        return _code_page(FactorForm(formdata=None), request.args.get("ticket", ""))
    outcome = flow.check_code(services(), visitor(), form.ticket.data or "", form.code.data or "")
    return _refused_code(outcome, form) if isinstance(outcome, Refused) else _onward(outcome, form)


@bp.post("/send-again")
def send_again() -> Page:
    form = FactorForm()
    outcome = flow.send_again(services(), visitor(), form.ticket.data or "")
    if isinstance(outcome, Refused):
        return _refused_code(outcome, form)
    return redirect(url_for("mfa.check_code", ticket=outcome.ticket), 303)


def _refused_code(refused: Refused, form: FactorForm) -> Page:
    if refused.reason == "challenge":
        return challenge.asked(refused)
    place, parent = flow.code_page(services(), visitor(), form.ticket.data or "")
    if refused.reason in (*OVER, "factor_off", "too_many_tries"):
        step = flow.choose(services(), visitor(), parent)
        return _over(step, parent) if isinstance(step, Refused) else _off(step, refused)
    form.refuse("code", sentence(refused, place.kind if place else "phone"))
    return _code_page(form, form.ticket.data or ""), status(refused), headers(refused)


def _code_page(form: FactorForm, ticket_id: str) -> Page:
    place, parent = flow.code_page(services(), visitor(), ticket_id)
    if place is None or not place.live:
        return redirect(url_for("mfa.choose", ticket=parent), 303)
    return render_template(
        "mfa/code.html",
        form=form,
        **shown(place),
        send_to=url_for("mfa.check_code"),
        again_to=url_for("mfa.send_again"),
        back_to=url_for("mfa.ways", ticket=parent),
        trusted_days=services().settings().second_factors.trusted_days,
    )


@bp.route("/new-owner", methods=["GET", "POST"])
def new_owner() -> Page:
    """The number is mine, and the account that it opens is not. GET tells how far that is."""
    ticket = _ticket()
    if request.method == "POST":
        outcome = recycled.take(services(), visitor(), ticket)
        if isinstance(outcome, Refused):
            return _over(outcome)
        if isinstance(outcome, SignedIn):
            return enter(outcome)
        return redirect(url_for("mfa.new_owner", ticket=ticket), 303)
    claim = recycled.standing(services(), visitor(), ticket)
    if isinstance(claim, Refused):
        return _over(claim)
    return render_template(
        "mfa/new_owner.html",
        ticket=ticket,
        days=services().settings().recycled_numbers.release_days,
        release=datetime.fromtimestamp(claim.release_at, UTC) if claim else None,
        is_free=claim is not None and claim.release_at <= services().clock(),
    )


@bp.route("/passkey", methods=["GET", "POST"])
def passkey() -> Page:
    form, step = FactorForm(), _step()
    if isinstance(step, Refused):
        return _over(step)
    if "passkey" not in step.factors:
        return _off(step)
    if request.method == "GET":
        return _page(step, "passkey", FactorForm(formdata=None))
    answer = (form.asked.data or "", form.credential.data or "")
    outcome = passkeys.check_second(services(), visitor(), step.ticket.id, *answer)
    return _refused(outcome, step, "passkey", form) if isinstance(outcome, Refused) else _onward(outcome, form)


@bp.post("/passkey/ask")
def ask_passkey() -> Page:
    return options_reply(passkeys.ask_second(services(), visitor(), FactorForm().ticket.data or ""))


def options_reply(outcome: passkeys.Asked | Refused) -> Page:
    """For the script: what to ask the browser for."""
    if isinstance(outcome, Refused):
        return {"reason": outcome.reason}, status(outcome)
    return {"asked": outcome.ticket, "options": outcome.options}


def _step() -> SecondStep | Refused:
    return flow.choose(services(), visitor(), _ticket())


def _ticket() -> str:
    return request.args.get("ticket", "") or request.form.get("ticket", "")


def _refused(refused: Refused, step: SecondStep, factor: str, form: FactorForm) -> Page:
    if refused.reason == "challenge":
        return challenge.asked(refused)
    if refused.reason in OVER:
        return _over(refused)
    if refused.reason == "factor_off":
        return _off(step, refused)
    form.refuse(FIELDS.get(factor, "code"), sentence(refused, factor))
    page = _page(step, factor, form, refused.values.get("tries_left"))
    return page, status(refused), headers(refused)


def _page(step: SecondStep, factor: str, form: FactorForm, tries_left: int | None = None) -> str:
    return render_template(f"mfa/{factor}.html", form=form, tries_left=tries_left, **_about(step, factor))


def _about(step: SecondStep, factor: str = "") -> dict[str, Any]:
    return {
        "ticket": step.ticket.id,
        "places": {each: flow.reachable(services(), step, each) for each in flow.KINDS if each in step.factors},
        "asleep": step.is_asleep,
        "doubted": step.is_doubted,
        "new_owner": recycled.is_offered(services(), step),
        "others": [
            (NAMES[each], each, url_for(f"mfa.{each}", ticket=step.ticket.id))
            for each in step.factors
            if each != factor
        ],
        "trusted_days": services().settings().second_factors.trusted_days,
        "passkey_site": passkeys.site(services()).id,
    }


def _ways(step: SecondStep, problem: str = "") -> str:
    if not step.factors:
        return render_template("mfa/none.html", ticket=step.ticket.id)
    return render_template("mfa/ways.html", problem=problem, **_about(step))


def _off(step: SecondStep, refused: Refused | None = None) -> Page:
    """This factor is not to be had any more: what there is instead."""
    refused = refused or Refused("factor_off")
    return _ways(step, sentence(refused)), status(refused)


def _over(refused: Refused, ticket: str = "") -> Page:
    if account_session():  # a second click, or Back: they are in
        return redirect(url_for("account.overview"), 303)
    onward = second_step.gone_on(services(), visitor(), ticket or _ticket()) if refused.reason == "used_code" else None
    if onward:
        return redirect(url_for(f"forgot_password.{onward.step}", ticket=onward.ticket), 303)
    if request.method == "GET" and refused.reason != "suspended":
        return redirect(url_for("sign_in.start"), 303)
    problem = gettext("That took too long. Start again.") if refused.reason == "start_again" else sentence(refused)
    return render_template("mfa/over.html", problem=problem), status(refused)


def _onward(outcome: SignedIn | Next, form: FactorForm) -> Page:
    if isinstance(outcome, Next):
        endpoint = "mfa.choose" if outcome.step == "second_factor" else f"forgot_password.{outcome.step}"
        return redirect(url_for(endpoint, ticket=outcome.ticket), 303)
    response = enter(outcome)
    trusted = flow.trust(services(), visitor(), outcome) if form.trust.data else None
    if trusted:
        name = cookie_name(TRUSTED_COOKIE)
        response.set_cookie(name, trusted.token, expires=trusted.expires_at, **cookie_options())
    return response
