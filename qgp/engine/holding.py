"""Whether remembered sign-ins still hold, asked in one statement for all who come meanwhile."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.engine.access import ORGANIZATION
from qgp.engine.batches import Batches
from qgp.engine.engine import InForce
from qgp.engine.lanes import LOST, Lanes
from qgp.engine.statements import compiled
from qgp.kit import statement_counter
from qgp.kit.policy import SignedIn


class Holding:
    """Asks on a lane, which costs a tenth of a transaction of one's own.

    Args:
        in_force: SQL for the log-ins of an organization that are in force, with their stamps.
        together: how many are asked about in one statement.
    """

    def __init__(self, lanes: Lanes, in_force: InForce, *, together: int) -> None:
        log_ins = sa.bindparam("log_ins", type_=sa.ARRAY(sa.Uuid))
        self._asked = compiled(sa.select(in_force(ORGANIZATION, log_ins)))
        self._batches: Batches[SignedIn, bool] = Batches(together)
        self._lanes = lanes

    async def __call__(self, signed_in: SignedIn) -> bool:
        """Say whether the database shows the sign-in in force, by a look begun after the call.

        A database that says nothing shows nothing.
        """
        organization_id = signed_in.principal.organization_id
        statement_counter.add()
        look = partial(self._look, organization_id)
        try:
            return await self._batches.join(organization_id, signed_in, look)
        except LOST:
            return False

    async def _look(self, organization_id: UUID, asked: Sequence[SignedIn]) -> Sequence[bool]:
        log_ins = list({each.principal.session_id for each in asked})
        values: dict[str, Any] = {"organization": organization_id, "log_ins": log_ins}
        async with self._lanes.lane(organization_id) as lane:
            [[told]] = await lane.fetch(self._asked.text, self._asked.arguments(values))
        return [each.standing in told for each in asked]
