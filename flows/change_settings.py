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
from settings.console import Settings, read_document, write_document
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
    after, problems = read_document(document, services.connectors, production=services.environment.production)
    return Refused("invalid", values=dict(problems)) if problems else after


def roll_back(services: Services, author: str, version: int, *, seen: int | None = None) -> Done | Refused:
    with services.database.read() as connection:
        document = settings_versions.document(connection, version)
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
        for path in _secret_paths(services):
            name, field = path.split(".")[2:]
            document["connectors"]["configurations"].get(name, {}).pop(field, None)
    return document


def with_kept_secrets(services: Services, document: Any) -> Any:
    """The document, with each secret that it leaves out taken from the settings in force."""
    kept = services.settings().connectors.configurations
    group = document.get("connectors") if isinstance(document, dict) else None
    configurations = group.get("configurations") if isinstance(group, dict) else None
    for path in _secret_paths(services):
        name, field = path.split(".")[2:]
        given = configurations.get(name) if isinstance(configurations, dict) else None
        if isinstance(given, dict) and not given.get(field) and kept.get(name, {}).get(field):
            given[field] = kept[name][field]
    return document


def differences(services: Services, before: Settings, after: Settings) -> tuple[tuple[str, Any, Any], ...]:
    """(path, old, new) of each setting that differs; secrets are masked."""
    old, new = _flat(write_document(before)), _flat(write_document(after))
    secrets = _secret_paths(services)
    changed = [path for path in sorted(old.keys() | new.keys()) if old.get(path) != new.get(path)]
    return tuple((path, _shown(path, old, secrets), _shown(path, new, secrets)) for path in changed)


def _shown(path: str, values: Mapping[str, Any], secrets: set[str]) -> Any:
    value = values.get(path)
    return MASK if path in secrets and value else value


def _secret_paths(services: Services) -> set[str]:
    return {
        f"connectors.configurations.{name}.{field.name}"
        for name, form in services.connectors.items()
        for field in form.fields
        if field.secret
    }


def _flat(group: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in group.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{prefix}{name}.")
        else:
            found[prefix + name] = list(value) if isinstance(value, tuple) else value
    return found
