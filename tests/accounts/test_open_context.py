import asyncio
from typing import Any

import pytest
import sqlalchemy as sa

from qgp.accounts.commands import accounts
from qgp.kit.session import Database
from qgp.users.loaders import user_by_id
from tests.accounts.conftest import PASSWORD, Employ, Opened


async def test_a_load_that_nobody_awaits_any_more_opens_nothing_after_the_end(
    employ: Employ, opened: Opened, people_database: Database
) -> None:
    person = await employ()
    pool: Any = people_database.engine.pool
    for pause in (0, 0, 0.0005, 0.001, 0.002):
        async with opened(ip=person.ip) as context:
            await accounts.log_in(context, email=person.email, password=PASSWORD)
            loading = asyncio.ensure_future(context.load(user_by_id, person.user_id))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            await asyncio.sleep(pause)
            loading.cancel()
        await asyncio.sleep(0.05)
        assert pool.checkedout() == 0, pause


async def test_a_close_that_is_cancelled_leaves_the_connection_to_the_end(
    employ: Employ, opened: Opened, people_database: Database
) -> None:
    """As by the deadline of a command that waits for the read of another field."""
    person = await employ()
    pool: Any = people_database.engine.pool
    async with opened(ip=person.ip) as context:
        await accounts.log_in(context, email=person.email, password=PASSWORD)
        await context.load(user_by_id, person.user_id)
        reading = asyncio.ensure_future(context.rows(sa.select(sa.func.pg_sleep(60))))
        await asyncio.sleep(0)
        closing = asyncio.ensure_future(context.close())
        await asyncio.sleep(0)
        closing.cancel()
        await asyncio.wait([closing])
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert pool.checkedout() == 0
