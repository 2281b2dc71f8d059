"""The engine of one process: it answers reads from plans, or says why the reference has to."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import sqlalchemy as sa
import strawberry
import structlog
from graphql import GraphQLSchema
from graphql.error import GraphQLError
from graphql.execution.values import VariableValues, get_variable_values

from qgp.engine.access import ORGANIZATION, Access
from qgp.engine.arguments import Bound
from qgp.engine.batches import Batches
from qgp.engine.execution import Execution, Sent
from qgp.engine.lanes import LOST, Lanes
from qgp.engine.levels import Keyed
from qgp.engine.plans import Planned, Plans
from qgp.engine.program import Program
from qgp.engine.standings import Standing, Standings
from qgp.engine.statements import compiled
from qgp.kit.errors import DomainError
from qgp.kit.gql.operation import Answered, Operation
from qgp.kit.listing import PAGING, Paging
from qgp.kit.policy import Principal, SignedIn

_log = structlog.get_logger(__name__)
InForce = Callable[[sa.ColumnElement[Any], sa.ColumnElement[Any]], sa.ScalarSelect[Any]]
Ask = tuple[Any, Standing]
Told = tuple[bytes, Sequence[Sent]]


class Unplanned(Exception):
    """The reference has to answer; the argument says why, in few words for metrics."""


@dataclass(frozen=True)
class Asker:
    """Who asks, the key that seals their cursors, and how many rows a page has."""

    caller: Principal
    signing_key: bytes
    paging: Paging


class Engine:
    """Answers reads from plans, for one process.

    Args:
        schema, core: the Strawberry schema, and graphql-core's underneath.
        in_force: SQL for the log-ins of an organization that are in force, with their stamps.
        together: how many requests for one record each leave in one statement.

    Attributes:
        counts: answers by outcome, `planned` or the reason for the reference; and what shadow
            mode has seen, with `shadow: ` before it.
    """

    def __init__(
        self,
        schema: strawberry.Schema,
        core: GraphQLSchema,
        lanes: Lanes,
        *,
        signing_key: bytes,
        in_force: InForce,
        paging: Paging = PAGING,
        together: int = 64,
    ) -> None:
        self._core, self._signing_key, self._paging = core, signing_key, paging
        standing = in_force(ORGANIZATION, sa.bindparam("log_ins", type_=sa.ARRAY(sa.Uuid)))
        gate = standing.op("@>")(sa.bindparam("stamps", type_=sa.ARRAY(sa.Text)))
        self._check = compiled(sa.select(standing))
        self._batches: Batches[Ask, Told] = Batches(together)
        self._standings = Standings()
        self.lanes = lanes
        self.plans = Plans(schema, core, gate)
        self.counts: Counter[str] = Counter()

    async def read(
        self,
        operation: Operation,
        variables: Mapping[str, Any],
        signed_in: SignedIn,
        *,
        explain: bool = False,
    ) -> Answered | None:
        """Return the data of a query, or None where the reference has to answer.

        Whatever is wrong with the request, the log-in or the database is for the reference to
        word. With `explain` the reason is returned, with no data.
        """
        try:
            answered = await self._answered(operation, variables, signed_in, explain=explain)
        except Unplanned as unplanned:
            reason = str(unplanned)
        except Exception:  # noqa: BLE001 a fault of ours must not cost the answer
            _log.exception("plan_failed", document_hash=operation.sha256)
            reason = "failed"
        else:
            self.counts["planned"] += 1
            return answered
        self.counts[reason] += 1
        return Answered(None, extensions={"plan": {"reference": reason}}) if explain else None

    async def _answered(
        self,
        operation: Operation,
        variables: Mapping[str, Any],
        signed_in: SignedIn,
        *,
        explain: bool,
    ) -> Answered:
        caller = signed_in.principal
        definitions = operation.node.variable_definitions or ()
        values = get_variable_values(self._core, definitions, dict(variables))
        if not isinstance(values, VariableValues):
            raise Unplanned("variables")
        planned = self.plans.of_operation(operation, values, Access.of(caller))
        bound = self.bound(planned, values, caller)
        program = planned.program(bound)
        try:
            texts, sent = await self._told(program, bound, signed_in)
        except LOST:
            raise Unplanned("database") from None
        pairs = zip(program.roots, texts, strict=True)
        data = b",".join([b'"%b":%b' % (name.encode(), text) for name, text in pairs])
        extensions = {"plan": {"statements": [vars(one) for one in sent]}} if explain else {}
        return Answered(b"{%b}" % data, len(sent), extensions)

    def bound(self, planned: Planned, values: VariableValues, caller: Principal) -> Sequence[Bound]:
        """Bind the arguments that a plan left open.

        Raises:
            Unplanned: there is no plan, or an argument is unfit.
        """
        if planned.plan is None:
            raise Unplanned(planned.reason)
        asker = Asker(caller, self._signing_key, self._paging)
        try:
            return [arguments.of(values, asker) for arguments in planned.plan.arguments]
        except (DomainError, GraphQLError):
            raise Unplanned("arguments") from None

    async def _told(
        self, program: Program, bound: Sequence[Bound], signed_in: SignedIn
    ) -> tuple[Sequence[bytes], Sequence[Sent]]:
        """Run a program, together with others that differ in a key alone where there are such."""
        caller, standing = signed_in.principal, Standing.of(signed_in)
        if program.texts is not None and self._standings.are_fresh(standing):
            return program.texts, []
        group = program.group(caller, bound)
        if group is not None:
            ask = program.key(bound), standing
            text, sent = await self._batches.join(
                group, ask, partial(self._together, program, bound, caller)
            )
            return [text], sent
        async with self.lanes.lane(caller.organization_id) as lane:
            run = Execution(lane, caller, bound, [standing])
            texts = [await root.value(run) for root in program.roots.values()]
            await self._demand(run, [standing])
        return texts, run.sent

    async def _together(
        self, program: Program, bound: Sequence[Bound], caller: Principal, asks: Sequence[Ask]
    ) -> Sequence[Told]:
        """Answer requests of one organization and equal rights in one go."""
        keys = [key for key, _ in asks]
        standings = list(dict.fromkeys(standing for _, standing in asks))
        (root,) = program.roots.values()
        async with self.lanes.lane(caller.organization_id) as lane:
            run = Execution(lane, caller, bound, standings)
            if isinstance(root, Keyed):
                texts = await root.level.values(run, keys)
            else:
                texts = [await root.value(run)] * len(keys)
            await self._demand(run, standings)
        return [(text, run.sent) for text in texts]

    async def _demand(self, run: Execution, standings: Sequence[Standing]) -> None:
        """Let answers leave only for log-ins in force.

        Raises:
            Unplanned: one of them is not.
        """
        if not run.is_shown:
            rows = await run.fetch(self._check)
            if not {standing.stamp for standing in standings} <= set(rows[0][0]):
                raise Unplanned("log-in")
        for standing in standings:
            self._standings.show(standing)
