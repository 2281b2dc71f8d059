"""The entry point of the command line, which ends servers in order from their first moment on."""

import signal
import sys
from types import FrameType

_SERVERS = {"serve", "dev"}


def main() -> None:
    """Run the command line; SIGTERM ends a server that is still being loaded with exit code 0."""
    if _SERVERS.intersection(sys.argv[1:2]):
        signal.signal(signal.SIGTERM, _leave)
    from qgp.cli import app  # noqa: PLC0415 - takes a second, in which a signal may come

    app()


def _leave(_: int, __: FrameType | None) -> None:
    sys.exit(0)


if __name__ == "__main__":
    main()
