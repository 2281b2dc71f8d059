"""Build of the IDE: `python -m qgp.http.ide.build` copies the pinned GraphiQL to `dist/`."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qgp.http.ide import COMMAND, DIST, HERE, MARK

FILES = {
    "react/umd/react.production.min.js": "react.js",
    "react-dom/umd/react-dom.production.min.js": "react-dom.js",
    "graphiql/graphiql.min.js": "graphiql.js",
    "graphiql/graphiql.min.css": "graphiql.css",
    "react/LICENSE": "react.LICENSE",
    "graphiql/LICENSE": "graphiql.LICENSE",
}
_PINS = ("package.json", MARK)
_CLONE = HERE.parents[2]
_NO_NODE = "There is no npm. Install Node 20 or newer, or run: uv sync --group node"
_FAILED = f"The IDE was not built; everything else works without it. Try again with: {COMMAND}"


def main() -> int:
    """Build, unless the files come from the current lock file; return the exit code."""
    with alone():
        if is_current():
            print("GraphiQL is up to date.")
            return 0
        code = _build_anew()
    if code:
        print(_FAILED, file=sys.stderr)
    return code


def is_current() -> bool:
    """Whether the files were built from the current lock file."""
    mark = DIST / MARK
    return mark.exists() and mark.read_bytes() == (HERE / MARK).read_bytes()


@contextmanager
def alone() -> Iterator[None]:
    """Lock out other builds within the block; the page reads the same lock."""
    descriptor = os.open(HERE, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def build(folder: Path, *, npm: str, path: str) -> int:
    """Install the pinned packages in an empty folder and copy their browser files to `dist/`."""
    for name in _PINS:
        shutil.copy(HERE / name, folder)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    environment = {**os.environ, "PATH": path}
    ended = subprocess.run(command, cwd=folder, env=environment, check=False)  # noqa: S603  # fixed words
    if ended.returncode:
        return ended.returncode
    DIST.mkdir(exist_ok=True)
    (DIST / MARK).unlink(missing_ok=True)
    for source, target in FILES.items():
        shutil.copy(folder / "node_modules" / source, DIST / target)
    shutil.copy(folder / MARK, DIST)
    print("GraphiQL is built.", flush=True)
    return 0


def _build_anew() -> int:
    print("Fetching GraphiQL (about 15 seconds) …", flush=True)
    path = os.pathsep.join((os.environ.get("PATH", ""), sysconfig.get_path("scripts")))
    npm = shutil.which("npm", path=path) or _fetched_npm(path)
    if npm is None:
        print(_NO_NODE, file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        return build(Path(folder), npm=npm, path=path)


def _fetched_npm(path: str) -> str | None:
    """Return the npm of its wheel, which uv installs beside the libraries; None without uv."""
    uv = shutil.which("uv", path=path)
    if uv is None or not (_CLONE / "uv.lock").exists():
        return None
    command = [uv, "sync", "--locked", "--inexact", "--quiet", "--no-default-groups"]
    subprocess.run([*command, "--group", "node"], cwd=_CLONE, check=False)  # noqa: S603  # fixed words
    return shutil.which("npm", path=path)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the folder of the packages goes, too
    sys.exit(main())
