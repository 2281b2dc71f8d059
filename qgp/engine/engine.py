"""The engine of one process: it answers queries from plans, or leaves them to the resolvers.

A query passes one step after the other: parse → `Plan` → `CompiledQuery` → `BoundQuery` → execute.
"""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
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

from qgp.engine.arguments import BoundArguments
from qgp.engine.bound_query import BoundQuery
from qgp.engine.executor.execution import Execution
from qgp.engine.plan_cache import CachedPlan, PlanCache
from qgp.engine.read_connections import CONNECTION_ERRORS, ReadConnections
from qgp.engine.session_freshness import SessionFreshness, SessionStamp, session_stamp
from qgp.engine.session_guard import InForce, SessionGuard
from qgp.kit import statement_counter
from qgp.kit.access import Access, audience_key
from qgp.kit.batching import RequestBatcher
from qgp.kit.errors import DomainError
from qgp.kit.gql.operation import Answered, Operation
from qgp.kit.lru_cache import LRUCache
from qgp.kit.paging import PAGING, Paging
from qgp.kit.policy import Principal, SignedIn
from qgp.kit.sql_statement import compile_statement
from qgp.kit.statement_counter import SentStatement

_log = structlog.get_logger(__name__)
Request = tuple[Any, SessionStamp]  # the key of a lookup, and the sign-in that must be in force
Result = tuple[Sequence[bytes], Sequence[SentStatement]]  # the JSON of each root field
Related = tuple[bytes, Sequence[SentStatement]]  # the JSON of a relation for one key
SHADOW = "shadow: "  # prefix of the counts of shadow mode
MAX_BOUND = 1_024  # bound queries: clients repeat the same requests
MAX_VARIABLES_BYTES = 4_096  # of the variables of a cached one


class ResolverFallback(Exception):
    """The resolvers have to answer; the reason, in few words, is for metrics and explanations."""


@dataclass(frozen=True)
class EngineScope:
    """The caller, the key that signs their cursors, and the page sizes."""

    caller: Principal
    signing_key: bytes
    paging: Paging


class Engine:
    """Answers queries from plans, for one process.

    Args:
        schema, core: the Strawberry schema, and the graphql-core schema made from it.
        in_force: SQL for the stamps of the sign-ins of an organization that are in force.
        batch_size: lookups of one record, or equal queries, that one execution answers at most.

    Attributes:
        counts: answers by outcome, `planned` or the reason of the fallback; outcomes of shadow mode
            with the prefix `shadow: `.
        mutation_counts: mutations by outcome, `planned` or the reason why the resolvers answered.
    """

    def __init__(
        self,
        schema: strawberry.Schema,
        core: GraphQLSchema,
        read_connections: ReadConnections,
        *,
        signing_key: bytes,
        in_force: InForce,
        paging: Paging = PAGING,
        batch_size: int = 64,
    ) -> None:
        self._core, self._signing_key, self._paging = core, signing_key, paging
        guard = SessionGuard(in_force)
        self._stamps_in_force = compile_statement(sa.select(guard.stamps))
        self._batches: RequestBatcher[Request, Result] = RequestBatcher(batch_size)
        self._related: RequestBatcher[Any, Related] = RequestBatcher(batch_size)
        self._freshness = SessionFreshness()
        self._bound: LRUCache[BoundQuery] = LRUCache(MAX_BOUND)
        self.read_connections = read_connections
        self.plans = PlanCache(schema, core, guard)
        self.counts: Counter[str] = Counter()
        self.mutation_counts: Counter[str] = Counter()

    def read_without_io(
        self, operation: Operation, variables: Mapping[str, Any], signed_in: SignedIn
    ) -> Answered | None:
        """Return an answer that needs no statement, or None if it needs one."""
        try:
            query = self.bind(operation, variables, signed_in)
        except ResolverFallback:
            return None
        constants = self._fresh_constants(query, session_stamp(signed_in))
        return None if constants is None else self._answered(query, constants)

    def execution_key(
        self, operation: Operation, variables: Mapping[str, Any], signed_in: SignedIn
    ) -> Hashable | None:
        """Return the key of a query, equal for those whose data one execution reads.

        None for a query that has not been bound yet, and if equal queries are executed separately.
        """
        if self._batches.max_size == 1:
            return None
        query = self._bound.get(_binding_key(operation, variables, signed_in))
        return None if query is None else query.execution_key(signed_in.principal)

    async def read(
        self,
        operation: Operation,
        variables: Mapping[str, Any],
        signed_in: SignedIn,
        *,
        explain: bool = False,
    ) -> Answered | None:
        """Return the data of a query, or None if the resolvers have to answer.

        The resolvers report every error of the request, the sign-in or the database. With
        `explain`, an answer without data contains the reason of the fallback.
        """
        try:
            query = self.bind(operation, variables, signed_in)
            roots, sent = await self._execute(query, signed_in)
        except ResolverFallback as fallback:
            reason = str(fallback)
        except CONNECTION_ERRORS:
            reason = "database"
        except Exception:  # noqa: BLE001 the resolvers can still answer
            _log.exception("plan_failed", document_hash=operation.sha256)
            reason = "failed"
        else:
            return self._answered(query, roots, sent, explain=explain)
        self.counts[reason] += 1
        return Answered(None, extensions={"plan": {"fallbackReason": reason}}) if explain else None

    async def read_related(self, query: BoundQuery, caller: Principal, key: Any) -> Related:
        """Return the JSON of a relation for a key, read together with equal ones that wait.

        The sign-in of the caller has been checked.
        """
        read = partial(self._read_related, query, caller)
        with statement_counter.counted():  # what the batch shares counts for each request
            text, sent = await self._related.submit(query.batch_key(caller), key, read)
        for _ in sent:
            statement_counter.add()
        return text, sent

    def disable(self, operation: Operation) -> None:
        """Leave a document to the resolvers until the process ends."""
        self.plans.disable(operation)
        self._bound.clear()

    def bind(
        self, operation: Operation, variables: Mapping[str, Any], signed_in: SignedIn
    ) -> BoundQuery:
        """Return the bound query of a request.

        Raises:
            ResolverFallback: the resolvers have to answer.
        """
        key = _binding_key(operation, variables, signed_in)
        query = self._bound.get(key)
        if query is None:
            query = self._bind(operation, variables, signed_in.principal)
            _, serialized, _ = key
            if len(serialized) <= MAX_VARIABLES_BYTES:
                self._bound.put(key, query)
        return query

    def bind_arguments(
        self, cached: CachedPlan, variables: VariableValues, caller: Principal
    ) -> Sequence[BoundArguments]:
        """Return the arguments of a plan, by index.

        Raises:
            ResolverFallback: there is no plan, an argument is invalid, or it identifies a record
                that only the resolvers can read.
        """
        if cached.plan is None:
            raise ResolverFallback(cached.reason)
        scope = EngineScope(caller, self._signing_key, self._paging)
        try:
            arguments = [binder.bind(variables, scope) for binder in cached.plan.arguments]
        except (DomainError, GraphQLError):
            raise ResolverFallback("arguments") from None
        if (reason := cached.plan.unplannable_reason(arguments)) is not None:
            raise ResolverFallback(reason)
        return arguments

    def _bind(
        self, operation: Operation, variables: Mapping[str, Any], caller: Principal
    ) -> BoundQuery:
        definitions = operation.node.variable_definitions or ()
        values = get_variable_values(self._core, definitions, dict(variables))
        if not isinstance(values, VariableValues):
            raise ResolverFallback("variables")
        cached = self.plans.plan_operation(operation, values, Access.of(caller))
        arguments = self.bind_arguments(cached, values, caller)
        return BoundQuery(cached.compiled(arguments), arguments, caller.organization_id)

    def _answered(
        self,
        query: BoundQuery,
        roots: Sequence[bytes],
        sent: Sequence[SentStatement] = (),
        *,
        explain: bool = False,
    ) -> Answered:
        self.counts["planned"] += 1
        extensions = {"plan": {"statements": [vars(each) for each in sent]}} if explain else {}
        return Answered(query.data(roots), len(sent), extensions)

    def _fresh_constants(self, query: BoundQuery, session: SessionStamp) -> Sequence[bytes] | None:
        """Return the JSON of a query that reads no row, for a sign-in confirmed just now."""
        constants = query.compiled.constants
        is_usable = constants is not None and self._freshness.is_fresh(session)
        return constants if is_usable else None

    async def _execute(self, query: BoundQuery, signed_in: SignedIn) -> Result:
        """Execute a query, together with equal ones that wait."""
        session = session_stamp(signed_in)
        if (constants := self._fresh_constants(query, session)) is not None:
            return constants, []
        caller = signed_in.principal
        return await self._batches.submit(
            query.batch_key(caller),
            (query.key, session),
            partial(self._execute_batch, query, caller),
        )

    async def _execute_batch(
        self, query: BoundQuery, caller: Principal, requests: Sequence[Request]
    ) -> Sequence[Result]:
        """Answer requests of equal access to one organization by one execution."""
        compiled, lookup = query.compiled, query.compiled.lookup
        sessions = list(dict.fromkeys(session for _, session in requests))
        connections = self.read_connections
        async with connections.acquire(caller.organization_id, caller.user_id) as connection:
            totals = query.totals
            confirmed = self._freshness.snapshot(sessions)
            execution = Execution(connection, caller, query.arguments, sessions, confirmed, totals)
            if lookup is not None:
                records = await lookup.level.load(execution, [key for key, _ in requests])
                results: Sequence[Sequence[bytes]] = [[json] for json in records]
            else:
                roots = [await root.load(execution) for root in compiled.roots.values()]
                results = [roots] * len(requests)
            await self._require_sessions(execution, sessions)
        return [(roots, execution.sent) for roots in results]

    async def _read_related(
        self, query: BoundQuery, caller: Principal, keys: Sequence[Any]
    ) -> Sequence[Related]:
        relation, connections = query.compiled.relation, self.read_connections
        assert relation is not None
        async with connections.acquire(caller.organization_id, caller.user_id) as connection:
            execution = Execution(connection, caller, query.arguments)
            texts = await relation.load(execution, keys)
        return [(text, execution.sent) for text in texts]

    async def _require_sessions(
        self, execution: Execution, sessions: Sequence[SessionStamp]
    ) -> None:
        """Check that all sign-ins are in force, unless a statement has confirmed it.

        Raises:
            ResolverFallback: one of them is not.
        """
        if not execution.is_session_confirmed:
            [[stamps]] = await execution.fetch(self._stamps_in_force)
            if not {session.stamp for session in sessions} <= set(stamps):
                raise ResolverFallback("session")
        for session in sessions:
            self._freshness.confirm(session, execution.session_snapshot)


def _binding_key(
    operation: Operation, variables: Mapping[str, Any], signed_in: SignedIn
) -> tuple[Operation, bytes, str]:
    """Return the key of a bound query: operation, serialized variables, access."""
    serialized = orjson.dumps(variables) if variables else b""
    return operation, serialized, audience_key(signed_in)
