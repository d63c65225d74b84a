"""A person's first pages, drawn with settings that are not saved, for the console to show in a frame."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import ModuleType

from flask import g, render_template

from flows import offer, sign_in, sign_up
from pages import enrol, journey
from pages.forms import IdentifierForm, NameForm
from pages.visitor import services
from settings.console import Settings

FLOWS: dict[str, ModuleType] = {"sign_in": sign_in, "sign_up": sign_up}


def first_page(name: str, unsaved: Settings) -> str:
    """The page of a flow as it would be. It is for a frame whose scripts and forms are off."""
    with _under(unsaved):
        if not getattr(unsaved, name).enabled:
            return render_template(f"{name}/closed.html")
        flow = FLOWS[name]
        if flow.kinds(services()) == ["username"] and name == "sign_up":
            return render_template("sign_up/name.html", form=NameForm(formdata=None))
        return journey.first_page(flow, IdentifierForm(formdata=None), "")


def offer_page(unsaved: Settings) -> str:
    """The page that offers somebody new a second factor; "" where it would not."""
    with _under(unsaved):
        kinds = offer.offered(services())
        return enrol.offer_page(kinds) if kinds else ""


@contextmanager
def _under(unsaved: Settings) -> Iterator[None]:
    g.services = replace(services(), settings=lambda: unsaved)
    try:
        yield
    finally:
        del g.services
