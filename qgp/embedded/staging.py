"""Copy of the wheel's programs, for an account that cannot enter the folder of the clone."""

import hashlib
import shutil
import stat
from pathlib import Path
from typing import Final

from qgp.embedded.lock import Lock

_CACHE: Final = Path("/var/cache/qgp")


def stage(folder: Path, *, cache: Path = _CACHE) -> Path:
    """Return the copy of a folder of programs, created if missing, renewed if damaged.

    Args:
        folder: `<site-packages>/<package>/<install>/bin`.
        cache: where copies are kept, one for each content; root's own, so nobody else plants one.
    """
    install = folder.parent
    site = install.parents[1]
    listing = _listing(site, install)
    copy = cache / f"postgresql-{hashlib.sha256(listing.encode()).hexdigest()[:16]}"
    twin = copy / install.relative_to(site)
    cache.mkdir(parents=True, exist_ok=True)
    cache.chmod(0o755)
    with Lock(cache / "lock").held(patience=60):
        if not twin.is_dir() or _listing(copy, twin) != listing:
            _copy(site, install, copy)
    return twin / folder.name


def _copy(site: Path, install: Path, copy: Path) -> None:
    """Fill another folder and rename it, so that no incomplete copy has the name."""
    fresh = copy.with_suffix(".new")
    for old in (fresh, copy):
        if old.exists():
            shutil.rmtree(old)
    for part in _parts(site, install):
        shutil.copytree(part, fresh / part.relative_to(site), symlinks=True)
    _open_to_all(fresh)
    fresh.rename(copy)


def _parts(site: Path, install: Path) -> list[Path]:
    """Return the programs and the libraries that the wheel keeps beside its package."""
    libraries = site / f"{install.parent.name}.libs"
    return [install, *([libraries] if libraries.is_dir() else [])]


def _listing(site: Path, install: Path) -> str:
    """Return every file with its size, which identifies the version and reveals a damaged copy."""
    lines = (
        f"{path.relative_to(site)} {path.lstat().st_size}"
        for part in _parts(site, install)
        for path in part.rglob("*")
        if not path.is_dir()
    )
    return "\n".join(sorted(lines))


def _open_to_all(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            runs = path.is_dir() or mode & stat.S_IXUSR
            path.chmod(0o755 if runs else 0o644)
