"""Recovery after a restart: imports of standards whose process has ended are recorded as FAILED."""

import asyncio
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from qgp.kit.availability import RETRY_SECONDS
from qgp.kit.session import Database
from qgp.organizations import service
from qgp.standards.commands import imports

# The second attempt meets the imports that began right before the first one.
_PAUSES: Final = (0, 15)  # seconds


async def recover(database: Database) -> None:
    """Record interrupted imports of every organization as FAILED, once the database answers."""
    for pause in _PAUSES:
        await asyncio.sleep(pause)
        while True:
            if await _is_recovered(database):
                break
            await asyncio.sleep(RETRY_SECONDS)


async def _is_recovered(database: Database) -> bool:
    try:
        for organization in await service.all_organizations(database):
            await imports.fail_interrupted(database, organization.id)
    except (OSError, SQLAlchemyError):
        return False
    return True
