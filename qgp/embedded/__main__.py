"""Command line of the embedded PostgreSQL: `python -m qgp.embedded [--temporary] psql`.

The command finds the database in DATABASE_URL and in libpq's PGHOST, PGUSER and PGDATABASE, and
PostgreSQL's programs on its PATH. Instead, `--create` creates the data directory's cluster, and
`--reset` removes the data.
"""

import argparse
import os
import subprocess
import sys

from qgp.embedded.cluster import DATABASE, USER
from qgp.embedded.errors import EmbeddedError
from qgp.embedded.home import default_data_dir
from qgp.embedded.join import join, reset, temporary
from qgp.embedded.server import Server


def main() -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m qgp.embedded", description=__doc__)
    parser.add_argument("--temporary", action="store_true", help="a fresh server, gone afterwards")
    parser.add_argument("--create", action="store_true", help="create a missing cluster")
    parser.add_argument("--reset", action="store_true", help="remove the embedded data for good")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    try:
        if options.reset:
            reset(default_data_dir())
            return 0
        if options.create:
            Server(default_data_dir()).create()
            return 0
        with temporary() if options.temporary else join(default_data_dir()) as server:
            return subprocess.run(  # noqa: S603 - running the given command is its purpose
                options.command or ["psql"], env=_environment(server), check=False
            ).returncode
    except EmbeddedError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _environment(server: Server) -> dict[str, str]:
    path = os.environ.get("PATH", os.defpath)
    return {
        **os.environ,
        "DATABASE_URL": server.url(),
        "PGHOST": str(server.socket_folder),
        "PGUSER": USER,
        "PGDATABASE": DATABASE,
        "PATH": f"{server.binaries.folder}{os.pathsep}{path}",
    }


if __name__ == "__main__":
    sys.exit(main())
