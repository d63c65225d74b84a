"""Sign in: /sign-in and below. A function a button, named like the flow's step."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for

from flows import forgot_password, passkeys
from flows import sign_in as flow
from flows.outcomes import Refused
from flows.place import Place
from pages import journey
from pages.forms import CodeForm, FactorForm, IdentifierForm, PasswordForm, TicketForm
from pages.journey import Page
from pages.mfa import options_reply
from pages.visitor import account_session, services, visitor
from pages.words import headers, sentence, status

bp = Blueprint("sign_in", __name__, url_prefix="/sign-in")


@bp.route("", methods=["GET", "POST"])
def start() -> Page:
    if request.method == "GET" and account_session():
        return redirect(url_for("account.overview"), 303)
    if not flow.is_open(services()):
        return render_template("sign_in/closed.html"), 403
    return journey.start(flow)


@bp.route("/code", methods=["GET", "POST"])
def check_code() -> Page:
    return journey.check_code(flow) if request.method == "POST" else journey.code_page(flow)


@bp.get("/lost-number")
def lost_number() -> Page:
    """The same for everybody, whatever was typed before: the ways in that are switched on."""
    settings = services().settings()
    return render_template(
        "sign_in/lost_number.html",
        kinds=settings.sign_in.kinds(),
        passkey=settings.sign_in.passkey,
        elsewhere=bool(settings.upstreams.offered),
        help_url=settings.application.help_url,
    )


@bp.route("/password", methods=["GET", "POST"])
def check_password() -> Page:
    form = PasswordForm()
    ticket = request.args.get("ticket", "") or form.ticket.data or ""
    place = flow.code_page(services(), visitor(), ticket)
    if place is None or not place.live or "password" not in flow.methods(services(), place.kind):
        return redirect(url_for("account.overview" if account_session() else "sign_in.start"), 303)
    if request.method == "GET":
        return _password_page(form, place)
    outcome = flow.check_password(services(), visitor(), place.ticket, form.password.data or "")
    if isinstance(outcome, Refused) and outcome.reason not in journey.OVER:
        form.refuse("password", sentence(outcome, "password"))
        return _password_page(form, place), status(outcome), headers(outcome)
    return journey.answer(flow, CodeForm(formdata=None, ticket=place.ticket), outcome)


def _password_page(form: PasswordForm, place: Place) -> str:
    return render_template(
        "sign_in/password.html",
        form=form,
        place=place,
        methods=flow.methods(services(), place.kind),
        can_forget=bool(forgot_password.kinds(services())),
    )


@bp.post("/use-code")
def use_code() -> Page:
    form = TicketForm()
    outcome = flow.use_code(services(), visitor(), form.ticket.data or "")
    return journey.answer(flow, CodeForm(code=""), outcome)


@bp.post("/use-password")
def use_password() -> Page:
    """From the challenge that a code would cost."""
    form = IdentifierForm()
    outcome = flow.use_password(services(), visitor(), form.typed, form.country.data or "")
    return journey.refused_at_first(flow, outcome) if isinstance(outcome, Refused) else journey.go(flow, outcome)


@bp.post("/send-again")
def send_again() -> Page:
    return journey.send_again(flow)


@bp.get("/message-status")
def message_status() -> Page:
    return journey.message_status(flow)


@bp.route("/create-account", methods=["GET", "POST"])
def create_account() -> Page:
    """The number is proved, and has no account: GET asks, POST makes one."""
    form = TicketForm()
    place = flow.code_page(services(), visitor(), request.args.get("ticket", "") or form.ticket.data or "")
    standing = flow.standing(services(), visitor(), place.ticket) if place else Refused("start_again")
    if isinstance(standing, Refused) or place is None:
        return redirect(url_for("account.overview" if account_session() else "sign_in.start"), 303)
    if standing.step != "create_account":
        return journey.go(flow, standing)
    if request.method == "GET":
        return render_template("sign_in/create_account.html", **vars(place))
    outcome = flow.create_account(services(), visitor(), place.ticket)
    if isinstance(outcome, Refused):
        return render_template("errors/page.html", heading=sentence(outcome)), status(outcome)
    return journey.answer(flow, CodeForm(formdata=None), outcome)


@bp.post("/passkey/ask")
def ask_passkey() -> Page:
    return options_reply(passkeys.ask_first(services(), visitor()))


@bp.post("/passkey")
def check_passkey() -> Page:
    """A passkey, which stands for name, code and second factor at once."""
    form = FactorForm()
    outcome = passkeys.check_first(services(), visitor(), form.asked.data or "", form.credential.data or "")
    if isinstance(outcome, Refused):
        return journey.refused_at_first(flow, outcome)
    return journey.answer(flow, CodeForm(formdata=None), outcome)
