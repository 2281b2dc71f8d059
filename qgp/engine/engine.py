"""The engine: what it remembers of documents, and how it answers a read."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
import strawberry
from graphql import GraphQLSchema
from graphql.error import GraphQLError
from graphql.execution.values import VariableValues, get_variable_values

from qgp.engine.access import ORGANIZATION, Access, parameters_of
from qgp.engine.arguments import Bound, LookUpArguments, PageArguments
from qgp.engine.compile import Compiler
from qgp.engine.lanes import LOST, Lane, Lanes
from qgp.engine.levels import Program
from qgp.engine.plan import Opaque, Plan
from qgp.engine.planning import Planner
from qgp.engine.statements import Statement, compiled
from qgp.kit.errors import DomainError
from qgp.kit.gql.operation import Answered, Operation
from qgp.kit.policy import Principal, SignedIn

REMEMBERED = 256  # operations; with each its plans, with each plan its programs
VARIANTS = 16  # plans of one operation, programs of one plan
InForce = Callable[[sa.ColumnElement[Any], sa.ColumnElement[Any]], sa.ScalarSelect[Any]]


class Bounded(OrderedDict[Hashable, Any]):
    """A mapping that forgets what was used longest ago."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def found(self, key: Hashable) -> Any:
        """Return what is remembered, or None."""
        value = self.get(key)
        if value is not None:
            self.move_to_end(key)
        return value

    def keep(self, key: Hashable, value: Any) -> Any:
        """Remember a value and return it."""
        self[key] = value
        if len(self) > self._most:
            self.popitem(last=False)
        return value


@dataclass(frozen=True, eq=False)
class Planned:
    """A plan, or why there is none; and its programs by the shapes of the arguments."""

    plan: Plan | None
    reason: str = ""
    programs: Bounded = field(default_factory=lambda: Bounded(VARIANTS))


@dataclass(frozen=True)
class Asker:
    """Who asks, and the key that seals their cursors."""

    caller: Principal
    signing_key: bytes


class Engine:
    """Answers reads from plans, for one process.

    Args:
        schema, core: the Strawberry schema, and graphql-core's underneath.
        in_force: SQL that tells which log-ins of an organization are in force, with their stamps.
    """

    def __init__(
        self,
        schema: strawberry.Schema,
        core: GraphQLSchema,
        lanes: Lanes,
        *,
        signing_key: bytes,
        in_force: InForce,
    ) -> None:
        self._schema, self._core, self._lanes = schema, core, lanes
        self._signing_key = signing_key
        log_ins = sa.bindparam("log_ins", type_=sa.ARRAY(sa.Uuid))
        standing = in_force(ORGANIZATION, log_ins)
        self._gate = standing.op("@>")(sa.bindparam("stamps", type_=sa.ARRAY(sa.Text)))
        self._check = compiled(sa.select(standing))
        self._operations = Bounded(REMEMBERED)

    async def read(
        self,
        operation: Operation,
        variables: Mapping[str, Any],
        signed_in: SignedIn,
        *,
        explain: bool = False,
    ) -> Answered | None:
        """Return the data of a query, or None where the reference has to answer.

        Whatever is wrong with the request, with the log-in or with the database is for the
        reference to word.
        """
        definitions = operation.node.variable_definitions or ()
        values = get_variable_values(self._core, definitions, dict(variables))
        if not isinstance(values, VariableValues):
            return None
        caller = signed_in.principal
        access = Access.of(caller)
        planned = self._planned(operation, values, access)
        if planned.plan is None:
            return None
        try:
            asker = Asker(caller, self._signing_key)
            bound = [arguments.of(values, asker) for arguments in planned.plan.arguments]
            program = self._program(planned, planned.plan, access, bound)
            async with self._lanes.lane(caller.organization_id) as lane:
                run = Execution(lane, signed_in, bound)
                texts = [await root.value(run) for root in program.values()]
                if not run.has_shown and not await self._is_in_force(run):
                    return None
        except (DomainError, GraphQLError, *LOST):
            return None
        pairs = zip(program, texts, strict=True)
        data = b",".join([b'"%b":%b' % (name.encode(), text) for name, text in pairs])
        return Answered(b"{%b}" % data, run.statements)

    async def _is_in_force(self, run: "Execution") -> bool:
        """Ask for the log-in alone, where no row has shown that it is in force."""
        rows = await run.fetch(self._check)
        return run.stamp in (rows[0][0] or ())

    def _planned(self, operation: Operation, values: VariableValues, access: Access) -> Planned:
        plans: Bounded = self._operations.found(operation) or self._operations.keep(
            operation, Bounded(VARIANTS)
        )
        flags = tuple(value for value in values.coerced.values() if isinstance(value, bool))
        key = (access, flags)
        found: Planned | None = plans.found(key)
        if found is None:
            planner = Planner(self._schema, self._core, operation.fragments, values, access)
            try:
                found = Planned(planner.operation(operation.node))
            except Opaque as opaque:
                found = Planned(None, str(opaque))
            plans.keep(key, found)
        return found

    def _program(
        self, planned: Planned, plan: Plan, access: Access, bound: Sequence[Bound]
    ) -> Program:
        shapes = tuple(one.shape for one in bound)
        found: Program | None = planned.programs.found(shapes)
        if found is None:
            program = Compiler(access, shapes, self._gate).program(plan)
            found = planned.programs.keep(shapes, program)
        return found


class Execution:
    """One execution of a plan on a lane."""

    def __init__(self, lane: Lane, signed_in: SignedIn, bound: Sequence[Bound]) -> None:
        self._lane, self._bound = lane, bound
        self.stamp = f"{signed_in.principal.session_id} {signed_in.stamp}"
        self.statements = 0
        self.has_shown = False
        values = parameters_of(signed_in.principal)
        values["log_ins"], values["stamps"] = [signed_in.principal.session_id], [self.stamp]
        for place, one in enumerate(bound):
            values.update(one.values)
            if isinstance(one, PageArguments):
                values[f"s{place}"] = one.asked.view.size
        self._values = values

    async def fetch(self, statement: Statement, **values: Any) -> Sequence[Sequence[Any]]:
        """Run a statement with the values of the request and these."""
        self.statements += 1
        arguments = statement.arguments(self._values | values if values else self._values)
        rows = await self._lane.fetch(statement.text, arguments)
        self.has_shown = self.has_shown or (statement.is_gate and bool(rows))
        return rows

    def page(self, place: int) -> PageArguments:
        """Return the arguments of a register."""
        found = self._bound[place]
        assert isinstance(found, PageArguments)
        return found

    def key(self, place: int) -> Any:
        """Return the key that the arguments of a look-up name."""
        found = self._bound[place]
        assert isinstance(found, LookUpArguments)
        return found.key
