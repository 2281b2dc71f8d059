"""Creation of a database cluster, atomically."""

import shutil
from pathlib import Path
from typing import Final

from qgp.embedded.account import Account
from qgp.embedded.binaries import Binaries
from qgp.embedded.errors import EmbeddedError

USER: Final = "qgp"
DATABASE: Final = "qgp"
_FIRST_WITH_BUILTIN_LOCALE: Final = 17


def ensure(cluster: Path, *, binaries: Binaries, account: Account) -> None:
    """Create the cluster, with its user and first database, unless it exists.

    Raises:
        EmbeddedError: the cluster has another PostgreSQL version, or cannot be created.
    """
    version = cluster / "PG_VERSION"
    if not version.exists():
        _create(cluster, binaries, account)
    elif (major := version.read_text().strip()) != str(binaries.major):
        raise EmbeddedError(
            f"{cluster} was made by PostgreSQL {major}, but {binaries.major} is found here. "
            "Use the old one's programs, another QGP_DATA_DIR, or begin anew with: make db-reset"
        )


def _create(cluster: Path, binaries: Binaries, account: Account) -> None:
    fresh = cluster.with_suffix(".new")
    if fresh.exists():
        shutil.rmtree(fresh)
    home = cluster.parent
    account.run(
        *(binaries["initdb"], "-D", fresh, "-U", USER, "-A", "trust", "-E", "UTF8"),
        *(*_locale(binaries.major), "--no-sync", "--no-instructions"),
        cwd=home,
    )
    # Alone, without a server to wait for; leaving it writes everything to the disk.
    single = (binaries["postgres"], "--single", "-D", fresh, "template1")
    account.run(*single, cwd=home, text=f"CREATE DATABASE {DATABASE}\n")
    fresh.rename(cluster)


def _locale(major: int) -> tuple[str, ...]:
    """Sort the same way everywhere: by code point, with Unicode's upper and lower case."""
    if major >= _FIRST_WITH_BUILTIN_LOCALE:
        return ("--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    return ("--locale=C.UTF-8",)
