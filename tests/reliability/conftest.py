"""A PostgreSQL and a served process of these tests alone: they stop and hang."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from qgp.embedded import Server
from qgp.embedded.home import erase
from tests.reliability.serving import Served, free_port, serving


@pytest.fixture(scope="session")
def database() -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="qgp-lost-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        try:
            with Server(folder, durable=False) as server:
                yield server
        finally:
            erase(folder)


@pytest.fixture(scope="session")
def served(database: Server) -> Iterator[Served]:
    with tempfile.TemporaryDirectory(prefix="qgp-served-") as name:
        found = Served(Path(name), database.url(), free_port())
        found.run("migrate")
        found.run("seed", "demo", "--bare")
        with serving(found):
            found.start_seconds = found.await_status("/readyz", 200)
            yield found
