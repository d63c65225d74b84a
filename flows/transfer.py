"""Move the settings from one installation to another, as one JSON document.

export     without secrets, or with each sealed by a passphrase
preview    what a document would change, before anything is changed          -> preview | refused
test       a message to the admin's own phone, as the document would send it -> the provider's answer | refused
apply      make the document the settings in force                           -> done | refused
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import Any

from flows import change_settings, connector_setup
from flows.identifier import read_phone
from flows.outcomes import Done, Refused
from flows.refusals import explained
from flows.services import Services, TestAnswer
from rules.refusals import Reason, RefusedError
from settings.console import Settings, write_document
from settings.fields import N_, FieldError, Problem, read_json
from storage.accounts import PHONE, Identifier
from storage.sealing import SealBrokenError, key_of, seal, unseal

SEALED = "sealed_with"  # the document's name for the salt of its passphrase
SHORTEST_PASSPHRASE = 12


@dataclass(frozen=True)
class Preview:
    """``closed``: the document with its secrets sealed by this installation, to be given back to the next step.

    ``connector``: the one that would be in use. ``missing``: secrets that neither the document nor we have.
    """

    closed: str
    changes: tuple[tuple[str, Any, Any], ...]
    connector: str
    missing: tuple[str, ...]


@explained
def export(services: Services, passphrase: str = "") -> dict[str, Any] | Refused:
    """Refused where the passphrase is too short to protect a provider's keys."""
    if not passphrase:
        return change_settings.export(services)
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise RefusedError(Reason.PASSPHRASE_TOO_SHORT)
    salt = secrets.token_hex(16)
    key = key_of(passphrase, bytes.fromhex(salt))
    document = change_settings.export(services, secrets=True)
    return services.settings.each_secret(document, lambda text, place: seal((key,), text, place)) | {SEALED: salt}


def read(services: Services, text: str, passphrase: str) -> dict[str, Any] | Refused:
    """The document with its secrets in clear; those that it leaves out are ours."""
    try:
        document = read_json(text)
    except FieldError as error:
        return Refused("invalid", values={"document": error.problem})
    if not isinstance(document, dict):
        return Refused("invalid", values={"document": Problem(N_("The document must be a JSON object."))})
    salt = document.pop(SEALED, None)
    if salt is not None:
        try:
            key = key_of(passphrase, bytes.fromhex(str(salt)))
            document = services.settings.each_secret(document, lambda text, place: unseal((key,), str(text), place))
        except (SealBrokenError, ValueError, AttributeError, TypeError):
            problem = Problem(N_("This passphrase does not open the document's secrets."))
            return Refused("invalid", values={"passphrase": problem})
    kept: dict[str, Any] = change_settings.with_kept_secrets(services, document)
    return kept


def preview(services: Services, text: str, passphrase: str) -> Preview | Refused:
    document = read(services, text, passphrase)
    if isinstance(document, Refused):
        return document
    after = change_settings.read(services, document)
    if isinstance(after, Refused):
        return after
    services.settings.refresh()
    return Preview(
        closed=json.dumps(services.settings.close(write_document(after))),
        changes=change_settings.differences(services, services.settings(), after),
        connector=after.connectors.active,
        missing=_missing(services, after),
    )


def _missing(services: Services, after: Settings) -> tuple[str, ...]:
    """Required secrets that are empty; ``check`` has refused those that a connector cannot do without."""
    return tuple(
        f"{name}.{field.name}"
        for name in after.connectors.in_use()
        for field in services.connectors[name].fields
        if field.secret and not after.connectors.configurations[name].get(field.name)
    )


@explained
def test(services: Services, who: str, closed: str, number: str, country: str, locale: str) -> TestAnswer | Refused:
    """Sends through the connector that the document would use."""
    phone = read_phone(services, number, country)
    after = change_settings.read(services, opened(services, closed))
    if isinstance(after, Refused):
        return after
    if not after.connectors.active:
        raise RefusedError(Reason.NOT_SET_UP)
    config = after.connectors.configurations[after.connectors.active]
    to = Identifier(PHONE, phone.e164, phone.country)
    return connector_setup.send_test(services, who, after.connectors.active, config, to, locale)


def apply(services: Services, author: str, closed: str) -> Done | Refused:
    return change_settings.save(services, author, opened(services, closed), action="settings.imported")


def opened(services: Services, closed: str) -> dict[str, Any]:
    """What :func:`preview` gave out. Anything else is an empty document, which the settings refuse or ignore."""
    try:
        document = json.loads(closed)
        return services.settings.open(document)
    except (ValueError, AttributeError, TypeError, RecursionError):
        return {"": None}
