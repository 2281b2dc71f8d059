"""Set-up of the engine: its connections, reader and writer, and the path of shadow mode."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from qgp.accounts.facts import in_force
from qgp.authentication.sessions import Sessions
from qgp.authentication.tokens import REMEMBERED, bearer
from qgp.engine.engine import Engine, ResolverFallback
from qgp.engine.planned_mutations import PlannedMutations
from qgp.engine.read_connections import ReadConnections
from qgp.engine.session_revalidation import SessionRevalidation
from qgp.engine.shadow import Shadow
from qgp.http.planned_operations import Caller, Origin, PlannedOperation, Show, Shown
from qgp.http.schema import LimitedSchema
from qgp.kit import ids, statement_counter
from qgp.kit.context import Context
from qgp.kit.gql.operation import Answered, Operation
from qgp.kit.paging import Paging
from qgp.kit.policy import Principal, SignedIn
from qgp.kit.session import Database
from qgp.kit.sign_in_guard import SignInEnded
from qgp.organizations.model import Organization
from qgp.pools import create_engine
from qgp.settings import Settings
from qgp.users.model import User

NewContext = Callable[[Origin, SignedIn], Context]


def paging(settings: Settings) -> Paging:
    """Return the default and the maximum page size."""
    return Paging(settings.limits.page_default, settings.limits.page_max)


@dataclass(frozen=True)
class EngineReader:
    """Planned reads by the engine, for callers whose sign-in is cached."""

    sessions: Sessions
    engine: Engine | Shadow

    def caller(self, authorization: str) -> Caller | None:
        """Return the caller whom the header identifies, if the sign-in is cached.

        Raises:
            Unauthenticated: the header is of another scheme than Bearer.
        """
        signed_in = self.sessions.known(bearer(authorization))
        return None if signed_in is None else _caller(signed_in)

    def read_without_io(
        self, operation: Operation, variables: Mapping[str, Any], caller: Caller
    ) -> Answered | None:
        """Return the data of a query that reads no rows, or None."""
        return self.engine.read_without_io(operation, variables, caller.signed_in)

    def execution_key(
        self, operation: Operation, variables: Mapping[str, Any], caller: Caller
    ) -> Hashable | None:
        """Return the key of a query, equal for those whose data one execution reads, or None."""
        return self.engine.execution_key(operation, variables, caller.signed_in)

    async def read(
        self, operation: Operation, variables: Mapping[str, Any], caller: Caller, *, explain: bool
    ) -> Answered | None:
        """Return the data of a query, or None if the engine cannot read it."""
        return await self.engine.read(operation, variables, caller.signed_in, explain=explain)


@dataclass(frozen=True)
class EngineWriter:
    """Planned mutations by the engine, for callers whose sign-in is cached.

    Attributes:
        new_context: returns the context of an operation whose units of work check the sign-in.
    """

    mutations: PlannedMutations
    new_context: NewContext

    def is_command(self, operation: Operation) -> bool:
        """Whether a mutation is one command without a password."""
        return self.mutations.is_command(operation)

    async def execute(
        self,
        planned: PlannedOperation,
        origin: Origin,
        log_fields: dict[str, Any],
        show: Show,
        committed: Callable[[], None],
    ) -> Answered | Shown | None:
        """Execute the command and return the data, or what the resolvers show.

        None, or an answer without data, if nothing was executed.
        """
        caller, variables = planned.caller.signed_in, planned.parameters.variables
        try:
            mutation = self.mutations.bind(planned.operation, variables, caller.principal)
        except ResolverFallback as fallback:
            explained = {"plan": {"fallbackReason": str(fallback)}}
            return Answered(None, extensions=explained) if planned.explain else None
        with statement_counter.counted() as count:
            context = self.new_context(origin, caller)
            try:
                answered = await self.mutations.execute(
                    mutation, context, committed, explain=planned.explain
                )
                extensions = answered.extensions if planned.explain else {}
                if answered.data is not None:
                    return Answered(answered.data, count.statements, extensions)
                result = await show(context)
                log_fields.update(context_log_fields(context))
            except SignInEnded:
                return None
            except BaseException:  # the deadline, for example
                log_fields.update(planned.caller.log_fields)
                raise
            finally:
                await context.end()
                log_fields["statements"] = count.statements
        return Shown(result, extensions)


@dataclass(frozen=True)
class ResolverPath:
    """Resolver path: execution by graphql-core, to compare with in shadow mode."""

    schema: LimitedSchema
    database: Database
    signing_key: bytes
    paging: Paging

    async def __call__(
        self, operation: Operation, variables: Mapping[str, Any], signed_in: SignedIn
    ) -> bytes | None:
        """Return the JSON of `data`, or None where there are errors."""
        context = Context(
            self.database,
            "shadow",
            principal=signed_in.principal,
            signing_key=self.signing_key,
            paging=self.paging,
        )
        try:
            result = await self.schema.execute(
                operation.text,
                variable_values=dict(variables),
                context_value=context,
                operation_name=operation.name,
            )
        finally:
            await context.end()
        return None if result.errors else orjson.dumps(result.data)


@dataclass(frozen=True)
class EngineSetup:
    """Engine of planned operations, and what executes with it, as the settings describe them."""

    settings: Settings
    schema: LimitedSchema
    database: Database
    signing_key: bytes

    def engine(self) -> Engine:
        """Return the engine; it opens no connection yet."""
        settings, availability = self.settings, self.database.availability
        # A pool of its own: a request may hold a connection of the other while it waits for one.
        pool = create_engine(settings, size=settings.planned_connections)
        availability.watch(pool)
        return Engine(
            self.schema,
            self.schema.graphql,
            ReadConnections(
                pool,
                self.database.timeouts,
                most=settings.planned_connections,
                availability=availability,
            ),
            signing_key=self.signing_key,
            in_force=in_force,
            paging=paging(settings),
            batch_size=settings.planned_batch_size,
        )

    def reader(self, engine: Engine, sessions: Sessions) -> EngineReader:
        """Return the reader; it compares one in SHADOW_ONE_IN answers with the resolvers'."""
        one_in = self.settings.shadow_one_in
        if not one_in:
            return EngineReader(sessions, engine)
        path = ResolverPath(self.schema, self.database, self.signing_key, paging(self.settings))
        return EngineReader(sessions, Shadow(engine, path, one_in=one_in))

    def writer(self, engine: Engine, new_context: NewContext) -> EngineWriter:
        """Return the writer, whose commands have contexts of `new_context`."""
        return EngineWriter(PlannedMutations(engine, self.schema, self.schema.graphql), new_context)

    def session_revalidation(self, engine: Engine) -> SessionRevalidation:
        """Return the check whether cached sign-ins are still in force."""
        size = self.settings.planned_batch_size
        return SessionRevalidation(engine.read_connections, in_force, batch_size=size)


@lru_cache(REMEMBERED)
def _caller(signed_in: SignedIn) -> Caller:
    return Caller(signed_in, caller_log_fields(signed_in.principal))


def context_log_fields(context: Context) -> dict[str, Any]:
    """Return the access log's fields of a request: the caller, and what was read by plans."""
    caller = {} if context.principal is None else caller_log_fields(context.principal)
    read_by = "partial plan" if context.sent else "resolvers"
    return {**caller, "read_by": read_by, "parts": [vars(part) for part in context.sent]}


def caller_log_fields(caller: Principal) -> Mapping[str, str]:
    """Return the caller's fields of the access log."""
    return {
        "organization": ids.encode(Organization.prefix, caller.organization_id),
        "user": ids.encode(User.prefix, caller.user_id),
    }
