"""Account of the server: PostgreSQL refuses root, so for root it runs as an unprivileged user."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from qgp.embedded.errors import EmbeddedError

# Nothing of the caller's environment changes how the server sorts, speaks or connects.
ENVIRONMENT: Final[Mapping[str, str]] = {
    "PATH": os.environ.get("PATH", os.defpath),
    "LC_ALL": "C",
    "TZ": "UTC",
}


@dataclass(frozen=True)
class Account:
    """User that owns the cluster's files and processes.

    Attributes:
        uid: user id, or None for the current user.
        gid: group id, or None for the current group.
    """

    uid: int | None = None
    gid: int | None = None

    @classmethod
    def for_server(cls) -> "Account":
        """Return the current user, or for root `postgres`, else `nobody`.

        Raises:
            EmbeddedError: the process runs as root and neither account exists.
        """
        if os.geteuid() != 0:
            return cls()
        for name in ("postgres", "nobody"):
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return cls(entry.pw_uid, entry.pw_gid)
        raise EmbeddedError(
            "PostgreSQL does not run as root, and there is neither a user 'postgres' nor 'nobody'. "
            "Add one, start as another user, or set DATABASE_URL."
        )

    @property
    def is_lent(self) -> bool:
        """Whether the server runs as another user than this process."""
        return self.uid is not None

    @property
    def groups(self) -> Sequence[int] | None:
        """Supplementary groups of a child: none for another user, else unchanged."""
        return [] if self.is_lent else None

    def can_reach(self, path: Path) -> bool:
        """Whether this account may execute a file or enter a folder."""
        if not self.is_lent:
            return os.access(path, os.X_OK)
        test = subprocess.run(  # noqa: S603 - a path is an argument here, never code
            ["/bin/sh", "-c", 'test -x "$0"', path],
            cwd="/",
            check=False,
            user=self.uid,
            group=self.gid,
            extra_groups=self.groups,
        )
        return test.returncode == 0

    def own(self, folder: Path) -> None:
        """Create the folder, accessible to this account alone."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.uid is not None and self.gid is not None:
            shutil.chown(folder, self.uid, self.gid)
        folder.chmod(0o700)

    def run(self, *command: str | Path, cwd: Path, text: str | None = None) -> str:
        """Run a command to its end and return what it printed.

        Args:
            command: program and arguments.
            cwd: a folder that the account can enter.
            text: what the command reads.

        Raises:
            EmbeddedError: it failed; the message has its output.
        """
        done = subprocess.run(  # noqa: S603 - PostgreSQL's own programs, without a shell
            command,
            cwd=cwd,
            env=ENVIRONMENT,
            input=text or "",
            capture_output=True,
            text=True,
            check=False,
            user=self.uid,
            group=self.gid,
            extra_groups=self.groups,
        )
        if done.returncode:
            name = Path(command[0]).name
            raise EmbeddedError(f"{name} failed: {(done.stderr or done.stdout).strip()}")
        return done.stdout
