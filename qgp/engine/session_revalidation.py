"""Revalidation of remembered sign-ins, with one statement for all that wait."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.engine.read_connections import CONNECTION_ERRORS, ReadConnections
from qgp.engine.session_guard import InForce
from qgp.kit import statement_counter
from qgp.kit.access import ORGANIZATION
from qgp.kit.batching import RequestBatcher
from qgp.kit.policy import SignedIn
from qgp.kit.sql_statement import compile_statement


class SessionRevalidation:
    """Checks sign-ins on a read connection, at a tenth of the cost of a separate transaction.

    Args:
        in_force: SQL for the stamps of the sign-ins of an organization that are in force.
        batch_size: sign-ins that one statement checks at most.
    """

    def __init__(self, connections: ReadConnections, in_force: InForce, *, batch_size: int) -> None:
        ids = sa.bindparam("session_ids", type_=sa.ARRAY(sa.Uuid))
        self._statement = compile_statement(sa.select(in_force(ORGANIZATION, ids)))
        self._batches: RequestBatcher[SignedIn, bool] = RequestBatcher(batch_size)
        self._connections = connections

    async def __call__(self, signed_in: SignedIn) -> bool:
        """Return whether the sign-in is in force, by a statement sent after the call.

        False if the database cannot be reached.
        """
        organization_id = signed_in.principal.organization_id
        statement_counter.add()
        check = partial(self._check, organization_id)
        try:
            return await self._batches.submit(organization_id, signed_in, check)
        except CONNECTION_ERRORS:
            return False

    async def _check(self, organization_id: UUID, sign_ins: Sequence[SignedIn]) -> Sequence[bool]:
        session_ids = list({each.principal.session_id for each in sign_ins})
        parameters: dict[str, Any] = {"organization": organization_id, "session_ids": session_ids}
        arguments = self._statement.arguments(parameters)
        async with self._connections.acquire(organization_id) as connection:
            [[stamps]] = await connection.fetch(self._statement.text, arguments)
        return [each.session_and_stamp in stamps for each in sign_ins]
