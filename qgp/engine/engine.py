"""The engine of one process: it answers reads from plans, or says why the reference has to."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson
import sqlalchemy as sa
import strawberry
import structlog
from graphql import GraphQLSchema
from graphql.error import GraphQLError
from graphql.execution.values import VariableValues, get_variable_values

from qgp.engine.access import ORGANIZATION, Access, audience_key
from qgp.engine.arguments import BoundArguments
from qgp.engine.batching import RequestBatcher
from qgp.engine.bound_query import BoundQuery
from qgp.engine.execution import Execution
from qgp.engine.plan_cache import CachedPlan, PlanCache
from qgp.engine.read_connections import CONNECTION_ERRORS, ReadConnections
from qgp.engine.session_freshness import SessionFreshness, SessionStamp, session_stamp
from qgp.engine.sql_statement import compile_statement
from qgp.kit.errors import DomainError
from qgp.kit.gql.operation import Answered, Operation
from qgp.kit.listing import PAGING, Paging
from qgp.kit.lru_cache import LRUCache
from qgp.kit.policy import Principal, SignedIn
from qgp.kit.statement_counter import SentStatement

_log = structlog.get_logger(__name__)
InForce = Callable[[sa.ColumnElement[Any], sa.ColumnElement[Any]], sa.ScalarSelect[Any]]
Ask = tuple[Any, SessionStamp]
Answers = tuple[Sequence[bytes], Sequence[SentStatement]]
SHADOW = "shadow: "  # prefix of the counts of shadow mode
REMEMBERED = 1_024  # requests made ready: screens ask for the same again and again
LONGEST = 4_096  # bytes of the variables of one that is remembered


class ResolverFallback(Exception):
    """The reference has to answer; the argument says why, in few words for metrics."""


@dataclass(frozen=True)
class RequestScope:
    """Who asks, the key that seals their cursors, and how many rows a page has."""

    caller: Principal
    signing_key: bytes
    paging: Paging


class Engine:
    """Answers reads from plans, for one process.

    Args:
        schema, core: the Strawberry schema, and graphql-core's underneath.
        in_force: SQL for the log-ins of an organization that are in force, with their stamps.
        together: how many requests that differ in a key at most leave in one statement.

    Attributes:
        counts: answers by outcome, `planned` or the reason for the reference; and what shadow
            mode has seen, with `shadow: ` before it.
    """

    def __init__(
        self,
        schema: strawberry.Schema,
        core: GraphQLSchema,
        connections: ReadConnections,
        *,
        signing_key: bytes,
        in_force: InForce,
        paging: Paging = PAGING,
        together: int = 64,
    ) -> None:
        self._core, self._signing_key, self._paging = core, signing_key, paging
        standing = in_force(ORGANIZATION, sa.bindparam("log_ins", type_=sa.ARRAY(sa.Uuid)))
        gate = standing.op("@>")(sa.bindparam("stamps", type_=sa.ARRAY(sa.Text)))
        self._check = compile_statement(sa.select(standing))
        self._batches: RequestBatcher[Ask, Answers] = RequestBatcher(together)
        self._standings = SessionFreshness()
        self._known: LRUCache[BoundQuery] = LRUCache(REMEMBERED)
        self.read_connections = connections
        self.plans = PlanCache(schema, core, gate)
        self.counts: Counter[str] = Counter()

    def at_hand(
        self, operation: Operation, variables: Mapping[str, Any], signed_in: SignedIn
    ) -> Answered | None:
        """Return an answer that needs no statement, or None where one has to be sent."""
        try:
            prepared = self.prepared(operation, variables, signed_in)
        except ResolverFallback:
            return None
        texts = self._texts(prepared, session_stamp(signed_in))
        return None if texts is None else self._planned(prepared, texts)

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
            prepared = self.prepared(operation, variables, signed_in)
            texts, sent = await self._told(prepared, signed_in)
        except ResolverFallback as unplanned:
            reason = str(unplanned)
        except CONNECTION_ERRORS:
            reason = "database"
        except Exception:  # noqa: BLE001 a fault of ours must not cost the answer
            _log.exception("plan_failed", document_hash=operation.sha256)
            reason = "failed"
        else:
            return self._planned(prepared, texts, sent, explain=explain)
        self.counts[reason] += 1
        return Answered(None, extensions={"plan": {"fallbackReason": reason}}) if explain else None

    def give_up(self, operation: Operation) -> None:
        """Leave a document to the reference from now on."""
        self.plans.give_up(operation)
        self._known.clear()

    def prepared(
        self, operation: Operation, variables: Mapping[str, Any], signed_in: SignedIn
    ) -> BoundQuery:
        """Return a request made ready; what cannot be is found out anew each time.

        Raises:
            Unplanned: it has to be executed.
        """
        given = orjson.dumps(variables) if variables else b""
        key = operation, given, audience_key(signed_in)
        found = self._known.get(key)
        if found is None:
            found = self._prepare(operation, variables, signed_in.principal)
            if len(given) <= LONGEST:
                self._known.keep(key, found)
        return found

    def bound(
        self, planned: CachedPlan, values: VariableValues, caller: Principal
    ) -> Sequence[BoundArguments]:
        """Bind the arguments that a plan left open.

        Raises:
            Unplanned: there is no plan, or an argument is unfit, or names what has no plan.
        """
        if planned.plan is None:
            raise ResolverFallback(planned.reason)
        asker = RequestScope(caller, self._signing_key, self._paging)
        try:
            bound = [arguments.of(values, asker) for arguments in planned.plan.arguments]
        except (DomainError, GraphQLError):
            raise ResolverFallback("arguments") from None
        if (reason := planned.plan.opaque_for(bound)) is not None:
            raise ResolverFallback(reason)
        return bound

    def _planned(
        self,
        prepared: BoundQuery,
        texts: Sequence[bytes],
        sent: Sequence[SentStatement] = (),
        *,
        explain: bool = False,
    ) -> Answered:
        self.counts["planned"] += 1
        extensions = {"plan": {"statements": [vars(one) for one in sent]}} if explain else {}
        return Answered(prepared.data(texts), len(sent), extensions)

    def _prepare(
        self, operation: Operation, variables: Mapping[str, Any], caller: Principal
    ) -> BoundQuery:
        definitions = operation.node.variable_definitions or ()
        values = get_variable_values(self._core, definitions, dict(variables))
        if not isinstance(values, VariableValues):
            raise ResolverFallback("variables")
        planned = self.plans.of_operation(operation, values, Access.of(caller))
        bound = self.bound(planned, values, caller)
        return BoundQuery(planned.program(bound), bound, caller.organization_id)

    def _texts(self, prepared: BoundQuery, standing: SessionStamp) -> Sequence[bytes] | None:
        """Return the roots of what reads nothing, for a log-in that has just been in force."""
        texts = prepared.program.texts
        return texts if texts is not None and self._standings.are_fresh(standing) else None

    async def _told(self, prepared: BoundQuery, signed_in: SignedIn) -> Answers:
        """Run a program, for all who wait for the same of it."""
        standing = session_stamp(signed_in)
        if (texts := self._texts(prepared, standing)) is not None:
            return texts, []
        caller = signed_in.principal
        return await self._batches.join(
            prepared.group(caller),
            (prepared.key, standing),
            partial(self._together, prepared, caller),
        )

    async def _together(
        self, prepared: BoundQuery, caller: Principal, asks: Sequence[Ask]
    ) -> Sequence[Answers]:
        """Answer requests of one organization and equal rights in one go."""
        program, root = prepared.program, prepared.program.by_key
        standings = list(dict.fromkeys(standing for _, standing in asks))
        async with self.read_connections.acquire(
            caller.organization_id, caller.user_id
        ) as connection:
            run = Execution(connection, caller, prepared.bound, standings)
            if root is not None:
                each = await root.level.values(run, [key for key, _ in asks])
                told = [[text] for text in each]
            else:
                told = [[await one.value(run) for one in program.roots.values()]] * len(asks)
            await self._demand(run, standings)
        return [(texts, run.sent) for texts in told]

    async def _demand(self, run: Execution, standings: Sequence[SessionStamp]) -> None:
        """Let answers leave only for log-ins in force.

        Raises:
            Unplanned: one of them is not.
        """
        if not run.is_shown:
            rows = await run.fetch(self._check)
            if not {standing.stamp for standing in standings} <= set(rows[0][0]):
                raise ResolverFallback("session")
        for standing in standings:
            self._standings.show(standing)
