"""docs/adding_a_connector.md, followed to the letter: its package is written, found by its entry point, and tested."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "adding_a_connector.md"
NAME = "example_sms"
MODULE, GUIDE = f"{NAME}/__init__.py", f"{NAME}/{NAME}.md"


def files(document: str) -> dict[str, str]:
    """The text of each file that a document shows: its name in a line of its own, then the code."""
    return dict(re.findall(r"^`([\w./]+)`:\n\n```\w+\n(.*?)^```$", document, re.MULTILINE | re.DOTALL))


SHOWN = files(DOCUMENT.read_text())


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A folder as pip leaves it: the files, and beside them what the package says of itself."""
    for name, text in SHOWN.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    project = tomllib.loads(SHOWN["pyproject.toml"])["project"]
    info = tmp_path / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    groups = project["entry-points"].items()
    lines = [line for group, names in groups for line in (f"[{group}]", *(f"{n} = {m}" for n, m in names.items()))]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")
    return tmp_path


def run(package: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python with the package installed beside Doorcode."""
    environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{package}", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=package, env=environment, capture_output=True, text=True, check=False)


def test_the_document_shows_the_four_files_of_a_package() -> None:
    assert SHOWN.keys() == {MODULE, GUIDE, f"test_{NAME}.py", "pyproject.toml"}


def test_a_connector_with_its_errors_is_sixty_lines_at_most() -> None:
    assert len(SHOWN[MODULE].splitlines()) <= 60
    assert re.search(r'^ERRORS = \{\n    "', SHOWN[MODULE], re.MULTILINE)


def test_it_and_its_guide_are_found_by_its_entry_point(package: Path) -> None:
    program = (
        f"from connectors.registry import connectors; each = connectors()['{NAME}']; print(each.title, each.guide())"
    )
    found = run(package, "-c", program)
    assert (found.stdout, found.stderr) == (f"Example SMS {SHOWN[GUIDE]}\n", "")


def test_it_passes_the_kit(package: Path) -> None:
    tested = run(package, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(package))
    assert tested.returncode == 0, tested.stdout
    assert int(re.findall(r"(\d+) passed", tested.stdout)[0]) > 50


def test_the_kit_sees_where_the_documents_connector_goes_wrong(package: Path) -> None:
    """Or it would prove nothing that the kit passes."""
    module = package / MODULE
    module.write_text(module.read_text().replace("if reply.status == 202 and", "if"))
    tested = run(package, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(package))
    assert re.findall(r"^FAILED .*::(\w+)", tested.stdout, re.MULTILINE) == ["test_what_proves_nothing_is_unknown"]
