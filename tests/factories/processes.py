"""Processes."""

from itertools import count
from typing import Any

from qgp.processes.model import Process, ProcessKind

_number = count()


def process(**facts: Any) -> Process:
    """Make a core process with a code that nobody else has."""
    code = facts.setdefault("code", f"P{next(_number)}")
    return Process(**{"name": code, "kind": ProcessKind.CORE, **facts})
