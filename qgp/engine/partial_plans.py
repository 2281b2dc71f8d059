"""Planned parts of an operation that otherwise runs on the reference.

Where a field is opaque, graphql-core executes it; what lies below, or beside, is planned field by
field and comes back as JSON that nobody completes any more.
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

from qgp.engine.access import Access
from qgp.engine.arguments import BoundArguments
from qgp.engine.compiled_query import CompiledQuery
from qgp.engine.engine import Engine, ResolverFallback
from qgp.engine.execution import Execution
from qgp.engine.executor import NULL
from qgp.engine.plan import Related
from qgp.engine.plan_cache import CachedPlan
from qgp.engine.read_connections import CONNECTION_ERRORS
from qgp.kit.context import Context
from qgp.kit.gql.coercion import CommandExecutor
from qgp.kit.loader import Reads
from qgp.kit.policy import Permission

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, eq=False)
class PartialPlan:
    """One planned field of an operation, for all objects that have it.

    Attributes:
        related: what lies beneath objects at hand; None for a root.
    """

    engine: Engine
    context: Context
    planned: CachedPlan
    bound: Sequence[BoundArguments]
    related: Related | None

    @cached_property
    def program(self) -> CompiledQuery:
        """The compiled plan; a field without a record, as of a refusal, never needs it."""
        return self.planned.program(self.bound)

    @property
    def read(self) -> Permission:
        """What the caller must be allowed; asked when the plan was made, too."""
        assert self.related is not None
        return self.related.read

    async def fetch(self, reads: Reads, keys: list[Any]) -> list[bytes]:
        """Return the JSON beneath each key, in their order."""
        assert self.program.beneath is not None
        async with self.engine.read_connections.acquire(
            reads.caller.organization_id, reads.caller.user_id
        ) as connection:
            run = Execution(connection, reads.caller, self.bound)
            texts = await self.program.beneath.values(run, keys)
        self.context.sent.extend(run.sent)
        return list(texts)

    async def value(self, source: Any) -> bytes:
        """Return the JSON of the field on one object.

        Raises:
            Exception: it could not be read.
        """
        if self.related is None:
            return await self._root()
        key = getattr(source, self.related.key)
        return NULL if key is None else await self.context.load(self, key)

    async def _root(self) -> bytes:
        (root,) = self.program.roots.values()
        caller = self.context.caller
        async with self.engine.read_connections.acquire(
            caller.organization_id, caller.user_id
        ) as connection:
            run = Execution(connection, caller, self.bound)
            text = await root.value(run)
        self.context.sent.extend(run.sent)
        return text


class PlannedExecutor(CommandExecutor):
    """Executes as graphql-core does, but for fields that the context's engine can plan."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        context = self.context_value
        self._engine = context.services.get(Engine) if isinstance(context, Context) else None
        self._islands: dict[Any, PartialPlan | None] = {}

    def execute_field(
        self,
        parent_type: GraphQLObjectType,
        source: Any,
        field_details_list: FieldDetailsList,
        path: Path,
        position_context: Any,
    ) -> Any:
        """Answer from a plan where there is one."""
        asked = parent_type, source, field_details_list, path, position_context
        if field_details_list[0].node.selection_set is not None:
            island = self._island(parent_type, field_details_list)
            if island is not None:
                return self._planned(island, *asked)
        return super().execute_field(*asked)

    async def _planned(self, island: PartialPlan, *asked: Any) -> Any:
        try:
            return orjson.Fragment(await island.value(asked[1]))
        except CONNECTION_ERRORS:  # the resolver's connection may be alive
            _log.info("read_connection_lost")
        except Exception:  # noqa: BLE001 whatever it is, the resolver has the field's last word
            _log.warning("island_failed", exc_info=True)
        value = super().execute_field(*asked)
        return await value if self.is_awaitable(value) else value

    def _island(self, parent: GraphQLObjectType, details: FieldDetailsList) -> PartialPlan | None:
        context: Context = self.context_value
        if self._engine is None or not context.principal:
            return None
        place = context.principal, parent.name, *(id(one.node) for one in details)
        if place not in self._islands:
            self._islands[place] = self._made(context, self._engine, parent, details)
        return self._islands[place]

    def _made(
        self,
        context: Context,
        engine: Engine,
        parent: GraphQLObjectType,
        details: FieldDetailsList,
    ) -> PartialPlan | None:
        values, nodes = self.variable_values, [one.node for one in details]
        fragments, caller = self.fragment_definitions, context.caller
        access = Access.of(caller)
        plans = engine.plans
        try:
            planned = plans.of_field(self.operation, fragments, values, access, parent, nodes)
            bound = engine.bound(planned, values, caller)
        except ResolverFallback:
            return None
        except Exception:  # noqa: BLE001 as above
            _log.exception("plan_failed")
            return None
        assert planned.plan is not None
        return PartialPlan(engine, context, planned, bound, planned.plan.beneath)
