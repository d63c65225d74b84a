"""Set up the connectors: try one with values that are not saved yet, save it and use it, replace it, delete it.

test             one message to the admin's own phone or mailbox            -> the provider's answer | refused
test_as_set_up   the same with the values that are saved
save             these values, in use, standing by, or only kept            -> done | refused, with a problem a field
delete           forget it; what stands by takes over                       -> done | refused
dependents       what stops where nothing carries messages any more
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flows import change_settings, configurations
from flows.identifier import read_identifier
from flows.one_time_code import CHANNELS
from flows.outcomes import Done, Refused
from flows.refusals import explained
from flows.services import Services, TestAnswer
from rules import limits
from rules.limits import Recipient
from rules.receipt_address import receipt_address
from rules.refusals import RefusedError
from settings.connectors import Connectors
from settings.consistency import takes_new
from settings.console import write_document
from settings.fields import N_, Problem
from storage import accounts, circuits, counters
from storage.accounts import Identifier
from storage.circuits import Circuit

CONFIRM = "confirm"  # the field where the name of a connector is typed

# The places that have one connector each, for text messages and for e-mail, and where its name is typed to replace it.
CONFIRMS = {"active": CONFIRM, "email": f"{CONFIRM}_email"}


@dataclass(frozen=True)
class Place:
    """Where a connector is to stand: ``role`` is active, email, standby or kept; ``countries`` are carried by it
    alone."""

    role: str
    countries: Sequence[str] = ()
    confirmation: str = ""


@dataclass(frozen=True)
class Dependents:
    """What needs messages of a channel now. ``without_another_way``: accounts that can sign in by them only."""

    sign_up: bool
    sign_in: bool
    without_another_way: int


def test(
    services: Services, who: str, name: str, typed: Mapping[str, Any], to: str, country: str, locale: str
) -> TestAnswer | Refused:
    """``who``: the admin or program whose tests are counted; ``to``: a number or an address, as the connector's
    channels are."""
    config, problems = _read(services, name, typed)
    try:
        own = read_identifier(services, to, country, kinds(services, name))
    except RefusedError as error:
        return Refused(error.reason, values=error.values | {"problems": problems})
    if problems:
        return Refused("invalid", values={"problems": problems})
    return send_test(services, who, name, config, own, locale)


@explained
def send_test(
    services: Services, who: str, name: str, config: Mapping[str, Any], to: Identifier, locale: str
) -> TestAnswer | Refused:
    """What it costs is counted first, for the message is a real one; what was refused costs nothing."""
    recipient, now = Recipient(to.kind, to.value, to.country, "", "test"), services.clock()
    with services.database.write() as connection:
        charges = limits.charge_test(connection, services.settings(), recipient, who, now)
    answer = services.send_test(name, config, to.value, to.country, locale)
    if answer.outcome == "refused" and charges:
        with services.database.write() as connection:
            counters.lower_all(connection, charges, now)
    return answer


def test_as_set_up(services: Services, who: str, name: str, to: str, locale: str) -> TestAnswer | Refused:
    """The same with the values that are saved."""
    if name not in services.connectors:
        return Refused("not_found")
    saved = services.settings().connectors.configurations.get(name)
    if saved is None:
        return Refused("connector_not_set_up")
    return test(services, who, name, saved, to, services.settings().phones.default_country, locale)


def kinds(services: Services, name: str) -> list[str]:
    """What a connector sends to: phone, email or both."""
    return [kind for kind, channel in CHANNELS.items() if channel in services.connectors[name].channels]


def save(services: Services, author: str, name: str, typed: Mapping[str, Any], place: Place) -> Done | Refused:
    """Replacing the connector in use must be confirmed with its name. Messages on their way keep theirs."""
    config, problems = _read(services, name, typed)
    old = replaced(services, name, place.role)
    if old and not _is_confirmed(services, old, place):
        words = Problem(N_("Type %(name)s to replace it."), {"name": services.connectors[old].title})
        problems[CONFIRMS[place.role]] = words
    if problems:
        return Refused("invalid", values={"problems": problems})
    document = write_document(services.settings())
    group = document["connectors"]
    group["configurations"][name] = config
    group["routes"] |= {name: list(place.countries)}
    if not place.countries:
        del group["routes"][name]
    if place.role == "email":
        group["email"] = name
    elif place.role == "active":
        group["active"] = name
        group["standby"] = "" if group["standby"] == name else group["standby"]
    elif place.role == "standby":
        group["standby"] = name
    elif group["standby"] == name:
        group["standby"] = ""
    return _save(services, author, name, document, f"connector.{name}.saved")


def delete(services: Services, author: str, name: str, confirmation: str) -> Done | Refused:
    """Forget its configuration. The history keeps it, so that one click brings it back."""
    if not _is_confirmed(services, name, Place("", confirmation=confirmation)):
        problem = Problem(N_("Type %(name)s to delete it."), {"name": services.connectors[name].title})
        return Refused("invalid", values={"problems": {CONFIRM: problem}})
    document = write_document(services.settings())
    group = document["connectors"]
    group["configurations"].pop(name, None)
    group["routes"].pop(name, None)
    for role in ("standby", "email"):
        if group[role] == name:
            group[role] = ""
    if group["active"] == name:
        group["active"], group["standby"] = group["standby"], ""
    if not group["active"]:
        group["routes"] = {}
    return _save(services, author, name, document, f"connector.{name}.deleted")


def replaced(services: Services, name: str, role: str) -> str:
    """The connector that must be named before ``name`` takes its place; "" where none carries real messages there."""
    old = getattr(services.settings().connectors, role) if role in CONFIRMS else ""
    return old if old != name and old in services.connectors and services.connectors[old].production else ""


def heir(connectors: Connectors, name: str) -> str:
    """The connector that takes over where ``name`` is deleted; "" where none does."""
    return connectors.standby if connectors.active == name else connectors.active


def dependents(services: Services, kind: str) -> Dependents:
    """What needs messages to phones, or to e-mail addresses."""
    settings = services.settings()
    with services.database.read() as connection:
        return Dependents(
            sign_up=takes_new(settings, kind),
            sign_in=settings.sign_in.enabled and "code" in settings.sign_in.methods(kind),
            without_another_way=accounts.count_by_one_kind(connection, kind),
        )


def circuits_now(services: Services) -> dict[str, Circuit]:
    """The connectors that failed lately."""
    with services.database.read() as connection:
        return circuits.read_all(connection)


def receipts_at(services: Services, name: str) -> str:
    """The address at which a connector's provider reports."""
    return receipt_address(services.environment, services.keys, name)


def _is_confirmed(services: Services, name: str, place: Place) -> bool:
    return place.confirmation.strip().casefold() == services.connectors[name].title.casefold()


def _save(services: Services, author: str, name: str, document: dict[str, Any], action: str) -> Done | Refused:
    saved = change_settings.save(services, author, document, action=action)
    if not isinstance(saved, Refused):
        return saved
    return configurations.refused(
        saved, f"connectors.configurations.{name}", {f"connectors.routes.{name}": "countries"}
    )


def _read(services: Services, name: str, typed: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Problem]]:
    saved = services.settings().connectors.configurations.get(name, {})
    return configurations.read(services, services.connectors[name], saved, typed)
