"""Takes every webhook at once. ``python bench/receiver.py PORT``"""

from __future__ import annotations

import sys
from typing import Any

import waitress


def take(environ: dict[str, Any], start: Any) -> list[bytes]:
    environ["wsgi.input"].read()
    start("204 No Content", [])
    return []


if __name__ == "__main__":
    waitress.serve(take, host="127.0.0.1", port=int(sys.argv[1]), threads=8, ident=None, _quiet=True)
