"""State of a cluster's server by `postmaster.pid`, and clean-up of a stale file."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from qgp.embedded.errors import EmbeddedError

SOCKET: Final = ".s.PGSQL.5432"
_PATIENCE_SECONDS: Final = 20.0


@dataclass(frozen=True)
class Postmaster:
    """Server that wrote the file, running or not.

    Attributes:
        pid: its process id then.
        folder: where its socket is.
        is_ready: whether it said that it accepts connections.
    """

    pid: int
    folder: Path
    is_ready: bool

    @classmethod
    def of(cls, cluster: Path) -> "Postmaster | None":
        """Read the cluster's file; None if it does not exist or is incomplete."""
        try:
            lines = (cluster / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return None
        if len(lines) < 5 or not lines[4]:
            return None
        return cls(int(lines[0]), Path(lines[4]), lines[-1].strip() == "ready")

    @property
    def answers(self) -> bool:
        """Whether it is ready and something listens at its socket."""
        if not self.is_ready:
            return False
        with socket.socket(socket.AF_UNIX) as connection:
            return connection.connect_ex(str(self.folder / SOCKET)) == 0


def clear(cluster: Path) -> None:
    """End the processes of a killed owner, and remove the files that would prevent the next start.

    PostgreSQL judges these files by the process id in them alone, so a zombie, or a stranger that
    got the id since, would keep it from starting. Call with the data directory locked.

    Raises:
        EmbeddedError: the old server does not end.
    """
    home = cluster.parent
    left = [cluster / "postmaster.pid", home / SOCKET, home / f"{SOCKET}.lock"]
    if not any(file.exists() for file in left) or not Path("/proc/self/cwd").exists():
        return
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while workers := list(_workers(cluster)):
        _interrupt(cluster, workers)
        if time.monotonic() > deadline:
            raise EmbeddedError(f"An old PostgreSQL (process {workers[0]}) does not end: kill it.")
        time.sleep(0.02)
    for file in left:
        file.unlink(missing_ok=True)


def _workers(cluster: Path) -> Iterator[int]:
    """Yield the processes that work in the cluster's folder, as every PostgreSQL process does."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink() == cluster:
                yield int(process.name)
        except OSError:
            # Gone since, a zombie, or somebody else's.
            continue


def _interrupt(cluster: Path, workers: list[int]) -> None:
    # The children of a killed postmaster go by themselves; only the postmaster is told to.
    postmaster = Postmaster.of(cluster)
    if postmaster and postmaster.pid in workers:
        os.kill(postmaster.pid, signal.SIGINT)
