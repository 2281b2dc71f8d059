import asyncio
from typing import Any

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
