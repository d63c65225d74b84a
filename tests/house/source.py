"""The project's own files, as the guards read them."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
NOT_PRODUCT = ("tests/", "bench/", "tools/", "examples/", "storage/migrations/versions/")


def texts() -> dict[str, str]:
    """Every text file that is, or will be, in the repository: its path and what it says."""
    # Whoever owns the checkout: git refuses to read another's without this.
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    found = {}
    for name in filter(None, names):
        try:
            found[name] = (ROOT / name).read_text()
        except (UnicodeDecodeError, FileNotFoundError):  # a picture; a file deleted but not yet from git
            continue
    return found


def product() -> dict[str, str]:
    """The Python files that are served, without tests, measurements and tools."""
    return {name: text for name, text in texts().items() if name.endswith(".py") and not name.startswith(NOT_PRODUCT)}


def module_of(path: str) -> str:
    """``storage/database.py`` is ``storage.database``, ``storage/__init__.py`` is ``storage``."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def functions(text: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
