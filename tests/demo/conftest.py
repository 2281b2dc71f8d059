from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from qgp import demo
from qgp.app import Application
from tests.environment import application_of, clone, settings_for

FILLED = "template_demo"
_LOCK = sa.text("SELECT pg_advisory_lock(:key)").bindparams(key=0x64656D6F)
_EXISTS = sa.text("SELECT 1 FROM pg_database WHERE datname = :name").bindparams(name=FILLED)


@pytest.fixture(scope="session")
async def seeded(server_url: sa.URL, worker_id: str) -> AsyncIterator[Application]:
    """A copy of the demo's database for this worker; one worker seeds it for all."""
    engine = create_async_engine(server_url)
    async with engine.connect() as connection:  # the lock ends with it
        await connection.execute(_LOCK)
        if (await connection.execute(_EXISTS)).first() is None:
            await _fill(server_url)
    await engine.dispose()
    copy = await clone(server_url, f"demo_{worker_id}", FILLED)
    application = application_of(settings_for(copy))
    yield application
    await application.close()


async def _fill(server_url: sa.URL) -> None:
    application = application_of(settings_for(await clone(server_url, "demo_unfilled")))
    services = application.services
    assert await demo.seed(application.database, services.files, hasher=services.hasher)
    await application.close()
    engine = create_async_engine(server_url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(sa.text(f'ALTER DATABASE demo_unfilled RENAME TO "{FILLED}"'))
    await engine.dispose()
