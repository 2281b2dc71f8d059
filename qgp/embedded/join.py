"""Shared use of the server of a data directory, and temporary servers."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from qgp.embedded.errors import InUse
from qgp.embedded.home import erase
from qgp.embedded.lock import Lock
from qgp.embedded.server import Server

_JOIN_SECONDS: Final = 60.0
_GUESTS_SECONDS: Final = 3600.0


@contextmanager
def join(data_dir: Path) -> Iterator[Server]:
    """Join the running server of a data directory, or start it, within the block.

    The process that started it waits at the end for the others that joined.

    Raises:
        EmbeddedError: it cannot be started, or its owner holds it without ever being ready.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    server = Server(data_dir)
    guests = Lock(data_dir / "guests")
    with guests.held(patience=_JOIN_SECONDS, shared=True):
        is_ours = _enter(server)
        try:
            yield server
        finally:
            if is_ours:
                try:
                    guests.take(patience=_GUESTS_SECONDS)
                finally:
                    server.stop()


@contextmanager
def temporary(folder: Path | None = None) -> Iterator[Server]:
    """Start a new server without durability, whose files are removed at the end.

    Args:
        folder: where its files are; by default among the machine's temporary files.
    """
    with tempfile.TemporaryDirectory(prefix="qgp-", dir=folder) as name:
        data_dir = Path(name)
        # A lent account has to pass; the server's own folder in it stays closed.
        data_dir.chmod(0o711)
        try:
            with Server(data_dir, durable=False) as server:
                yield server
        finally:
            erase(data_dir)


def reset(data_dir: Path) -> None:
    """Remove the embedded data for good.

    Raises:
        InUse: its server runs.
    """
    if data_dir.exists():
        with Lock(data_dir / "lock").held(patience=0):
            erase(data_dir)


def _enter(server: Server) -> bool:
    """Wait until the server runs; return whether this process started it."""
    deadline = time.monotonic() + _JOIN_SECONDS
    while not server.is_running:
        try:
            server.start(patience=0)
        except InUse:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return True
    return False
