"""Contexts of operations: made of a request, with authentication in at most one look-up."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import cached_property, partial

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from qgp import engine_setup
from qgp.accounts.facts import bearer_unfiltered
from qgp.authentication.services import services_of
from qgp.authentication.tokens import Claims, bearer
from qgp.http.planned_operations import Origin, origin_of
from qgp.kit import statement_counter
from qgp.kit.context import Context
from qgp.kit.errors import Unauthenticated
from qgp.kit.paging import Paging
from qgp.kit.policy import Principal, SignedIn
from qgp.kit.services import ServicesByType
from qgp.kit.session import Database, Scope
from qgp.settings import Settings

SessionCheck = Callable[[SignedIn], Awaitable[bool]]


@dataclass(frozen=True)
class Contexts:
    """Contexts of the operations of one application.

    Attributes:
        services: services of the operations.
        is_in_force: see `authenticated`.
    """

    settings: Settings
    database: Database
    signing_key: bytes
    services: ServicesByType
    is_in_force: SessionCheck | None

    def new(self, origin: Origin, signed_in: SignedIn | None = None) -> Context:
        """Return the context of an operation.

        Args:
            signed_in: the cached sign-in of its caller, which each unit of work checks.
        """
        return Context(
            self.database,
            origin.request_id,
            None if signed_in is None else signed_in.principal,
            signed_in=signed_in,
            client_ip=origin.host,
            public_url=self.settings.public_url or origin.public_url,
            signing_key=self.signing_key,
            paging=self._paging,
            services=self.services,
        )

    @cached_property
    def _paging(self) -> Paging:
        return engine_setup.paging(self.settings)

    @asynccontextmanager
    async def open(self, request: Request) -> AsyncIterator[Context]:
        """Open the context of one request; at its end, add its fields to the access log."""
        authorization, log_fields = request.headers.get("authorization"), request.state.graphql
        context = self.new(origin_of(request.scope))
        with statement_counter.counted() as count:
            try:
                async with authenticated(context, authorization, self.is_in_force):
                    try:
                        yield context
                    finally:
                        log_fields.update(engine_setup.context_log_fields(context))
            finally:
                log_fields["statements"] = count.statements

    async def is_signed_in(self, request: Request) -> bool:
        """Whether the caller of a request is signed in."""
        try:
            async with self.open(request) as context:
                return context.principal is not None
        except Unauthenticated:
            return False


@asynccontextmanager
async def authenticated(
    context: Context, authorization: str | None, is_in_force: SessionCheck | None = None
) -> AsyncIterator[Context]:
    """Give the context of one operation its caller, and close it at the end.

    Args:
        context: anonymous; it stays so without a header.
        authorization: the header.
        is_in_force: whether the database shows a cached sign-in in force now, which costs less
            than to look its user up. If not, the user is looked up.

    Raises:
        Unauthenticated: the header is invalid or its token is not in force.
    """
    try:
        if authorization is not None:
            await _authenticate(context, bearer(authorization), is_in_force)
        yield context
    finally:
        await context.end()


async def _authenticate(context: Context, token: str, is_in_force: SessionCheck | None) -> None:
    """Give the context the token's user as its principal.

    Raises:
        Unauthenticated: the token, its session or its user is no longer in force.
    """
    services = services_of(context)
    claims = services.signer.verify(token)
    session = services.sessions.known(token)
    if is_in_force is not None and session is not None and await is_in_force(session):
        context.continue_as(session.principal, partial(_principal, claims=claims))
    else:
        await _look_up(context, token, claims)


async def _look_up(context: Context, token: str, claims: Claims) -> None:
    """Look the token's user up, in the transaction that the context then continues."""
    services = services_of(context)
    scope = Scope(claims.organization_id, None, claims.user_id, "read", context.request_id)
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(context.database.read(scope))
        try:
            member, until = await bearer_unfiltered(session, claims)
        except Unauthenticated:
            services.sessions.forget(token)
            raise
        services.sessions.remember(token, member, claims.log_in_id, until=until)
        context.continue_as(member.signed_in(claims.log_in_id), partial(_principal, claims=claims))
        context.reuse_transaction(session, stack.pop_all())


async def _principal(session: AsyncSession, claims: Claims) -> Principal:
    member, _ = await bearer_unfiltered(session, claims)
    return member.signed_in(claims.log_in_id)
