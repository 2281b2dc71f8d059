"""Sign-ins: start, renewal with single-use refresh tokens, revocation."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from qgp.accounts.commands.throttle import event
from qgp.accounts.model import AccountEventKind, LogIn, RefreshToken
from qgp.authentication.services import services_of
from qgp.kit import clock, ids
from qgp.kit.context import Context
from qgp.kit.policy import Principal
from qgp.kit.session import Scope, enter
from qgp.users.facts import Member, member_unfiltered

FAMILY = timedelta(days=30)  # how long one log-in lasts, however often it is renewed


@dataclass(frozen=True)
class Granted:
    """Tokens of a sign-in, and its principal.

    Attributes:
        expires_in: lifetime of the access token in seconds.
    """

    access_token: str
    refresh_token: str
    expires_in: int
    principal: Principal


async def start(
    context: Context, session: AsyncSession, member: Member, action: str = "login"
) -> Granted:
    """Start a sign-in; the transaction continues in the member's organization.

    Args:
        action: the mutation.
    """
    now = clock.now()
    await _go_in(context, session, member, action)
    log_in = LogIn(
        organization_id=member.organization_id,
        id=ids.uuid7(),
        account_id=member.account_id,
        user_id=member.user_id,
        created_at=now,
        expires_at=now + FAMILY,
    )
    session.add(log_in)
    refresh_token = secrets.token_urlsafe(32)
    _keep(context, session, log_in, refresh_token)
    return _grant(context, member, log_in, refresh_token)


async def renew(context: Context, session: AsyncSession, refresh_token: str) -> Granted | None:
    """Exchange a refresh token for new tokens; None if it is not valid any more.

    Within the grace after its use it brings the same successor once more, as long as that one is
    unused: two tabs may renew at once, and an answer may be lost (RFC 9700, 4.14.2). One that
    comes later was copied: its log-in is revoked, and the event kept.
    """
    now = clock.now()
    token = await session.get(RefreshToken, _seal(refresh_token), with_for_update=True)
    if token is None:
        return None
    await enter(session, Scope(account_id=token.account_id, request_id=context.request_id))
    mine = sa.select(LogIn).where(LogIn.id == token.log_in_id).with_for_update()
    log_in = (await session.scalars(mine)).one()
    if log_in.revoked_at is not None or log_in.expires_at <= now:
        return None
    services = services_of(context)
    if token.used_at is not None and now - token.used_at >= services.refresh_grace:
        log_in.revoked_at = now
        kind = AccountEventKind.REFRESH_REUSED
        session.add(event(context, kind, account_id=token.account_id))
        return None
    member = await member_unfiltered(
        session, organization_id=log_in.organization_id, id=log_in.user_id
    )
    if token.expires_at <= now or member is None:
        return None
    successor = _successor(services.signer.keyring.derive("refresh successor"), refresh_token)
    if token.used_at is not None and not await _is_unused(session, successor):
        return None
    await _go_in(context, session, member, "tokenRefresh")
    if token.used_at is None:
        token.used_at = now
        _keep(context, session, log_in, successor)
    return _grant(context, member, log_in, successor)


async def revoke(session: AsyncSession, *conditions: sa.ColumnElement[bool]) -> None:
    """Revoke the sign-ins that fulfil the conditions."""
    live = sa.select(LogIn).where(LogIn.revoked_at.is_(None), *conditions).with_for_update()
    for log_in in await session.scalars(live):
        log_in.revoked_at = clock.now()


async def _go_in(context: Context, session: AsyncSession, member: Member, action: str) -> None:
    organization_id, account_id = member.organization_id, member.account_id
    actor_id, request_id = member.user_id, context.request_id
    await enter(session, Scope(organization_id, account_id, actor_id, action, request_id))


def _keep(context: Context, session: AsyncSession, log_in: LogIn, refresh_token: str) -> None:
    """Store the hash of a refresh token."""
    now = clock.now()
    session.add(
        RefreshToken(
            hash=_seal(refresh_token),
            log_in_id=log_in.id,
            account_id=log_in.account_id,
            created_at=now,
            expires_at=now + services_of(context).refresh_lifetime,
        )
    )


def _successor(key: bytes, refresh_token: str) -> str:
    """Return the successor of a refresh token, which only the holder of the key can compute."""
    digest = hmac.digest(key, _seal(refresh_token), "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


async def _is_unused(session: AsyncSession, refresh_token: str) -> bool:
    token = await session.get(RefreshToken, _seal(refresh_token))
    return token is not None and token.used_at is None


def _grant(context: Context, member: Member, log_in: LogIn, refresh_token: str) -> Granted:
    services = services_of(context)
    access_token = services.signer.issue(
        user_id=member.user_id,
        organization_id=member.organization_id,
        log_in_id=log_in.id,
        access_version=member.access_version,
    )
    seconds = int(services.signer.lifetime.total_seconds())
    return Granted(access_token, refresh_token, seconds, member.signed_in(log_in.id))


def _seal(refresh_token: str) -> bytes:
    return hashlib.sha256(refresh_token.encode("utf-8", "surrogatepass")).digest()
