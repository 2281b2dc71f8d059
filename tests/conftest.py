"""One PostgreSQL per run, one migrated database per worker, organizations of each test's own.

Everything commits for real: the walls between organizations, which the product promises, keep the
tests apart as well.
"""

import asyncio
import gc
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from tempfile import TemporaryDirectory
from typing import Any
from weakref import WeakSet

import pytest
import sqlalchemy as sa
import uvloop
from alembic import command
from sqlalchemy.ext.asyncio import AsyncEngine

from qgp import garbage_collection, migrations
from qgp.app import Application
from qgp.embedded.join import temporary
from qgp.pools import create_engine
from qgp.settings import Settings
from tests import lives, logs
from tests.command_line import Command, typed_at
from tests.company import Client, Company, Hiring
from tests.environment import TEMPLATE, application_of, clone, settings_for
from tests.memory import in_memory
from tests.seeded import FOLDER
from tests.shares import Shares

pytest_plugins = ["tests.spreading", "tests.forked_workers", "tests.servers"]
_ADDRESS = "QGP_TEST_SERVER"
_run = ExitStack()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the options of our own."""
    lives.offer(parser)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Spread the lives."""
    lives.spread(metafunc)


def pytest_configure(config: pytest.Config) -> None:
    """Start the server where the run starts; xdist's workers inherit its address."""
    logs.configure()
    signal.signal(signal.SIGINT, _interrupt)
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())  # the event loop of the server
    garbage_collection.raise_thresholds()  # as a server; half of what is built here stays
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    config.pluginmanager.register(Shares())
    server = _run.enter_context(temporary(in_memory()))
    server.create_database(TEMPLATE)
    with _database_url(server.url(TEMPLATE)):
        command.upgrade(migrations.config(), "head")
    os.environ[_ADDRESS] = server.url("postgres")
    os.environ[FOLDER] = _run.enter_context(
        TemporaryDirectory(prefix="qgp-test-run-", dir=in_memory())
    )


def _interrupt(*_: object) -> None:
    """End the run, as Python's own handler does.

    That one asyncio replaces for each coroutine that it runs, for which it writes the coroutine and
    its arguments as text: a millisecond for each fixture and each test.
    """
    raise KeyboardInterrupt


def pytest_collection_finish(session: pytest.Session) -> None:
    """Keep what every test shares out of each collection of garbage, as a server does."""
    garbage_collection.freeze_loaded()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Leave what is left to the end of the process; pytest would collect it five times."""
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server with the run."""
    if not hasattr(config, "workerinput"):
        os.environ.pop(_ADDRESS, None)
        os.environ.pop(FOLDER, None)
        _run.close()


@contextmanager
def _database_url(url: str) -> Iterator[None]:
    """Point alembic at a database."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DATABASE_URL", url)
        yield


@pytest.fixture(scope="session")
def server_url() -> sa.URL:
    """The address of the run's PostgreSQL, at its maintenance database."""
    return sa.make_url(os.environ[_ADDRESS])


@pytest.fixture(scope="session")
async def database_url(server_url: sa.URL, worker_id: str) -> sa.URL:
    """A migrated database of this worker's own."""
    return await clone(server_url, f"worker_{worker_id}")


@pytest.fixture(scope="session")
def settings(database_url: sa.URL) -> Settings:
    """Development settings at the worker's database."""
    return settings_for(database_url)


@pytest.fixture(scope="session")
async def engine(settings: Settings) -> AsyncIterator[AsyncEngine]:
    """The application's own pool.

    What a test has left checked out is ended here: the end of the event loop would wait for it.
    """
    engine, connections = create_engine(settings), WeakSet[Any]()
    pool: Any = engine.pool
    sa.event.listen(pool, "connect", lambda opened, _: connections.add(opened.driver_connection))
    yield engine
    left = pool.checkedout()
    await engine.dispose()
    for connection in connections:
        connection.terminate()
    assert left == 0, f"{left} connections were not given back"


@pytest.fixture(scope="session")
async def application(settings: Settings, engine: AsyncEngine) -> AsyncIterator[Application]:
    """Application of a process, with cheap password hashing."""
    application = application_of(settings, engine)
    yield application
    await application.close()


@pytest.fixture
async def hire(application: Application) -> Hiring:
    """Found companies and hire people into them."""
    return Hiring(application)


@pytest.fixture
async def company(hire: Hiring) -> Company:
    """An organization with an owner, of this test alone."""
    return await hire.company()


@pytest.fixture
async def api(company: Company) -> AsyncIterator[Client]:
    """The company's owner, signed in over HTTP."""
    async with company.owner.signed_in() as client:
        yield client


@pytest.fixture
def qgp(database_url: sa.URL, application: Application) -> Iterator[Command]:
    """The command line, at the worker's database and with the application's keys."""
    with typed_at(database_url, application) as command:
        yield command
