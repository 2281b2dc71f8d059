"""From the `Authorization` header to the context of an operation, in one lookup."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from qgp.accounts.membership import Member, members
from qgp.accounts.model import LogIn
from qgp.accounts.passwords import Hasher
from qgp.accounts.sessions import Sessions
from qgp.accounts.tokens import RENEW, Claims, Signer
from qgp.accounts.turns import Turns
from qgp.files.place import Files
from qgp.kit import clock
from qgp.kit.context import Context
from qgp.kit.errors import Unauthenticated
from qgp.kit.policy import Principal, SignedIn
from qgp.kit.session import Database, Scope
from qgp.settings import Settings
from qgp.users.model import User

Holds = Callable[[SignedIn], Awaitable[bool]]


@dataclass(frozen=True)
class Services:
    """What modules need of the application.

    Attributes:
        files: where files are kept.
        refresh_lifetime: how long a refresh token may wait for its one use.
        refresh_grace: how long after its use it, or an invitation, may come once more.
    """

    signer: Signer
    hasher: Hasher = field(default_factory=Hasher)
    turns: Turns = field(default_factory=Turns)
    files: Files = field(default_factory=Files)
    refresh_lifetime: timedelta = timedelta(days=7)
    refresh_grace: timedelta = timedelta(seconds=10)

    @cached_property
    def sessions(self) -> Sessions:
        """The sign-ins that this process remembers."""
        return Sessions(self.signer)

    @classmethod
    def of(cls, settings: Settings) -> "Services":
        """Build what the settings say.

        Raises:
            ConfigurationError: JWT_SECRET_KEY is not set.
        """
        lifetime = timedelta(minutes=settings.jwt_access_token_expire_minutes)
        signer = Signer(settings.jwt_keys, algorithm=settings.jwt_algorithm, lifetime=lifetime)
        return cls(
            signer,
            files=Files.of(settings),
            refresh_lifetime=timedelta(days=settings.jwt_refresh_token_expire_days),
            refresh_grace=timedelta(seconds=settings.refresh_grace_seconds),
        )


def services_of(context: Context) -> Services:
    """Return what the application handed to the context."""
    return cast(Services, context.services)


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
        services=services,
    )
    try:
        if authorization is not None:
            await _authenticate(context, bearer(authorization), holds)
        yield context
    finally:
        await context.end()


def bearer(authorization: str) -> str:
    """Return the token of an `Authorization` header (RFC 6750, 2.1).

    Raises:
        Unauthenticated: it is of another scheme.
    """
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("Send the header `Authorization: Bearer <accessToken>`.")
    return token.strip()


async def _authenticate(context: Context, token: str, holds: Holds | None) -> None:
    """Let the context go on as the token's user.

    Raises:
        Unauthenticated: the token, its log-in or its user is not valid any more.
    """
    services = services_of(context)
    claims = services.signer.verify(token)
    known = services.sessions.known(token)
    if holds is not None and known is not None and await holds(known):
        context.go_on(known.principal, partial(_who, claims=claims))
    else:
        await _look_up(context, token, claims)


async def _look_up(context: Context, token: str, claims: Claims) -> None:
    """Let the context go on in the transaction that looked the token's user up."""
    services = services_of(context)
    own = Scope(claims.organization_id, None, claims.user_id, "read", context.request_id)
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(context.database.read(own))
        try:
            member, until = await _standing(session, claims)
        except Unauthenticated:
            services.sessions.forget(token)
            raise
        services.sessions.remember(token, member, claims.log_in_id, until=until)
        context.go_on(member.signed_in(claims.log_in_id), partial(_who, claims=claims))
        context.adopt(session, stack.pop_all())


async def _who(session: AsyncSession, claims: Claims) -> Principal:
    member, _ = await _standing(session, claims)
    return member.signed_in(claims.log_in_id)


async def returning(session: AsyncSession, user_id: UUID, log_in_id: UUID) -> Principal:
    """Return the user of a log-in as they are now, for what was signed while they were in it.

    Raises:
        Unauthenticated: the log-in, its user or their organization is not in force any more.
    """
    asked = {"user": user_id, "log_in": log_in_id, "now": clock.now()}
    member, _ = _in_force((await session.execute(_RETURNING, asked)).first())
    return member.signed_in(log_in_id)


async def _standing(session: AsyncSession, claims: Claims) -> tuple[Member, datetime]:
    """Return the token's user, and when their log-in ends by itself."""
    asked = {
        "user": claims.user_id,
        "access": claims.access_version,
        "log_in": claims.log_in_id,
        "now": clock.now(),
    }
    return _in_force((await session.execute(_STANDING, asked)).first())


def _in_force(found: sa.Row[Any] | None) -> tuple[Member, datetime]:
    if found is not None:
        told: list[Any]
        *told, until = found
        member = Member(*told)
        if member.is_in_force:
            return member, until
    raise Unauthenticated(f"This sign-in has ended. {RENEW}")


# Made once: to build it anew cost as much as to run it.
_RETURNING = (
    members(
        User.id == sa.bindparam("user"),
        LogIn.id == sa.bindparam("log_in"),
        LogIn.revoked_at.is_(None),
        LogIn.expires_at > sa.bindparam("now"),
    )
    .join(LogIn, sa.and_(LogIn.organization_id == User.organization_id, LogIn.user_id == User.id))
    .add_columns(LogIn.expires_at)
)
_STANDING = _RETURNING.where(User.access_version == sa.bindparam("access"))
