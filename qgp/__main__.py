"""Entry point of the command line: long-running commands end in order from their first moment."""

import os
import signal
import sys
from contextlib import nullcontext
from types import FrameType

from qgp import garbage_collection

# On import, since each worker of a server imports its parent's entry point.
garbage_collection.raise_thresholds()
_LONG_RUNNING = {"serve", "dev", "seed", "worker"}


def main() -> None:
    """Run the command line; a signal ends what is still being loaded with exit code 0."""
    is_long_running = not _LONG_RUNNING.isdisjoint(sys.argv[1:2])
    if is_long_running:
        signal.signal(signal.SIGTERM, _leave)
        signal.signal(signal.SIGINT, _leave)
    from qgp.embedded import creating_cluster  # noqa: PLC0415 - a signal may come meanwhile

    with creating_cluster() if sys.argv[1:2] == ["dev"] else nullcontext():
        from qgp.cli import app  # noqa: PLC0415 - takes a second, in which a signal may come

        signal.signal(signal.SIGINT, signal.default_int_handler)
        if is_long_running:
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        app()


def _leave(_: int, __: FrameType | None) -> None:
    # No exception: one that is raised in a callback of the import system is ignored. A cluster
    # that is being created is completed by the process that does it.
    os._exit(0)


if __name__ == "__main__":
    main()
