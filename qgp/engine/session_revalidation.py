"""Whether remembered sign-ins still hold, asked in one statement for all who come meanwhile."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.engine.access import ORGANIZATION
from qgp.engine.batching import RequestBatcher
from qgp.engine.engine import InForce
from qgp.engine.read_connections import CONNECTION_ERRORS, ReadConnections
from qgp.engine.sql_statement import compile_statement
from qgp.kit import statement_counter
from qgp.kit.policy import SignedIn


class SessionRevalidation:
    """Asks on a connection, which costs a tenth of a transaction of one's own.

    Args:
        in_force: SQL for the log-ins of an organization that are in force, with their stamps.
        together: how many are asked about in one statement.
    """

    def __init__(self, connections: ReadConnections, in_force: InForce, *, together: int) -> None:
        log_ins = sa.bindparam("log_ins", type_=sa.ARRAY(sa.Uuid))
        self._asked = compile_statement(sa.select(in_force(ORGANIZATION, log_ins)))
        self._batches: RequestBatcher[SignedIn, bool] = RequestBatcher(together)
        self._lanes = connections

    async def __call__(self, signed_in: SignedIn) -> bool:
        """Say whether the database shows the sign-in in force, by a look begun after the call.

        A database that says nothing shows nothing.
        """
        organization_id = signed_in.principal.organization_id
        statement_counter.add()
        look = partial(self._look, organization_id)
        try:
            return await self._batches.join(organization_id, signed_in, look)
        except CONNECTION_ERRORS:
            return False

    async def _look(self, organization_id: UUID, asked: Sequence[SignedIn]) -> Sequence[bool]:
        log_ins = list({each.principal.session_id for each in asked})
        values: dict[str, Any] = {"organization": organization_id, "log_ins": log_ins}
        async with self._lanes.acquire(organization_id) as connection:
            [[told]] = await connection.fetch(self._asked.text, self._asked.arguments(values))
        return [each.standing in told for each in asked]
