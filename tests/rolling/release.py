"""A release of the product: its code as a commit has it, and what its processes answer."""

import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import httpx2
import pytest
from alembic.script import ScriptDirectory

from qgp import migrations
from tests import loopback, preloading

ROOT = Path(__file__).parents[2]
# What the product was before its releases had tags.
UNTAGGED = "a291b884ebafd8e7d45002f832070d45500d84ef"
_QGP = "from qgp.cli import app; app()"  # as older releases have it too
_EACH = """
import sys
from qgp.cli import app
for command in sys.argv[1:]:
    app(command.split(), standalone_mode=False)
"""
_REVISION = re.compile(r'^revision = "(\w+)"', re.MULTILINE)
_KEYS = {
    "SECRET_KEY": "Hq3vN8sYt1LkWc6RzEp0XbJd5GmUa9Qf",
    "JWT_SECRET_KEY": "u7Tn2KxZ4oVbRg9McSe1WyLh6PjDq8Fa",
}


@dataclass(frozen=True)
class Process:
    """A server that was started, and may not be alive yet."""

    forked: preloading.Process
    port: int

    def await_life(self) -> None:
        """Wait until it answers."""
        deadline = time.monotonic() + 60
        while True:
            assert self.forked.poll() is None, "the server ended"
            with suppress(httpx2.TransportError):
                assert self.get("/healthz").status_code == 200
                return
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.05)

    def get(self, path: str) -> httpx2.Response:
        return loopback.get(self.port, path)

    def ask(self, document: str, token: str = "", **variables: Any) -> Any:
        """Run an operation that must not fail and return its data."""
        answer = loopback.ask(self.port, document, token, **variables).json()
        assert "errors" not in answer, answer
        return answer["data"]

    def stop(self) -> int:
        """End it as an orchestrator does and return its exit code."""
        self.forked.terminate()
        return self.forked.wait(timeout=30)


@dataclass(frozen=True)
class Release:
    """The code of a release in a folder.

    Attributes:
        modules: what is imported before its processes are forked.
    """

    folder: Path
    modules: Sequence[str] = ("qgp.cli",)

    def environment(self, url: str) -> dict[str, str]:
        """Return the settings of its processes, and its folder before the installed package."""
        return {**os.environ, **_KEYS, "DATABASE_URL": url, "PYTHONPATH": str(self.folder)}

    def qgp(self, url: str, *commands: str) -> None:
        """Run commands that must not fail, one after the other in one process."""
        with self._start(_EACH, *commands, environment=self.environment(url)) as process:
            output, _ = process.communicate(timeout=120)
        assert process.returncode == 0, output

    def way_back(self) -> str | None:
        """Return the revision down to which it does not serve on this release's schema.

        None where no migration since declares a floor that it does not reach.
        """
        files = (self.folder / "alembic" / "versions").glob("*.py")
        revisions = {name for file in files for name in _REVISION.findall(file.read_text())}
        scripts = [*ScriptDirectory.from_config(migrations.config()).walk_revisions()]
        for script in reversed(scripts):
            floor = getattr(script.module, "needs_code", None)
            if floor is not None and floor not in revisions:
                return str(script.down_revision)
        return None

    @contextmanager
    def serving(self, url: str) -> Iterator[Process]:
        """Serve until the end of the block, which begins before the server is alive."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        environment = self.environment(url) | {"PORT": str(port), "HOST": "127.0.0.1"}
        with (
            Path(os.devnull).open("w") as nowhere,
            self._start(_QGP, "serve", environment=environment, output=nowhere) as process,
        ):
            try:
                yield Process(process, port)
            finally:
                process.kill()

    def _start(self, code: str, *words: str, **options: Any) -> preloading.Process:
        """Run code of the release in a process of its own."""
        return preloading.forker(self.folder).start(
            code, "qgp", *words, modules=self.modules, folder=self.folder, **options
        )


THIS = Release(ROOT, preloading.PRODUCT)


def unpack(folder: Path) -> Release:
    """Write the previous release's code into a folder.

    It is the newest tag before this commit; without tags, the commit of `UNTAGGED`; or what
    QGP_PREVIOUS_RELEASE names. Skips where there is no history to take it from.
    """
    if _git("rev-parse", "--git-dir").returncode != 0:
        pytest.skip("no git history: this is not a checkout")
    name = os.environ.get("QGP_PREVIOUS_RELEASE") or _newest_tag() or UNTAGGED
    archive = _git("archive", "--format=zip", name)
    if archive.returncode != 0 and _git("rev-parse", "--is-shallow-repository").stdout == b"true\n":
        pytest.skip(f"this clone is shallow and has no {name}: fetch it with its history")
    assert archive.returncode == 0, archive.stderr.decode()
    with ZipFile(BytesIO(archive.stdout)) as files:
        files.extractall(folder)
    return Release(folder)


def _newest_tag() -> str | None:
    described = _git("describe", "--tags", "--abbrev=0", "HEAD~1")
    return described.stdout.decode().strip() or None


def _git(*words: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, check=False)
