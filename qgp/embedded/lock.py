"""File locks between processes, which the kernel releases when their holder dies."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from qgp.embedded.errors import InUse


class Lock:
    """Lock file: held exclusively by one process, or shared by several."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: TextIO | None = None

    def take(self, *, patience: float, shared: bool = False) -> None:
        """Wait for the lock, at most `patience` seconds; a lock we hold changes its kind.

        Raises:
            InUse: others hold it still.
        """
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        file = self._file or self.path.open("a")
        deadline = time.monotonic() + patience
        while not _locked(file, kind):
            if time.monotonic() >= deadline:
                if file is not self._file:
                    file.close()
                raise InUse(f"{self.path} is held by another process.")
            time.sleep(0.02)
        self._file = file

    def drop(self) -> None:
        """Release the lock; nothing happens if it is not held."""
        if self._file:
            self._file.close()
            self._file = None

    @contextmanager
    def held(self, *, patience: float, shared: bool = False) -> Iterator[None]:
        """Hold the lock within the block."""
        self.take(patience=patience, shared=shared)
        try:
            yield
        finally:
            self.drop()


def _locked(file: TextIO, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
