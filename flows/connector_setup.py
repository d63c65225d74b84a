"""Set up the connector: try it with values that are not saved yet, then save and use it.

test    one message to the admin's own phone      -> the provider's answer | refused
save    these values, and use this connector      -> done | refused, with a problem a field
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flows import change_settings
from flows.outcomes import Done, Refused
from flows.phone_number import read_phone
from flows.services import Services, TestAnswer
from rules.refusals import RefusedError
from settings.console import write_document
from settings.fields import Problem, clean


def test(
    services: Services, name: str, typed: Mapping[str, Any], number: str, country: str, locale: str
) -> TestAnswer | Refused:
    config, problems = _read(services, name, typed)
    try:
        phone = read_phone(services, number, country)
    except RefusedError as error:
        return Refused(error.reason, values=error.values | {"problems": problems})
    if problems:
        return Refused("invalid", values={"problems": problems})
    return services.send_test(name, config, phone.e164, phone.country, locale)


def save(services: Services, author: str, name: str, typed: Mapping[str, Any]) -> Done | Refused:
    config, problems = _read(services, name, typed)
    if problems:
        return Refused("invalid", values={"problems": problems})
    document = write_document(services.settings())
    document["connectors"]["active"] = name
    document["connectors"]["configurations"][name] = config
    saved = change_settings.save(services, author, document, action=f"connector.{name}.saved")
    if isinstance(saved, Refused):
        prefix = f"connectors.configurations.{name}."
        problems = {path.removeprefix(prefix): problem for path, problem in saved.values.items()}
        return Refused(saved.reason, values={"problems": problems})
    return saved


def _read(services: Services, name: str, typed: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Problem]]:
    """The typed values; a secret left empty keeps its saved value."""
    form = services.connectors[name]
    saved = services.settings().connectors.configurations.get(name, {})
    kept = {field.name: saved[field.name] for field in form.fields if field.secret and saved.get(field.name)}
    given = {key: value for key, value in typed.items() if value or key not in kept}
    config, problems = clean(form.fields, kept | given)
    return config, problems or form.check(config)
