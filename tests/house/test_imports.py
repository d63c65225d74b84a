"""Who may import whom. Each guard is shown to catch a sample that breaks it."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.house.source import ROOT, functions, module_of, product

ROOMS = {
    "settings": set(),
    "storage": {"settings"},
    "connectors": {"settings"},
    "upstream": {"settings"},
    "lookups": {"connectors", "settings"},
    "rules": {"storage", "settings"},
    "delivery": {"connectors", "lookups", "upstream", "rules", "storage", "settings"},
    "flows": {"rules", "storage", "settings"},
    "oidc": {"flows", "rules", "storage", "settings"},
    "pages": {"flows", "oidc", "settings"},
    "api": {"flows", "oidc", "settings"},
}
DOORS = {"app", "cli"}  # may import everything but app
WEB = ("pages", "api", "oidc", "app", "cli")
ONLY_IN = {
    **dict.fromkeys(("flask", "flask_wtf", "flask_babel", "flask_limiter", "wtforms", "werkzeug"), WEB),
    **dict.fromkeys(("requests", "urllib.request", "http.client"), ("delivery.caller",)),
    "smtplib": ("delivery.mailer",),
    "urllib3": ("delivery",),
    "webauthn": ("rules.passkey_library",),  # slow to load, and loaded by its name
    **dict.fromkeys(("sqlalchemy", "alembic", "psycopg", "sqlite3"), ("storage",)),
}


def within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def imported(path: str, text: str) -> Iterator[tuple[int, str]]:
    """Each imported name with its line: ``from storage import database`` is ``storage.database``."""
    package = module_of(path).split(".") if path.endswith("__init__.py") else module_of(path).split(".")[:-1]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*start, *filter(None, [node.module])])
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def between_rooms(files: dict[str, str]) -> list[str]:
    faults = []
    for path, text in files.items():
        room = module_of(path).split(".")[0]
        if room not in ROOMS and room not in DOORS:
            faults.append(f"{path}: {room} is no room of the house")
            continue
        may = ROOMS.get(room, ROOMS.keys() | DOORS - {"app"}) | {room}
        others = {(line, name.split(".")[0]) for line, name in imported(path, text)}
        faults += [
            f"{path}:{line}: {room} may not import {other}"
            for line, other in sorted(others)
            if other in ROOMS.keys() | DOORS and other not in may
        ]
    return faults


def from_outside(files: dict[str, str]) -> list[str]:
    return [
        f"{path}:{line}: {library} belongs in {', '.join(places)}"
        for path, text in files.items()
        for line, name in imported(path, text)
        for library, places in ONLY_IN.items()
        if within(name, library) and not any(within(module_of(path), place) for place in places)
    ]


def inside_functions(files: dict[str, str]) -> list[str]:
    return [
        f"{path}:{node.lineno}: an import inside {function.name}"
        for path, text in files.items()
        for function in functions(text)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]


def circles(files: dict[str, str]) -> list[str]:
    modules = {module_of(path): (path, text) for path, text in files.items()}
    graph = {
        module: {_nearest(name, modules.keys()) for _line, name in imported(path, text)} - {module, ""}
        for module, (path, text) in modules.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return [" imports ".join(reversed(error.args[1]))]
    return []


def _nearest(name: str, modules: set[str] | dict[str, object].keys) -> str:
    """The module that an imported name is or is in; empty for what is not ours."""
    while name and name not in modules:
        name = name.rpartition(".")[0]
    return name


GUARDS = [between_rooms, from_outside, inside_functions, circles]


@pytest.mark.parametrize("guard", GUARDS)
def test_the_house_is_in_order(guard) -> None:
    assert guard(product()) == []


@pytest.mark.parametrize(
    ("guard", "files", "fault"),
    [
        (between_rooms, {"flows/a.py": "from delivery import b"}, "flows/a.py:1: flows may not import delivery"),
        (between_rooms, {"pages/a.py": "import storage.tables"}, "pages/a.py:1: pages may not import storage"),
        (between_rooms, {"settings/a.py": "from rules.b import c"}, "settings/a.py:1: settings may not import rules"),
        (between_rooms, {"cli/a.py": "from app import create_app"}, "cli/a.py:1: cli may not import app"),
        (between_rooms, {"pages/a.py": "from ..rules import b"}, "pages/a.py:1: pages may not import rules"),
        (
            between_rooms,
            {"upstream/a.py": "from delivery import b"},
            "upstream/a.py:1: upstream may not import delivery",
        ),
        (between_rooms, {"utils/a.py": ""}, "utils/a.py: utils is no room of the house"),
        (from_outside, {"flows/a.py": "from flask import g"}, "flows/a.py:1: flask belongs in " + ", ".join(WEB)),
        (
            from_outside,
            {"delivery/worker.py": "import requests"},
            "delivery/worker.py:1: requests belongs in delivery.caller",
        ),
        (
            from_outside,
            {"rules/a.py": "from urllib import request"},
            "rules/a.py:1: urllib.request belongs in delivery.caller",
        ),
        (from_outside, {"rules/a.py": "from sqlalchemy import text"}, "rules/a.py:1: sqlalchemy belongs in storage"),
        (inside_functions, {"app.py": "def f():\n    import os"}, "app.py:2: an import inside f"),
        (
            circles,
            {"rules/a.py": "from rules import b", "rules/b.py": "from rules.a import x"},
            "rules.a imports rules.b imports rules.a",
        ),
    ],
)
def test_a_broken_sample_is_caught(guard, files: dict[str, str], fault: str) -> None:
    caught = guard(files)
    assert [text for text in caught if text == fault or set(text.split()) == set(fault.split())] == caught != []


@pytest.mark.parametrize("guard", GUARDS)
def test_what_is_allowed_passes(guard) -> None:
    files = {
        "rules/codes.py": "import hmac\nfrom settings.fields import Field\nfrom storage import tables",
        "storage/tables.py": "from sqlalchemy import Table",
        "settings/fields.py": "",
        "delivery/caller.py": "import requests",
        "pages/sign_in.py": "import flask\nfrom flows import sign_in",
        "flows/sign_in.py": "",
        "app.py": "import flask\nfrom pages import sign_in\nimport delivery.caller",
    }
    assert guard(files) == []


@pytest.mark.parametrize("name", sorted(path.stem for path in (ROOT / "bench").glob("*.py")))
def test_what_measures_can_be_loaded(name: str) -> None:
    """Nothing else runs it, so a name that moved would be missed."""
    importlib.import_module(f"bench.{name}")
