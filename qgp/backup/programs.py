"""PostgreSQL's programs: `pg_dump`, `pg_restore` and `psql`."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from qgp.settings.database import libpq


class BackupFailed(Exception):
    """A backup cannot be made, restored or verified; the message says why and what to do."""


@dataclass(frozen=True)
class Programs:
    """PostgreSQL's programs in a folder, or on PATH."""

    folder: Path | None = None

    def run(self, program: str, address: str, *arguments: str) -> str:
        """Run a program on a database and return what it prints.

        Raises:
            BackupFailed: it is missing, or it failed.
        """
        url, secret = libpq(address)
        return self._run(program, "--dbname", url, *arguments, environment=secret)

    def major(self, program: str) -> int:
        """Return the major version of a program."""
        match = re.search(r"\d+", self._run(program, "--version"))
        return int(match[0]) if match else 0

    def _run(self, program: str, *words: str, environment: Mapping[str, str] | None = None) -> str:
        path = str(self.folder / program) if self.folder else shutil.which(program)
        if path is None:
            raise BackupFailed(
                f"There is no {program} on PATH. Install PostgreSQL's client programs, as new as "
                "the server (Debian: postgresql-client), or run the drill from a checkout."
            )
        done = subprocess.run(  # noqa: S603 - PostgreSQL's own programs, without a shell
            [path, *words],
            env={**os.environ, **(environment or {})},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise BackupFailed(f"{program} failed: {done.stderr.strip()}")
        return done.stdout
