"""The registry of connectors, and what holds for all of them together."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

import connectors as package
from connectors.registry import connectors
from connectors.testkit import ConnectorContract

ROOT = Path(__file__).parents[2]


def test_every_connector_is_tested_against_the_contract() -> None:
    for path in Path(__file__).parent.glob("test_*.py"):
        importlib.import_module(f"{__package__}.{path.stem}")
    tested = {each.module.__name__.rpartition(".")[2] for each in ConnectorContract.__subclasses__()}
    assert connectors().keys() - tested == set()


def test_only_development_stays_out_of_production() -> None:
    assert [name for name, connector in connectors().items() if not connector.production] == ["development"]


def test_adding_a_file_adds_a_connector(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = (ROOT / "connectors" / "development.py").read_text().replace('N_("Development")', '"Fresh"')
    (tmp_path / "fresh.py").write_text(written)
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    connectors.cache_clear()
    try:
        assert connectors()["fresh"].title == "Fresh"
    finally:
        connectors.cache_clear()
        sys.modules.pop("connectors.fresh", None)
        vars(package).pop("fresh", None)


def test_importing_the_registry_imports_no_connector() -> None:
    program = (
        "import sys, connectors.registry; sys.exit(any(m in sys.modules for m in ('connectors.twilio', 'requests')))"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0


def test_connectors_know_no_network_and_no_clock() -> None:
    for path in (ROOT / "connectors").glob("*.py"):
        imported = re.findall(r"^(?:import|from) ([\w.]+)", path.read_text(), re.MULTILINE)
        assert not {"requests", "urllib.request", "http.client", "socket", "time"} & set(imported), path.name
        assert not re.search(r"\b(now|utcnow|today)\(", path.read_text()), path.name
