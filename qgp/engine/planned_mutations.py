"""Planned mutations: a command executed, and its record read, without graphql-core.

A mutation that no plan supports is left to the resolvers before the command begins. After it, they
show what no plan can: a refusal, a failure, a record that could not be read.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import strawberry
import structlog
from graphql import GraphQLError, GraphQLSchema
from graphql.execution.values import VariableValues, get_variable_values

from qgp.engine.arguments import BoundArguments, keyword_arguments
from qgp.engine.bound_query import BoundQuery
from qgp.engine.engine import Engine, ResolverFallback
from qgp.engine.mutation_plans import MutationPlan, MutationPlans, RootCommand
from qgp.engine.plan import Unplannable
from qgp.engine.read_connections import CONNECTION_ERRORS
from qgp.kit.access import Access
from qgp.kit.context import Context
from qgp.kit.errors import DomainError
from qgp.kit.gql.command import Command
from qgp.kit.gql.command_execution import execute
from qgp.kit.gql.input_readers import Unusual
from qgp.kit.gql.inputs import RefusedInput, arguments
from qgp.kit.gql.operation import Answered, Operation
from qgp.kit.policy import Principal
from qgp.kit.sign_in_guard import SignInEnded
from qgp.kit.statement_counter import SentStatement

_log = structlog.get_logger(__name__)
_NONE = VariableValues({}, {})  # enough where the only variable is the whole input
Record = tuple[bytes, Sequence[SentStatement]]  # JSON, and the statements that read it


@dataclass(frozen=True, eq=False)
class BoundMutation:
    """Plan of a mutation with the values of a request.

    Attributes:
        name: of the mutation.
        values: arguments of the command.
        arguments: of the fields of the record.
    """

    plan: MutationPlan
    command: Command
    name: str
    values: dict[str, Any]
    arguments: Sequence[BoundArguments]


class PlannedMutations:
    """Executes mutations by plans, for one process.

    Args:
        schema, core: the Strawberry schema, and the graphql-core schema made from it.
    """

    def __init__(self, engine: Engine, schema: strawberry.Schema, core: GraphQLSchema) -> None:
        self._engine, self._schema, self._core = engine, schema, core
        self._plans = MutationPlans(core, engine.plans)

    def is_command(self, operation: Operation) -> bool:
        """Whether the only root field of a mutation is a command that takes no signature."""
        return self._plans.root_command(operation) is not None

    def bind(
        self, operation: Operation, variables: Mapping[str, Any], caller: Principal
    ) -> BoundMutation:
        """Return a command whose caller has the permission, with the values of a request.

        Raises:
            ResolverFallback: the resolvers have to execute it.
        """
        try:
            return self._bind(operation, variables, caller)
        except (ResolverFallback, Unplannable) as problem:
            reason = str(problem)
        except Exception:  # noqa: BLE001 nothing was executed, so the resolvers can do it
            _log.exception("plan_failed", document_hash=operation.sha256)
            reason = "failed"
        self._engine.mutation_counts[reason] += 1
        raise ResolverFallback(reason)

    def _bind(
        self, operation: Operation, variables: Mapping[str, Any], caller: Principal
    ) -> BoundMutation:
        root = self._plans.root_command(operation)
        assert root is not None
        coerced = _NONE if root.variable else self._coerced(operation, variables)
        plan = self._plans.plan(operation, root, coerced, Access.of(caller))
        values = self._values(operation, root, variables, coerced)
        of_record: Sequence[BoundArguments] = ()
        if plan.record is not None:
            of_record = self._engine.bind_arguments(plan.record, coerced, caller)
        return BoundMutation(plan, root.command, root.name, values, of_record)

    def _values(
        self,
        operation: Operation,
        root: RootCommand,
        variables: Mapping[str, Any],
        coerced: VariableValues,
    ) -> dict[str, Any]:
        """Return the arguments of the command."""
        if root.variable and root.read:
            try:
                return root.read(variables.get(root.variable))
            except Unusual:
                coerced = self._coerced(operation, variables)
        try:
            keywords = keyword_arguments(root.definition, root.node, coerced, self._schema)
            return arguments(keywords["input"])
        except (DomainError, GraphQLError, RefusedInput):
            raise ResolverFallback("arguments") from None

    def _coerced(self, operation: Operation, variables: Mapping[str, Any]) -> VariableValues:
        definitions = operation.node.variable_definitions or ()
        coerced = get_variable_values(self._core, definitions, dict(variables))
        if not isinstance(coerced, VariableValues):
            raise ResolverFallback("variables")
        return coerced

    async def execute(
        self,
        mutation: BoundMutation,
        context: Context,
        committed: Callable[[], None],
        *,
        explain: bool,
    ) -> Answered:
        """Execute the command in a context of its own, and return the data.

        Without data where the resolvers have to show the outcome, in the same context.

        Args:
            mutation: the command with its input.
            context: of the operation.
            committed: is called before the record is read, on a connection for reads.
            explain: whether the extensions have the statements that read it.

        Raises:
            SignInEnded: nothing was executed.
        """
        finished = context.finished = asyncio.get_running_loop().create_future()
        try:
            result = await execute(mutation.command, context, mutation.name, dict(mutation.values))
        except SignInEnded:
            self._engine.mutation_counts["session"] += 1
            raise
        except Exception as error:  # noqa: BLE001 its resolver raises it again
            finished.set_exception(error)
            finished.exception()  # asyncio would report it if no resolver asked for it
            return self._left("failed")
        finished.set_result(result)
        plan = mutation.plan
        if result.errors or plan.template is None:
            return self._left("refused" if result.errors else plan.reason)
        committed()
        try:
            text, sent = await self._record(mutation, context.caller, result.record_id)
        except CONNECTION_ERRORS:
            return self._left("database")
        except Exception:  # noqa: BLE001 the resolvers can still answer
            _log.exception("plan_failed", mutation=mutation.name)
            return self._left("failed")
        self._engine.mutation_counts["planned"] += 1
        data = plan.template if plan.record is None else plan.template % text
        extensions = {"plan": {"statements": [vars(each) for each in sent]}} if explain else {}
        return Answered(data, len(sent), extensions)

    async def _record(self, mutation: BoundMutation, caller: Principal, id: UUID | None) -> Record:
        if mutation.plan.record is None:
            return b"", ()
        compiled = mutation.plan.record.compiled(mutation.arguments)
        query = BoundQuery(compiled, mutation.arguments, caller.organization_id)
        return await self._engine.read_related(query, caller, id)

    def _left(self, reason: str) -> Answered:
        self._engine.mutation_counts[reason] += 1
        return Answered(None, extensions={"plan": {"fallbackReason": reason}})
