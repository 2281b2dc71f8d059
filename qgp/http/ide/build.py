"""Put the pinned files of GraphiQL into `dist/`: `python -m qgp.http.ide.build`."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from qgp.http.ide import DIST, HERE

FILES = {
    "react/umd/react.production.min.js": "react.js",
    "react-dom/umd/react-dom.production.min.js": "react-dom.js",
    "graphiql/graphiql.min.js": "graphiql.js",
    "graphiql/graphiql.min.css": "graphiql.css",
    "react/LICENSE": "react.LICENSE",
    "graphiql/LICENSE": "graphiql.LICENSE",
}
_PINS = ("package.json", "package-lock.json")
_NO_NODE = "There is no npm. Install Node 20 or newer, or run: uv sync --group node"


def main() -> int:
    """Build unless what is there comes from the same lock; return the exit code."""
    lock = (HERE / "package-lock.json").read_bytes()
    built_from = DIST / "package-lock.json"
    if built_from.exists() and built_from.read_bytes() == lock:
        print("GraphiQL is up to date.")
        return 0
    path = os.pathsep.join((os.environ.get("PATH", ""), sysconfig.get_path("scripts")))
    npm = shutil.which("npm", path=path)
    if npm is None:
        print(_NO_NODE, file=sys.stderr)
        return 1
    print("Fetching GraphiQL (about 15 seconds) …", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        return build(Path(folder), npm=npm, path=path)


def build(folder: Path, *, npm: str, path: str) -> int:
    """Install the pinned packages in an empty folder and copy their browser files out."""
    for name in _PINS:
        shutil.copy(HERE / name, folder)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    environment = {**os.environ, "PATH": path}
    ended = subprocess.run(command, cwd=folder, env=environment, check=False)  # noqa: S603  # fixed words
    if ended.returncode:
        return ended.returncode
    DIST.mkdir(exist_ok=True)
    for source, target in FILES.items():
        shutil.copy(folder / "node_modules" / source, DIST / target)
    shutil.copy(folder / "package-lock.json", DIST)
    print(f"GraphiQL is in {DIST}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
