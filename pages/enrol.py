"""Add a second factor to one's own account: /mfa/enrol and below."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask_babel import lazy_gettext as _l

from flows import complete, offer, passkeys
from flows import enrol as flow
from flows.outcomes import Refused
from pages.complete import onward
from pages.devices import device_words
from pages.forms import FactorForm
from pages.journey import Page
from pages.mfa import NAMES, options_reply
from pages.proof import fresh_proof_required
from pages.qr import picture
from pages.visitor import account_session, services, signed_in_even_if_pending, signed_in_only, visitor
from pages.words import sentence, status

bp = Blueprint("enrol", __name__, url_prefix="/mfa/enrol")

ADDED = NAMES | {"backup_code": _l("Backup codes")}
ABOUT = {
    "passkey": _l("The safest: your finger, your face, a PIN or a security key"),
    "totp": _l("An app on your phone that shows a new code every 30 seconds"),
    "backup_code": _l("Ten codes on paper, for when you have lost your phone"),
}


@bp.route("/offer", methods=["GET", "POST"], endpoint="offer")
@signed_in_only
def offer_one() -> Page:
    """For who has just signed in without one: GET asks, POST says "not now"."""
    if request.method == "POST":
        offer.not_now(services(), visitor(), account_session())
    elif offer.is_due(services(), account_session()):
        kinds = flow.overview(services(), account_session()).addable
        return offer_page(kinds)
    return _to_account()


def offer_page(kinds: Sequence[str]) -> str:
    return render_template("mfa/offer.html", addable=_described(kinds))


def _to_account() -> Page:
    session.pop("offered", None)
    return redirect(url_for("account.overview"), 303)


def _described(kinds: Sequence[str]) -> list[tuple[str, str, str]]:
    return [(ADDED[kind], kind, ABOUT[kind]) for kind in kinds]


@bp.get("")
@signed_in_even_if_pending
@fresh_proof_required
def choose() -> Page:
    return _choice()


def _choice(problem: str = "") -> str:
    kinds = flow.overview(services(), account_session()).addable
    pending = account_session().pending
    return render_template(
        "mfa/enrol.html",
        addable=_described(kinds),
        pending=pending,
        offered="offered" in session,
        problem=problem,
        later_days=complete.days_to_wait(services(), account_session()) if pending else 0,
    )


@bp.post("")
@signed_in_even_if_pending
@fresh_proof_required
def begin() -> Page:
    kind = request.form.get("kind", "")
    if kind == "passkey":
        return redirect(url_for("enrol.new_passkey"), 303)
    step = flow.begin_backup_codes if kind == "backup_code" else flow.begin_totp
    outcome = step(services(), visitor(), account_session())
    if isinstance(outcome, Refused):
        return _choice(sentence(outcome)), status(outcome)
    return redirect(url_for(f"enrol.{outcome.step}", ticket=outcome.ticket), 303)


@bp.route("/app", methods=["GET", "POST"])
@signed_in_even_if_pending
@fresh_proof_required
def app() -> Page:
    """An authenticator app: the picture and the key, and the first code that shows that it has them."""
    form = FactorForm()
    ticket = request.args.get("ticket", "") or form.ticket.data or ""
    offered = flow.app_key(services(), visitor(), account_session(), ticket)
    if offered is None:
        return redirect(url_for("enrol.choose"), 303)
    if request.method == "GET":
        return _app_page(FactorForm(formdata=None), offered)
    outcome = flow.add_totp(services(), visitor(), account_session(), ticket, form.code.data or "")
    if isinstance(outcome, Refused):
        form.refuse("code", sentence(outcome))
        return _app_page(form, offered), status(outcome)
    return _added()


def _app_page(form: FactorForm, offered: flow.AppKey) -> str:
    return render_template("mfa/app.html", form=form, app=offered, qr=picture(offered.uri))


@bp.route("/new-passkey", methods=["GET", "POST"])
@signed_in_even_if_pending
@fresh_proof_required
def new_passkey() -> Page:
    form = FactorForm()
    if request.method == "GET":
        return _passkey_page(FactorForm(formdata=None, name=device_words(visitor().device)))
    answer = (form.asked.data or "", form.credential.data or "")
    name = " ".join((form.name.data or "").split())[: flow.LONGEST_NAME]
    outcome = passkeys.add(services(), visitor(), account_session(), *answer, name)
    if isinstance(outcome, Refused):
        form.refuse("credential", sentence(outcome))
        return _passkey_page(form), status(outcome)
    return _added()


def _passkey_page(form: FactorForm) -> str:
    site = passkeys.site(services())
    return render_template("mfa/new_passkey.html", form=form, passkey_site=site.id, passkey_origin=site.origin)


@bp.post("/new-passkey/ask")
@signed_in_even_if_pending
@fresh_proof_required
def ask_passkey() -> Page:
    return options_reply(passkeys.ask_to_add(services(), visitor(), account_session()))


def _added() -> Page:
    """Backup codes come with the first factor; then on to whatever else is missing, or back to the list."""
    if not flow.overview(services(), account_session()).codes_left:
        outcome = flow.begin_backup_codes(services(), visitor(), account_session())
        if not isinstance(outcome, Refused):
            return redirect(url_for("enrol.backup_codes", ticket=outcome.ticket), 303)
    return _on()


def _on() -> Page:
    if account_session().pending:
        return onward()
    return _to_account() if "offered" in session else redirect(url_for("security.overview"), 303)


@bp.route("/backup-codes", methods=["GET", "POST"])
@signed_in_even_if_pending
@fresh_proof_required
def backup_codes() -> Page:
    """GET shows the ten while their ticket lives; POST says that they are kept."""
    ticket = request.args.get("ticket", "") or request.form.get("ticket", "")
    codes = flow.codes_of(services(), visitor(), account_session(), ticket)
    if codes is None:
        return redirect(url_for("enrol.choose"), 303)
    if request.method == "GET":
        return render_template("mfa/backup_codes.html", codes=codes, ticket=ticket)
    flow.kept(services(), visitor(), account_session(), ticket)
    return _on()
