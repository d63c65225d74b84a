"""What an admin types to set a provider up: the same for connectors, look-ups and the providers that people come from.

read      the typed values, and a problem a wrong field; a secret that is left empty keeps its saved value, but where
          it would go to another address
refused   what the settings said to saving them, by the names of the fields
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from flows.outcomes import Refused
from flows.services import Services
from rules.addresses import PRIVATE, is_private_url
from settings.fields import Field, Kind, Problem, clean, kept_secrets


class Form(Protocol):
    @property
    def fields(self) -> tuple[Field, ...]: ...
    @property
    def check(self) -> Callable[[Mapping[str, Any]], dict[str, Problem]]: ...


def read(
    services: Services, form: Form, saved: Mapping[str, Any], typed: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Problem]]:
    config, problems = clean(form.fields, {**typed, **kept_secrets(form.fields, saved, typed)})
    problems = problems or form.check(config)
    if not services.environment.private_addresses:
        urls = [field.name for field in form.fields if field.kind is Kind.URL]
        problems |= {url: PRIVATE for url in urls if url not in problems and is_private_url(config[url])}
    return config, problems


def refused(saved: Refused, place: str, names: Mapping[str, str] | None = None) -> Refused:
    """``place``: of the configuration in the document; ``names``: of fields that stand elsewhere there, by path."""
    own = names or {}
    problems = {own.get(path, path.removeprefix(f"{place}.")): problem for path, problem in saved.values.items()}
    return Refused(saved.reason, values={"problems": problems})
