"""Change the settings: every save is a version with its author and what it changed.

save         a whole document                        -> done | refused, with a problem a path
roll_back    make an earlier version the newest      -> done | refused
history      who changed what, and when
export       the document, secrets only if asked for
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flows.outcomes import Done, Refused
from flows.services import Services
from settings.console import Settings, first_settings, read_document, write_document
from settings.fields import Field, kept_secrets
from settings.upstreams import kind_of
from storage import audit, settings_versions
from storage.audit import Entry
from storage.settings_versions import Version

MASK = "••••••••"


def save(
    services: Services, author: str, document: Any, action: str = "settings.saved", *, seen: int | None = None
) -> Done | Refused:
    """Make ``document`` the settings in force. ``Refused.values``: a Problem a path; nothing is changed then.

    ``seen``: the version that the author changed; where it is not the newest any more, nothing is saved.
    """
    services.settings.refresh()
    before = services.settings()
    if seen not in (None, before.version):
        return Refused("changed_meanwhile")
    after = read(services, document)
    if isinstance(after, Refused):
        return after
    changes = differences(services, before, after)
    if not changes:
        return Done()
    now = services.clock()
    version = Version(before.version + 1, now, author, changes)
    with services.database.write() as connection:
        if not settings_versions.add(connection, version, services.settings.close(write_document(after))):
            return Refused("changed_meanwhile")
        details = {"version": version.id, "changed": [path for path, _old, _new in changes]}
        audit.add(connection, Entry(now, author, action, details))
    services.settings.refresh()
    return Done()


def read(services: Services, document: Any) -> Settings | Refused:
    """A document as settings, without saving it."""
    after, problems = read_document(
        document,
        services.connectors,
        services.upstreams,
        services.lookups,
        production=services.environment.production,
    )
    return Refused("invalid", values=dict(problems)) if problems else after


def roll_back(services: Services, author: str, version: int, *, seen: int | None = None) -> Done | Refused:
    """``version``: 0 is how it was before the first save."""
    with services.database.read() as connection:
        document = settings_versions.document(connection, version)
    if version == 0:
        document = write_document(first_settings(production=services.environment.production))
    if document is None:
        return Refused("no_such_version")
    return save(
        services, author, services.settings.open(document), action=f"settings.rolled_back_to_{version}", seen=seen
    )


def history(services: Services) -> list[Version]:
    with services.database.read() as connection:
        return settings_versions.history(connection)


def export(services: Services, *, secrets: bool = False) -> dict[str, Any]:
    """The settings in force as a document. Without secrets their fields are left out."""
    services.settings.refresh()
    document = write_document(services.settings())
    if not secrets:
        for path in _secret_paths(services, services.settings()):
            group, _configurations, name, field = path.split(".")
            document[group]["configurations"].get(name, {}).pop(field, None)
    return document


def with_kept_secrets(services: Services, document: Any) -> Any:
    """The document, with each secret that it leaves out taken from the settings in force: where its configuration leads
    elsewhere now, it is refused when the document is read."""
    settings = services.settings()
    kept = write_document(settings)
    for group, name, fields in _forms(services, settings):
        given, ours = (_configuration(each, group, name) for each in (document, kept))
        if isinstance(given, dict) and ours:
            given |= kept_secrets(fields, ours, given)
    return document


def _configuration(document: Any, group: str, name: str) -> Any:
    """None where the document has no such place."""
    for step in (group, "configurations", name):
        document = document.get(step) if isinstance(document, dict) else None
    return document


def differences(services: Services, before: Settings, after: Settings) -> tuple[tuple[str, Any, Any], ...]:
    """(path, old, new) of each setting that differs; secrets are masked."""
    old, new = _flat(write_document(before)), _flat(write_document(after))
    secrets = _secret_paths(services, before, after)
    changed = [path for path in sorted(old.keys() | new.keys()) if old.get(path) != new.get(path)]
    return tuple((path, _shown(path, old, secrets), _shown(path, new, secrets)) for path in changed)


def _shown(path: str, values: Mapping[str, Any], secrets: set[str]) -> Any:
    value = values.get(path)
    return MASK if path in secrets and value else value


def _secret_paths(services: Services, *versions: Settings) -> set[str]:
    return {
        f"{group}.configurations.{name}.{field.name}"
        for group, name, fields in _forms(services, *versions)
        for field in fields
        if field.secret
    }


def _forms(services: Services, *versions: Settings) -> list[tuple[str, str, tuple[Field, ...]]]:
    """The fields of each configuration that there may be, with its group and name."""
    forms = [("connectors", name, form.fields) for name, form in services.connectors.items()]
    forms += [("lookups", name, form.fields) for name, form in services.lookups.items()]
    return forms + [
        ("upstreams", name, services.upstreams[kind_of(name)].fields)
        for settings in versions
        for name in settings.upstreams.configurations
    ]


def _flat(group: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in group.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{prefix}{name}.")
        else:
            found[prefix + name] = list(value) if isinstance(value, tuple) else value
    return found
