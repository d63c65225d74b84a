"""A person's first page, drawn with settings that are not saved, for the console to show in a frame."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType

from flask import g, render_template

from flows import sign_in, sign_up
from pages import journey
from pages.forms import IdentifierForm, NameForm
from pages.visitor import services
from settings.console import Settings

FLOWS: dict[str, ModuleType] = {"sign_in": sign_in, "sign_up": sign_up}


def first_page(name: str, unsaved: Settings) -> str:
    """The page of a flow as it would be. It is for a frame whose scripts and forms are off."""
    g.services = replace(services(), settings=lambda: unsaved)
    try:
        if not getattr(unsaved, name).enabled:
            return render_template(f"{name}/closed.html")
        flow = FLOWS[name]
        if flow.kinds(services()) == ["username"] and name == "sign_up":
            return render_template("sign_up/name.html", form=NameForm(formdata=None))
        return journey.first_page(flow, IdentifierForm(formdata=None), "")
    finally:
        del g.services
