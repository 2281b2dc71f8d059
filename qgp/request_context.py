"""From the `Authorization` header to the context of an operation, in one lookup."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from qgp.accounts.facts import bearer_unfiltered
from qgp.authentication.services import Services, services_of
from qgp.authentication.tokens import Claims, bearer
from qgp.kit.context import Context
from qgp.kit.errors import Unauthenticated
from qgp.kit.policy import Principal, SignedIn
from qgp.kit.session import Database, Scope

Holds = Callable[[SignedIn], Awaitable[bool]]


@asynccontextmanager
async def open_context(
    database: Database,
    services: Services,
    *,
    authorization: str | None,
    request_id: str,
    client_ip: str,
    signing_key: bytes = b"",
    holds: Holds | None = None,
) -> AsyncIterator[Context]:
    """Open the context of one operation, anonymous without a header, and close it at the end.

    Args:
        holds: says whether the database shows a remembered sign-in in force now, for less than
            looking its user up; no is no refusal yet.

    Raises:
        Unauthenticated: there is a header, and it proves nothing.
    """
    context = Context(
        database,
        request_id,
        client_ip=client_ip,
        signing_key=signing_key,
        services=services.by_type,
    )
    try:
        if authorization is not None:
            await _authenticate(context, bearer(authorization), holds)
        yield context
    finally:
        await context.end()


async def _authenticate(context: Context, token: str, holds: Holds | None) -> None:
    """Let the context go on as the token's user.

    Raises:
        Unauthenticated: the token, its log-in or its user is not valid any more.
    """
    services = services_of(context)
    claims = services.signer.verify(token)
    session = services.sessions.known(token)
    if holds is not None and session is not None and await holds(session):
        context.go_on(session.principal, partial(_who, claims=claims))
    else:
        await _look_up(context, token, claims)


async def _look_up(context: Context, token: str, claims: Claims) -> None:
    """Let the context go on in the transaction that looked the token's user up."""
    services = services_of(context)
    own = Scope(claims.organization_id, None, claims.user_id, "read", context.request_id)
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(context.database.read(own))
        try:
            member, until = await bearer_unfiltered(session, claims)
        except Unauthenticated:
            services.sessions.forget(token)
            raise
        services.sessions.remember(token, member, claims.log_in_id, until=until)
        context.go_on(member.signed_in(claims.log_in_id), partial(_who, claims=claims))
        context.adopt(session, stack.pop_all())


async def _who(session: AsyncSession, claims: Claims) -> Principal:
    member, _ = await bearer_unfiltered(session, claims)
    return member.signed_in(claims.log_in_id)
