"""Partial plans: planned fields of an operation that the resolvers execute.

graphql-core executes a field that cannot be planned; fields below or beside it are planned one by
one, and return finished JSON that graphql-core does not complete.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson
import structlog
from graphql import GraphQLObjectType
from graphql.execution.collect_fields import FieldDetailsList
from graphql.pyutils import Path

from qgp.engine.arguments import BoundArguments
from qgp.engine.compiled_query import CompiledQuery
from qgp.engine.engine import Engine, ResolverFallback
from qgp.engine.executor.execution import Execution
from qgp.engine.executor.templates import NULL
from qgp.engine.plan import Related
from qgp.engine.plan_cache import CachedPlan
from qgp.engine.read_connections import CONNECTION_ERRORS
from qgp.kit.access import Access
from qgp.kit.context import Context
from qgp.kit.gql.coercion import CommandExecutor
from qgp.kit.loader import Reads
from qgp.kit.policy import Permission

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, eq=False)
class PartialPlan:
    """One planned field of an operation, for all objects that have it.

    Attributes:
        related: the relation, for a field of objects that the resolvers have loaded; None for a
            root field.
    """

    engine: Engine
    context: Context
    cached: CachedPlan
    arguments: Sequence[BoundArguments]
    related: Related | None

    @cached_property
    def query(self) -> CompiledQuery:
        """The compiled query, made when first needed: a refused mutation has no record to show."""
        return self.cached.compiled(self.arguments)

    @property
    def read(self) -> Permission:
        """Permission that the caller needs; already checked when the plan was made."""
        assert self.related is not None
        return self.related.read

    async def fetch(self, reads: Reads, keys: list[Any]) -> list[bytes]:
        """Return the JSON of the relation for each key, in their order."""
        relation, caller = self.query.relation, reads.caller
        assert relation is not None
        connections = self.engine.read_connections
        async with connections.acquire(caller.organization_id, caller.user_id) as connection:
            execution = Execution(connection, caller, self.arguments)
            texts = await relation.load(execution, keys)
        self.context.sent.extend(execution.sent)
        return list(texts)

    async def load(self, source: Any) -> bytes:
        """Return the JSON of the field of one object.

        Raises:
            Exception: the field could not be read.
        """
        if self.related is None:
            return await self._load_root()
        key = getattr(source, self.related.key)
        return NULL if key is None else await self.context.load(self, key)

    async def _load_root(self) -> bytes:
        (root,) = self.query.roots.values()
        caller, connections = self.context.caller, self.engine.read_connections
        async with connections.acquire(caller.organization_id, caller.user_id) as connection:
            execution = Execution(connection, caller, self.arguments)
            json = await root.load(execution)
        self.context.sent.extend(execution.sent)
        return json


class PartialPlanExecutor(CommandExecutor):
    """Executes operations as graphql-core does, except for fields that the engine can plan."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        context = self.context_value
        self._engine = context.services.get(Engine) if isinstance(context, Context) else None
        self._partial_plans: dict[Any, PartialPlan | None] = {}

    def build_per_event_executor(self, payload: Any) -> "PartialPlanExecutor":
        """Return the executor of one event of a subscription, which has a context of its own."""
        executor: Any = super().build_per_event_executor(payload)
        executor._partial_plans = {}
        return executor  # type: ignore[no-any-return]  # a copy of this one

    def execute_field(
        self,
        parent_type: GraphQLObjectType,
        source: Any,
        field_details_list: FieldDetailsList,
        path: Path,
        position_context: Any,
    ) -> Any:
        """Answer from a partial plan if there is one."""
        arguments = parent_type, source, field_details_list, path, position_context
        if field_details_list[0].node.selection_set is not None:
            partial_plan = self._partial_plan(parent_type, field_details_list)
            if partial_plan is not None:
                return self._execute_planned(partial_plan, *arguments)
        return super().execute_field(*arguments)

    async def _execute_planned(self, partial_plan: PartialPlan, *arguments: Any) -> Any:
        try:
            return orjson.Fragment(await partial_plan.load(arguments[1]))
        except CONNECTION_ERRORS:  # the resolvers use another pool
            _log.info("read_connection_lost")
        except Exception:  # noqa: BLE001 the resolvers can still answer
            _log.warning("partial_plan_failed", exc_info=True)
        value = super().execute_field(*arguments)
        return await value if self.is_awaitable(value) else value

    def _partial_plan(
        self, parent: GraphQLObjectType, details: FieldDetailsList
    ) -> PartialPlan | None:
        context: Context = self.context_value
        if self._engine is None or not context.principal:
            return None
        key = context.principal, parent.name, *(id(each.node) for each in details)
        if key not in self._partial_plans:
            self._partial_plans[key] = self._make(context, self._engine, parent, details)
        return self._partial_plans[key]

    def _make(
        self,
        context: Context,
        engine: Engine,
        parent: GraphQLObjectType,
        details: FieldDetailsList,
    ) -> PartialPlan | None:
        variables, nodes = self.variable_values, [each.node for each in details]
        fragments, caller = self.fragment_definitions, context.caller
        access = Access.of(caller)
        try:
            cached = engine.plans.plan_field(
                self.operation, fragments, variables, access, parent, nodes
            )
            arguments = engine.bind_arguments(cached, variables, caller)
        except ResolverFallback:
            return None
        except Exception:  # noqa: BLE001 the resolvers can still answer
            _log.exception("plan_failed")
            return None
        assert cached.plan is not None
        return PartialPlan(engine, context, cached, arguments, cached.plan.relation)
