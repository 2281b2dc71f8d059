"""Units of work of the operator, for commands of the command line and background work."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from uuid import UUID

from qgp.kit.constraints import constraint_errors
from qgp.kit.policy import Principal, Role
from qgp.kit.services import NO_SERVICES, ServicesByType
from qgp.kit.session import Database, Scope
from qgp.kit.work import NOBODY, Work


@asynccontextmanager
async def operating(
    database: Database,
    organization_id: UUID,
    action: StrEnum,
    services: ServicesByType = NO_SERVICES,
) -> AsyncIterator[Work]:
    """Open a unit of work of the operator; the action is stored in the audit trail."""
    with constraint_errors():
        async with database.write(Scope(organization_id, action=action.value)) as session:
            work = Work(session, operator(organization_id), services)
            try:
                yield work
            finally:
                await work.end()
    for act in work.later:
        await act(database)


def operator(organization_id: UUID) -> Principal:
    """Return the operator inside an organization: an owner's rights, and no user."""
    return Principal(NOBODY, NOBODY, organization_id, NOBODY, Role.OWNER)
