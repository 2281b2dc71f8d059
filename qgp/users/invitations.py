"""Invitations: a token, passed on by whoever invites, lets the invited person in once."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from qgp.accounts.attempts import Attempt, attempt, hashed, judge
from qgp.accounts.authentication import services_of
from qgp.accounts.events import event
from qgp.accounts.keyring import NOT_GENUINE, Keyring, Kind
from qgp.accounts.model import Account, AccountEventKind
from qgp.accounts.passwords import check_fit
from qgp.accounts.service import normalised
from qgp.kit import clock, ids
from qgp.kit.context import Context
from qgp.kit.errors import Invalid, InvalidCredentials
from qgp.kit.policy import Principal
from qgp.kit.session import Scope, enter
from qgp.kit.work import Work
from qgp.organizations.model import Organization
from qgp.users import service as users
from qgp.users.model import User, UserStatus

INVITATION = Kind(
    "invitation+jwt", "qgp-invitation", ("iss", "aud", "sub", "tid", "jti", "exp", "ver")
)
HOLDS = timedelta(days=7)


@dataclass(frozen=True)
class Invitation:
    """What an invitation's token says.

    Attributes:
        id: `jti`; stands for the log-in while the person accepts.
        user_id: `sub`.
        organization_id: `tid`.
        version: `ver`, the user's `access_version`; another one ends the invitation.
    """

    id: UUID
    user_id: UUID
    organization_id: UUID
    version: int


@dataclass(frozen=True)
class Accepted:
    """Where a person may sign in from now on: the address and the organization's slug."""

    email: str
    organization: str


def issue(keyring: Keyring, user: User) -> str | None:
    """Return the token that lets an invited person accept; None for any other user.

    It holds for seven days, and is of no use once they have accepted.
    """
    if user.status is not UserStatus.INVITED:
        return None
    claims = {
        "sub": str(user.id),
        "tid": str(user.organization_id),
        "jti": ids.uuid7().hex,
        "ver": user.access_version,
        "exp": int((clock.now() + HOLDS).timestamp()),
    }
    return keyring.sign(INVITATION, claims)


async def pending(work: Work, email: str) -> User | None:
    """Return who was invited at that address and has not accepted, withdrawn or not."""
    is_pending = User.status.in_((UserStatus.INVITED, UserStatus.WITHDRAWN))
    found = await work.rows(sa.select(User).where(User.email == normalised(email), is_pending))
    return next(iter(found), None)


def offer(context: Context, user: User) -> str | None:
    """Return the token to pass on, as `issue` makes it."""
    return issue(services_of(context).signer.keyring, user)


def verify(keyring: Keyring, token: str) -> Invitation:
    """Return what a genuine token says that holds now.

    Raises:
        Invalid: anything else.
    """
    try:
        claims = keyring.prove(INVITATION, token)
        id, user_id, own = (UUID(str(claims[name])) for name in ("jti", "sub", "tid"))
        found = Invitation(id, user_id, own, int(claims["ver"]))
        has_ended = clock.now().timestamp() >= int(claims["exp"])
    except NOT_GENUINE:
        raise _over() from None
    if has_ended:
        raise _over()
    return found


async def accept(context: Context, *, token: str, password: str) -> Accepted:
    """Let an invited person in, with a new password or the one that their account has.

    Raises:
        Invalid: the invitation does not hold any more, or the password is not fit.
        InvalidCredentials: it is not the password that the person has already.
        RateLimited: too many failures came before.
        Unavailable: too many people sign in at this moment.
    """
    invitation = verify(services_of(context).signer.keyring, token)
    await context.close()
    check_fit(password, "password")
    user, account = await _invited(context, invitation)
    # The same work whether the person has a password or not: the time shall not tell.
    made = await attempt(context, Account.id == account.id, password)
    chosen = await hashed(made, password)
    fresh = chosen if account.password_hash is None else None
    accepted = None
    async with context.database.write(made.scope("invitationAccept")) as session:
        if fresh is not None or await _is_proven(session, made):
            accepted = await _let_in(context, session, invitation, user, fresh)
    if accepted is None:
        told = "This password does not fit. If you sign in elsewhere already, use the one you have."
        raise InvalidCredentials(told, "password")
    return accepted


async def _invited(context: Context, invitation: Invitation) -> tuple[User, Account]:
    own = Scope(invitation.organization_id, request_id=context.request_id)
    async with context.database.read(own) as session:
        user = await session.scalar(sa.select(User).where(User.id == invitation.user_id))
        if user is None or user.status is not UserStatus.INVITED:
            raise _over()
        if user.access_version != invitation.version:
            raise _over()
        return user, await session.get_one(Account, user.account_id)


async def _is_proven(session: AsyncSession, made: Attempt) -> bool:
    if await judge(session, made) is not None:
        return True
    session.add(made.event(AccountEventKind.LOG_IN_FAILED))
    return False


async def _let_in(
    context: Context,
    session: AsyncSession,
    invitation: Invitation,
    invited: User,
    fresh: str | None,
) -> Accepted:
    """Make the user active in their own name; `fresh` is the hash of a new password."""
    scope: Scope = session.info["scope"]
    account = await session.get_one(Account, invited.account_id, with_for_update=True)
    if fresh is not None:
        if account.password_hash is not None:
            raise _over()  # another invitation was accepted meanwhile
        account.password_hash, account.password_changed_at = fresh, clock.now()
        kind = AccountEventKind.PASSWORD_CHANGED
        session.add(event(context, kind, account_id=account.id))
    own = Scope(
        invitation.organization_id, account.id, invited.id, scope.action, context.request_id
    )
    await enter(session, own)
    themselves = Principal(
        user_id=invited.id,
        account_id=account.id,
        organization_id=invitation.organization_id,
        session_id=invitation.id,
        role=invited.role,
    )
    user = await users.accept(Work(session, themselves), id=invited.id)
    slug = await session.scalar(sa.select(Organization.slug))
    assert slug is not None
    return Accepted(user.email, slug)


def _over() -> Invalid:
    told = "This invitation is not valid any more. Ask for a new one, or sign in."
    return Invalid(told, "token")
