"""Writes docs/settings.md from the settings themselves: ``make docs``."""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from collections.abc import Iterable, Iterator

import connectors
from lookups.registry import lookups
from settings.console import FIELDS
from settings.fields import Field, Kind
from settings.sections import SECTIONS

# As the operator writes them, DOORCODE_ before each: name, default, help.
ENVIRONMENT = (
    ("ENV", "development", "`development` or `production`. In production nothing unsafe starts."),
    ("INSTANCE", "instance", "The folder of the keys and of the default database."),
    ("DATABASE_URL", "SQLite in the folder above", "`sqlite:///path` or `postgresql://user:password@host/name`."),
    ("REDIS_URL", "none", "`redis://host:6379/0`. Without it the counters of requests live in the database."),
    ("PUBLIC_URL", "http://HOST:PORT", "The address that people open. In production it must be given, with https."),
    (
        "SECRET_KEY",
        "made at the first start",
        "Keys with commas between: the first signs, all verify. Needed in production.",
    ),
    ("TRUSTED_PROXIES", "0", "How many proxies stand before the server, each of which adds to `X-Forwarded-For`."),
    ("HOST", "127.0.0.1", "The address to listen on."),
    ("PORT", "8000", "The port to listen on."),
    ("THREADS", "8", "Requests served at once by a process."),
    ("PROCESSES", "1", "Processes; more than one needs PostgreSQL."),
    ("LOG_FORMAT", "text", "`text` or `json`."),
    (
        "PRIVATE_ADDRESSES",
        "on in development, off in production",
        "Whether connectors may call addresses of private networks: a gateway of your own, this machine.",
    ),
    ("METRICS_TOKEN", "none", "Who sends it may read `/metrics`. Without it there is no such page."),
)
HEAD = """# Settings

This page is made from the settings themselves, by `make docs`.

## Environment

Set before the start, `DOORCODE_` before each name.

"""


def settings_page() -> str:
    parts = [HEAD, _table(("name", "default", "meaning"), ((f"`{n}`", d, text) for n, d, text in ENVIRONMENT))]
    parts.append("\n## Console\n\nSaved in the console or by `flask settings import`; in force at once.\n")
    for name, (title, _section) in SECTIONS.items():
        parts.append(f"\n### {title}\n\n{_fields(name, FIELDS[name])}")
    parts.append("\n## Connectors\n\nWhat each asks for. Secrets are encrypted where they are kept and shown masked.\n")
    for name, (title, fields) in connector_fields().items():
        parts.append(f"\n### {title}\n\n{_fields(f'connectors.configurations.{name}', fields)}")
    parts.append("\n## Look-ups\n\n`lookups.active` names the provider that is asked; empty, none is.\n")
    for name, each in lookups().items():
        parts.append(f"\n### {each.title}\n\n{_fields(f'lookups.configurations.{name}', each.fields)}")
    return "".join(parts)


def connector_fields() -> dict[str, tuple[str, tuple[Field, ...]]]:
    """Of each connector its name, its title and its fields."""
    modules = {
        m.name: importlib.import_module(f"connectors.{m.name}") for m in pkgutil.iter_modules(connectors.__path__)
    }
    return {name: (module.TITLE, module.FIELDS) for name, module in modules.items() if hasattr(module, "FIELDS")}


def _fields(path: str, fields: Iterable[Field]) -> str:
    rows = ((f"`{path}.{field.name}`", _default(field), _meaning(field)) for field in fields)
    return _table(("name", "default", "meaning"), rows) or "Nothing.\n"


def _default(field: Field) -> str:
    if field.secret:
        return "secret"
    if field.required and field.default in ("", ()):
        return "required"
    return f"`{json.dumps(field.default, ensure_ascii=False)}`"


def _meaning(field: Field) -> str:
    return " ".join([f"{field.label}.", *filter(None, [field.help, *_limits(field)])])


def _limits(field: Field) -> Iterator[str]:
    if field.kind in (Kind.NUMBER, Kind.MONEY) and None not in (field.minimum, field.maximum):
        yield f"From {field.minimum:,} to {field.maximum:,}."
    if field.choices:
        yield f"One of {', '.join(f'`{name}`' for name, _label in field.choices)}."


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |\n" for row in rows]
    return "".join([f"| {' | '.join(heads)} |\n", "|---" * len(heads), "|\n", *lines]) if lines else ""


if __name__ == "__main__":
    sys.stdout.write(settings_page())
