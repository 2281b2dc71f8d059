"""Effort of a block in counted calls, which a busy machine does not change."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType


@dataclass
class Effort:
    """Calls of functions, Python's and C's, inside the block."""

    calls: int = 0


@contextmanager
def effort() -> Iterator[Effort]:
    """Count the calls that the block makes in this thread."""
    counter = Effort()

    def note(_: FrameType, event: str, __: object) -> None:
        counter.calls += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield counter
    finally:
        sys.setprofile(before)
