"""The pages that sign-in and sign-up share: the number's page and the code's page."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from flask import g, redirect, render_template, request, session, url_for
from flask_babel import get_locale, gettext

from flows import sign_up, upstream
from flows.outcomes import Next, Refused, SignedIn
from flows.passkeys import site
from flows.place import Place
from pages import challenge
from pages.countries import option_elements, suggested
from pages.forms import CodeForm, IdentifierForm, TicketForm
from pages.visitor import account_session, enter, services, visitor
from pages.words import headers, message_problem, sentence, status

Page = Any  # whatever Flask takes as a reply

COUNTRY_REASONS = ("country_unknown", "country_not_allowed")
# The ticket is over: back to the number.
OVER = ("used_code", "start_again", "too_many_tries", "too_many_passwords", "has_account")


PASSING = ("queued", "sent")  # what may still change while the person looks


def start(flow: ModuleType) -> Page:
    """Which number? GET shows the page, POST takes the number."""
    if request.method == "GET":
        return first_page(flow, *_typed_before(flow))
    form = IdentifierForm()
    if not form.validate():
        return first_page(flow, form, form.country.data), 422
    outcome = flow.start(services(), visitor(), form.typed, form.country.data or "")
    if isinstance(outcome, Refused):
        if outcome.reason == "challenge":
            return challenge.asked(outcome)
        form.refuse("country" if outcome.reason in COUNTRY_REASONS else box(flow), sentence(outcome, _kind(form.typed)))
        return first_page(flow, form, form.country.data), status(outcome), headers(outcome)
    return go(flow, outcome)


def _kind(typed: str) -> str:
    """What the words of a refusal speak of."""
    return "email" if "@" in typed else "phone"


def _typed_before(flow: ModuleType) -> tuple[IdentifierForm, str]:
    """Who comes back from the code page to mend the number finds it in its box."""
    ticket = request.args.get("ticket")
    if not ticket and g.get("waiting"):
        return IdentifierForm(formdata=None, **{box(flow): _hint(flow, g.waiting.hint)}), ""
    place = flow.code_page(services(), visitor(), ticket) if ticket else None
    return IdentifierForm(formdata=None, **{box(flow): place.shown if place else ""}), place.country if place else ""


def _hint(flow: ModuleType, hint: str) -> str:
    """Whom an application expects (its ``login_hint``), where the box takes such a name."""
    return hint[:100] if ("@" in hint) == (box(flow) == "email") or len(flow.kinds(services())) > 1 else ""


def box(flow: ModuleType) -> str:
    """The name of the box: of the one kind that is asked for, or of the first where there are several."""
    return next(iter(flow.kinds(services())), "phone")


def code_page(flow: ModuleType) -> Page:
    """The page of the code, wherever the visitor's ticket stands."""
    place = flow.code_page(services(), visitor(), request.args.get("ticket", ""))
    if place is None or not place.live:
        return _gone_on(flow, place) or redirect(url_for(f"{flow.FLOW}.start"), 303)
    return _code_page(flow, CodeForm(formdata=None), place)


def _gone_on(flow: ModuleType, place: Place | None) -> Page | None:
    """A second click, or Back: where whoever is in goes, or whoever has proved their ticket. None for others."""
    if account_session():
        return redirect(url_for("account.overview"), 303)
    if place is None or not place.proved or place.used:
        return None
    standing = flow.standing(services(), visitor(), place.ticket)
    return go(flow, standing) if isinstance(standing, Next) else None


def check_code(flow: ModuleType) -> Page:
    form = CodeForm()
    ticket = form.ticket.data or ""
    if not form.validate():
        return _refused_code(flow, form, Refused("no_code"))
    return answer(flow, form, flow.check_code(services(), visitor(), ticket, form.code.data or ""))


def send_again(flow: ModuleType) -> Page:
    form = TicketForm()
    outcome = flow.send_again(services(), visitor(), form.ticket.data or "")
    return answer(flow, CodeForm(code=""), outcome)


def message_status(flow: ModuleType) -> Page:
    """What became of the newest message, for the page's script: {"state": ..., "text": ..., "final": ...}."""
    place = flow.code_page(services(), visitor(), request.args.get("ticket", ""))
    if place is None:
        return {"state": "neutral", "text": "", "final": True}, 404
    text = render_template("parts/message_status.txt", **shown(place))
    return {"state": place.state, "text": text.strip(), "final": place.state not in PASSING}


def shown(place: Place) -> dict[str, Any]:
    """What the code page's template asks for."""
    return vars(place) | {
        "message_state": place.state,
        "message_problem": message_problem(place.state, place.refusal, place.kind),
    }


def answer(flow: ModuleType, form: CodeForm, outcome: Next | SignedIn | Refused) -> Page:
    """Where an outcome leads: in, on, or back to the page with what is wrong."""
    if isinstance(outcome, SignedIn):
        return enter(outcome)
    if isinstance(outcome, Next):
        return go(flow, outcome)
    if outcome.reason == "challenge":
        return challenge.asked(outcome)
    return _refused_code(flow, form, outcome)


def go(flow: ModuleType, outcome: Next) -> Page:
    """To a step of the flow, or to the one of another flow that has to come first."""
    if outcome.step == "second_factor":
        return redirect(url_for("mfa.choose", ticket=outcome.ticket), 303)
    endpoint = {"code": "check_code", "password": "check_password"}.get(outcome.step, outcome.step)
    return redirect(url_for(f"{flow.FLOW}.{endpoint}", ticket=outcome.ticket), 303)


def _refused_code(flow: ModuleType, form: CodeForm, refused: Refused) -> Page:
    place = flow.code_page(services(), visitor(), form.ticket.data or "")
    if refused.reason in OVER or place is None:
        return _gone_on(flow, place) or _start_over(flow, place, refused)
    if not form.code.errors:
        form.refuse("code", sentence(refused, place.kind))
    return _code_page(flow, form, place, tries_left=refused.values.get("tries_left")), status(refused), headers(refused)


def _start_over(flow: ModuleType, place: Place | None, refused: Refused) -> Page:
    """The number's page with the number filled in: no dead end."""
    form = IdentifierForm(formdata=None, **{box(flow): place.shown if place else ""})
    form.refuse(box(flow), sentence(refused, place.kind if place else "phone"))
    return first_page(flow, form, place.country if place else ""), status(refused), headers(refused)


def refused_at_first(flow: ModuleType, refused: Refused) -> Page:
    """The first page, with what is wrong with another way in than its box."""
    form = IdentifierForm(formdata=None)
    form.refuse(box(flow), sentence(refused))
    return first_page(flow, form, ""), status(refused), headers(refused)


def first_page(flow: ModuleType, form: IdentifierForm, country: str | None) -> str:
    settings = services().settings()
    allowed = None if settings.phones.all_countries else settings.phones.countries
    chosen = country or settings.phones.default_country or suggested(request.accept_languages.values(), allowed)
    return render_template(
        f"{flow.FLOW}/start.html",
        form=form,
        country_options=option_elements(str(get_locale()), allowed, chosen),
        sign_up_enabled=sign_up.is_open(services()),
        sign_in_enabled=settings.sign_in.enabled,
        kinds=flow.kinds(services()),
        box=box(flow),
        code_first=flow.code_first(services()),
        other_ways=[],
        passkey=flow.FLOW == "sign_in" and services().sign_in().passkey,
        passkey_site=site(services()).id,
        nothing_to_type=not (services().sign_in().kinds() if flow.FLOW == "sign_in" else flow.kinds(services())),
        can_send=flow.can_begin(services()),
        upstreams=upstream.offers(services()),
        action=url_for(f"{flow.FLOW}.start"),
        told=session.pop("told", "") if request.method == "GET" else "",
    )


def _password_url(flow: ModuleType, place: Place) -> str | None:
    if "password" not in flow.methods(services(), place.kind):
        return None
    return url_for(f"{flow.FLOW}.check_password", ticket=place.ticket)


def _other_ways(flow: ModuleType, place: Place) -> list[tuple[str, str]]:
    if flow.FLOW != "sign_in" or place.kind != "phone":
        return []
    return [(gettext("I no longer have this number"), url_for("sign_in.lost_number"))]


def _code_page(flow: ModuleType, form: CodeForm, place: Place, tries_left: int | None = None) -> str:
    return render_template(
        f"{flow.FLOW}/code.html",
        form=form,
        **shown(place),
        password_url=_password_url(flow, place),
        status_url=url_for(f"{flow.FLOW}.message_status", ticket=place.ticket) if place.state in PASSING else None,
        tries_left=tries_left,
        other_ways=_other_ways(flow, place),
    )


def place_number(typed: str | None) -> int:
    """A place in a list, or -1."""
    return int(typed) if typed and typed.isascii() and typed.isdigit() and len(typed) < 3 else -1
