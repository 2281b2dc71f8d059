"""A PostgreSQL and a served process of these tests alone: they stop and hang."""

import asyncio
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from qgp import demo
from qgp.embedded import Server, temporary
from tests.environment import application_of, clone, settings_for
from tests.memory import in_memory
from tests.pooler import Pooler, pooling
from tests.reliability.serving import Served, free_port, serving
from tests.servers import copy


@pytest.fixture(scope="session")
def database(server_url: sa.URL, worker_id: str) -> Iterator[Server]:
    """A server with the demo's people."""
    with temporary(in_memory()) as server:
        copy(asyncio.run(peopled(server_url, worker_id)), server)
        yield server


async def peopled(server_url: sa.URL, worker: str) -> sa.URL:
    """Make a database with the demo's people, whose passwords are hashed for next to nothing."""
    url = await clone(server_url, f"reliability_{worker}")
    application = application_of(settings_for(url))
    assert await demo.seed(application.database, hasher=application.services.hasher, years=0)
    await application.close()
    return url


@pytest.fixture(scope="session")
def served(database: Server) -> Iterator[Served]:
    with tempfile.TemporaryDirectory(prefix="qgp-served-", dir=in_memory()) as name:
        served = Served(Path(name), database.url(), free_port())
        with (served.folder / "log").open("w") as log, serving(served, output=log):
            served.start_seconds = served.await_status("/readyz", 200)
            yield served


@pytest.fixture(scope="module")
def pooled(served: Served, database: Server) -> Iterator[Served]:
    """A process to start behind a pooler."""
    with pooling(Pooler(sa.make_url(database.url()))) as url:
        yield replace(served, port=free_port(), database_url=url.render_as_string())
