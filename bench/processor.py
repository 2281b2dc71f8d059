"""CPU time and memory of a process tree, read from /proc."""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def seconds(root: int) -> float:
    """Return the CPU seconds of a process tree, of what has ended in it too."""
    return sum(_ran(pid) + sum(_stat(pid)[13:15]) / _TICKS for pid in _tree(root))


def peak_megabytes(root: int) -> float:
    """Return the most memory that the processes of a tree have held, added up."""
    return _megabytes(root, "VmHWM")


def resident_megabytes(root: int) -> float:
    """Return the memory that the processes of a tree hold, added up."""
    return _megabytes(root, "VmRSS")


def _megabytes(root: int, what: str) -> float:
    total = 0
    for pid in _tree(root):
        with suppress(OSError):
            match = re.search(rf"{what}:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
            total += int(match[1]) if match else 0
    return total / 1024


def busy_seconds() -> float:
    """Return the CPU seconds of the whole machine, whoever used them."""
    first_line = Path("/proc/stat").read_text().split("\n", 1)[0]
    user, nice, system, _idle, _wait, *interrupts = map(int, first_line.split()[1:9])
    return (user + nice + system + sum(interrupts)) / _TICKS


def _ran(pid: int) -> float:
    """Return what the threads of a process have run, to the nanosecond.

    The ticks of /proc/pid/stat miss a backend that works for less than one at a time.
    """
    total = 0
    with suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):
                total += int((thread / "schedstat").read_text().split()[0])
    return total / 1e9


def _tree(root: int) -> Iterator[int]:
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                parents.setdefault(_stat(int(entry.name))[1], []).append(int(entry.name))
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        yield pid
        waiting.extend(parents.get(pid, ()))


def _stat(pid: int) -> list[int]:
    """Return the numbers of /proc/pid/stat from the state on, which stands as 0."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return [0] * 50
    return [0, *map(int, fields[1:])]
