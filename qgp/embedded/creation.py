"""Creation of a missing cluster by another process, while this one imports the product."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from qgp.embedded.errors import EmbeddedError
from qgp.embedded.home import default_data_dir
from qgp.embedded.server import Server


@contextmanager
def creating_cluster() -> Iterator[None]:
    """Create the default data directory's cluster beside the block, if it will be needed.

    The block need not wait for it: `join` waits for its lock, and creates the cluster where the
    other process failed. A cluster that is incomplete at the end of the block is abandoned; the
    next start creates it anew.
    """
    if not _is_needed():
        yield
        return
    with subprocess.Popen(
        [sys.executable, "-m", "qgp.embedded", "--create"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # with initdb in it, which Ctrl-C at the terminal does not reach
    ) as creator:
        try:
            yield
        finally:
            if creator.poll() is None:
                os.killpg(creator.pid, signal.SIGKILL)


def _is_needed() -> bool:
    """Whether the embedded server will be used, and has no cluster."""
    if os.environ.get("DATABASE_URL") or os.environ.get("APP_ENV") == "production":
        return False
    try:
        return not Server(default_data_dir()).has_cluster
    except (EmbeddedError, OSError):  # which the start reports
        return False
