"""Request context: authentication by the `Authorization` header, in at most one look-up."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from qgp.accounts.facts import bearer_unfiltered
from qgp.authentication.services import services_of
from qgp.authentication.tokens import Claims, bearer
from qgp.kit.context import Context
from qgp.kit.errors import Unauthenticated
from qgp.kit.policy import Principal, SignedIn
from qgp.kit.session import Scope

SessionCheck = Callable[[SignedIn], Awaitable[bool]]


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
