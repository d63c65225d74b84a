"""What a server costs: CPU and memory of its processes, from /proc."""

from __future__ import annotations

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def tree(root: int) -> list[int]:
    """A process and all below it."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(path.parent.name))
    found, todo = [], [root]
    while todo:
        process = todo.pop()
        found.append(process)
        todo += parents.get(process, [])
    return found


def cpu_seconds(root: int) -> float:
    total = 0.0
    for process in tree(root):
        try:
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += sum(map(int, fields[11:13])) / TICKS
    return total


def threads(process: int) -> int:
    return len(list(Path(f"/proc/{process}/task").iterdir()))


def megabytes(root: int) -> list[float]:
    """Resident memory of each process, the largest first."""
    sizes = []
    for process in tree(root):
        try:
            pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
        except OSError:
            continue
        sizes.append(round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1))
    return sorted(sizes, reverse=True)
