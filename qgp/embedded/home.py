"""Server folder: in the data directory, or under /var/lib where another account can reach it."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

from qgp.embedded.account import Account
from qgp.embedded.errors import EmbeddedError
from qgp.embedded.postmaster import SOCKET, Postmaster, clear

_STATE: Final = Path("/var/lib/qgp")
# The kernel's `sockaddr_un` holds 108 bytes, the last one is NUL.
_LONGEST_SOCKET: Final = 107


def default_data_dir() -> Path:
    """Return `QGP_DATA_DIR`, or `qgp` in the user's data directory.

    Raises:
        EmbeddedError: the user has no home folder either.
    """
    if chosen := os.environ.get("QGP_DATA_DIR"):
        return Path(chosen)
    shared = os.environ.get("XDG_DATA_HOME")
    if shared:
        return Path(shared) / "qgp"
    try:
        return Path.home() / ".local" / "share" / "qgp"
    except RuntimeError:
        raise EmbeddedError(
            f"User {os.getuid()} has no home folder. "
            "Set QGP_DATA_DIR to a folder that this user can write."
        ) from None


def settle(data_dir: Path, account: Account) -> Path:
    """Return the server's folder in the data directory, created for and owned by the account.

    If only root can enter the data directory, the folder is a link to one under /var/lib.
    """
    home = data_dir / "postgres"
    if not home.is_symlink() and not account.can_reach(data_dir):
        _STATE.mkdir(parents=True, exist_ok=True)
        _STATE.chmod(0o755)
        # A new name each time: who removes the data directory starts afresh.
        home.symlink_to(tempfile.mkdtemp(prefix="postgres-", dir=_STATE))
    home = home.resolve()
    account.own(home)
    return home


def socket_folder(home: Path, account: Account) -> Path:
    """Return the folder for the socket: the server's own unless its path is too long."""
    if len(os.fsencode(home / SOCKET)) <= _LONGEST_SOCKET:
        return home
    folder = Path(tempfile.mkdtemp(prefix="qgp-"))
    account.own(folder)
    return folder


def tidy(home: Path, last: Postmaster | None) -> None:
    """Remove the folder outside the home where the last server had its socket."""
    if last and last.folder != home:
        shutil.rmtree(last.folder, ignore_errors=True)


def erase(data_dir: Path) -> None:
    """Remove the server's files for good. Call with the data directory locked."""
    home = data_dir / "postgres"
    target = home.resolve()
    clear(target / "data")
    if home.is_symlink():
        home.unlink()
    if target.exists():
        shutil.rmtree(target)
