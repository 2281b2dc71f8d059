from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from qgp import demo
from qgp.app import Application
from qgp.pools import create_engine
from tests.environment import clone, settings_for


@pytest.fixture(scope="session")
async def seeded(server_url: sa.URL, worker_id: str) -> AsyncIterator[Application]:
    """A database of its own with the demo in it."""
    found = settings_for(await clone(server_url, f"demo_{worker_id}"))
    application = Application.of(found, create_engine(found), demo.LOG_INS)
    assert await demo.seed(application.database, application.services)
    yield application
    await application.close()
