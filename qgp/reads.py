"""Planned reads, composed: who is asking, the engine, and the reference that may check it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy.ext.asyncio import AsyncEngine

from qgp.accounts.facts import in_force
from qgp.authentication.sessions import Sessions
from qgp.authentication.tokens import REMEMBERED, bearer
from qgp.engine.engine import Engine
from qgp.engine.read_connections import ReadConnections
from qgp.engine.session_revalidation import SessionRevalidation
from qgp.engine.shadow import Shadow
from qgp.http.reading import Caller
from qgp.http.schema import GuardedSchema
from qgp.kit import ids
from qgp.kit.context import Context
from qgp.kit.gql.operation import Answered, Operation
from qgp.kit.listing import Paging
from qgp.kit.policy import Principal, SignedIn
from qgp.kit.session import Database
from qgp.organizations.model import Organization
from qgp.settings import Settings
from qgp.users.model import User


def create_engine(
    found: Settings,
    schema: GuardedSchema,
    pool: AsyncEngine,
    database: Database,
    *,
    signing_key: bytes,
) -> Engine:
    """Return the engine that the settings describe; nothing connects yet."""
    return Engine(
        schema,
        schema.graphql,
        ReadConnections(
            pool,
            database.timeouts,
            most=found.planned_connections,
            availability=database.availability,
        ),
        signing_key=signing_key,
        in_force=in_force,
        paging=paging(found),
        together=found.planned_together,
    )


def holding(found: Settings, connections: ReadConnections) -> SessionRevalidation:
    """Return what asks whether remembered sign-ins are in force."""
    return SessionRevalidation(connections, in_force, together=found.planned_together)


def paging(found: Settings) -> Paging:
    """Return how many rows a page has."""
    return Paging(found.limits.page_default, found.limits.page_max)


@dataclass(frozen=True)
class Reads:
    """Answers the queries of people whose sign-in is remembered from plans."""

    sessions: Sessions
    planned: Engine | Shadow

    def caller(self, authorization: str) -> Caller | None:
        """Return who sends the header, if the process has met them.

        Raises:
            Unauthenticated: it is of another scheme.
        """
        signed_in = self.sessions.known(bearer(authorization))
        return None if signed_in is None else _caller(signed_in)

    def at_hand(
        self, operation: Operation, variables: Mapping[str, Any], caller: Caller
    ) -> Answered | None:
        """Return the data of a query that reads nothing, or None."""
        return self.planned.at_hand(operation, variables, caller.signed_in)

    async def read(
        self, operation: Operation, variables: Mapping[str, Any], caller: Caller, *, explain: bool
    ) -> Answered | None:
        """Return the data of a query, or None."""
        return await self.planned.read(operation, variables, caller.signed_in, explain=explain)


@dataclass(frozen=True)
class ResolverPath:
    """Answers as graphql-core does, for shadow mode."""

    schema: GuardedSchema
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


@lru_cache(REMEMBERED)
def _caller(signed_in: SignedIn) -> Caller:
    return Caller(signed_in, named(signed_in.principal))


def named(caller: Principal) -> Mapping[str, str]:
    """Return what the access log says of somebody."""
    return {
        "organization": ids.encode(Organization.prefix, caller.organization_id),
        "user": ids.encode(User.prefix, caller.user_id),
    }
