"""Invitations: a token that the invited person accepts once, sent by mail or passed on."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from qgp.accounts.commands import sign_ins
from qgp.accounts.commands.accounts import account_for
from qgp.accounts.commands.password_attempts import Attempt, attempt, hashed, judge
from qgp.accounts.commands.sign_ins import Granted
from qgp.accounts.commands.throttle import event
from qgp.accounts.model import Account, AccountEventKind
from qgp.authentication.keyring import NOT_GENUINE, Keyring, Kind
from qgp.authentication.passwords import check_fit
from qgp.authentication.services import services_of
from qgp.kit import clock, email_addresses, ids
from qgp.kit.context import Context
from qgp.kit.errors import Invalid, InvalidCredentials
from qgp.kit.policy import Principal, Role
from qgp.kit.session import Scope, enter
from qgp.kit.status_history import StatusEvent
from qgp.kit.work import Work
from qgp.organizations.facts import slug_unfiltered
from qgp.users import service as users
from qgp.users.facts import member_unfiltered, user_unfiltered

if TYPE_CHECKING:
    from qgp.users.model import User

INVITATION = Kind(
    "invitation+jwt", "qgp-invitation", ("iss", "aud", "sub", "tid", "jti", "exp", "ver")
)
HOLDS = timedelta(days=7)


@dataclass(frozen=True)
class Invitation:
    """Claims of an invitation token.

    Attributes:
        id: `jti`; stands for the sign-in while the person accepts.
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
    """Result of accepting an invitation.

    Attributes:
        organization: slug.
        granted: the sign-in; None before the first day of validity.
    """

    email: str
    organization: str
    granted: Granted | None


def issue(keyring: Keyring, user: "User") -> str:
    """Return the token with which an invited user accepts.

    It holds for seven days, and is of no use once they have accepted.
    """
    claims = {
        "sub": str(user.id),
        "tid": str(user.organization_id),
        "jti": ids.uuid7().hex,
        "ver": user.access_version,
        "exp": int((clock.now() + HOLDS).timestamp()),
    }
    return keyring.sign(INVITATION, claims)


async def invite(work: Work, *, email: str, name: str, role: Role, **values: Any) -> "User":
    """Add a person as an invited user; they become active when they accept.

    Raises:
        Forbidden: only an OWNER invites an OWNER.
        Invalid: the address is not valid, or `valid_until` is before `valid_from`.
        AlreadyExists: the person is a user of the organization.
    """
    users.require_invitable(work, role)
    address = email_addresses.parse(email, "email")
    account = await account_for(work.session, email)
    return await users.add_invited(
        work,
        account_id=account.id,
        email=account.email,
        email_typed=str(address),
        name=name,
        role=role,
        **values,
    )


def verify(keyring: Keyring, token: str) -> Invitation:
    """Return the claims of a genuine token that is valid now.

    Raises:
        Invalid: anything else.
    """
    try:
        claims = keyring.prove(INVITATION, token)
        id, user_id, organization_id = (UUID(str(claims[name])) for name in ("jti", "sub", "tid"))
        invitation = Invitation(id, user_id, organization_id, int(claims["ver"]))
        has_ended = clock.now().timestamp() >= int(claims["exp"])
    except NOT_GENUINE:
        raise _no_longer_valid() from None
    if has_ended:
        raise _no_longer_valid()
    return invitation


class _Overtaken(Exception):
    """The account got its password from another request meanwhile."""


async def accept(context: Context, *, token: str, password: str) -> Accepted:
    """Accept an invitation, with a new password or the one that the account has.

    Repeated within the grace period with the same password, it has the same result.

    Raises:
        Invalid: the invitation is not valid any more, or the password is not acceptable.
        InvalidCredentials: the account has another password.
        RateLimited: too many failed attempts.
        Unavailable: the hashing queue is full.
    """
    invitation = verify(services_of(context).signer.keyring, token)
    await context.close()
    try:
        accepted = await _accept(context, invitation, password)
    except _Overtaken:
        accepted = await _accept(context, invitation, password)
    if accepted.granted is not None:
        context.continue_as(accepted.granted.principal)
    return accepted


async def _accept(context: Context, invitation: Invitation, password: str) -> Accepted:
    """Accept once; the password may have been chosen by the same request before."""
    user, account = await _invited(context, invitation)
    check_fit(password, "password", email=account.email)
    # The same work whether the person has a password or not: the time shall not tell.
    checked = await attempt(context, Account.id == account.id, password)
    chosen = await hashed(checked, password)
    fresh = chosen if account.password_hash is None else None
    accepted = None
    async with context.database.write(checked.scope("invitationAccept")) as session:
        if fresh is not None:
            await _choose_password(context, session, account.id, fresh)
        if fresh is not None or await _is_proven(session, checked):
            session.add(checked.event(AccountEventKind.LOG_IN))
            accepted = await _let_in(context, session, invitation, user)
    if accepted is None:
        message = (
            "The password is wrong. Your account has one already, from another organization; "
            "send that one."
        )
        raise InvalidCredentials(message, "password")
    return accepted


async def _invited(context: Context, invitation: Invitation) -> tuple["User", Account]:
    scope = Scope(invitation.organization_id, request_id=context.request_id)
    async with context.database.read(scope) as session:
        user = await user_unfiltered(session, invitation.user_id)
        if user is None or user.access_version != invitation.version:
            raise _no_longer_valid()
        await _require_open(context, session, user)
        return user, await session.get_one(Account, user.account_id)


async def _require_open(context: Context, session: AsyncSession, user: "User") -> None:
    """Refuse an invitation that was accepted before the grace period.

    Raises:
        Invalid: it was, or it was withdrawn.
    """
    if user.is_invited:
        return
    event = StatusEvent
    of_user = (event.entity == user.__tablename__, event.entity_id == user.id)
    latest = sa.select(event.at, event.action).where(*of_user).order_by(event.at.desc()).limit(1)
    at, action = (await session.execute(latest)).one()
    grace = services_of(context).refresh_grace
    if action != "invitationAccept" or clock.now() - at >= grace:
        raise _no_longer_valid()


async def _choose_password(
    context: Context, session: AsyncSession, account_id: UUID, fresh: str
) -> None:
    """Set the account's first password; `fresh` is the hash.

    Raises:
        _Overtaken: another request has set it.
    """
    account = await session.get_one(Account, account_id, with_for_update=True)
    if account.password_hash is not None:
        raise _Overtaken
    account.password_hash, account.password_changed_at = fresh, clock.now()
    kind = AccountEventKind.PASSWORD_CHANGED
    session.add(event(context, kind, account_id=account.id))


async def _is_proven(session: AsyncSession, checked: Attempt) -> bool:
    if await judge(session, checked) is not None:
        return True
    session.add(checked.event(AccountEventKind.LOG_IN_FAILED))
    return False


async def _let_in(
    context: Context, session: AsyncSession, invitation: Invitation, invited: "User"
) -> Accepted:
    """Activate the user in their own name, and sign them in."""
    action = session.info["scope"].action
    scope = Scope(
        invitation.organization_id,
        invited.account_id,
        invited.id,
        action,
        context.request_id,
    )
    await enter(session, scope)
    principal = Principal(
        user_id=invited.id,
        account_id=invited.account_id,
        organization_id=invitation.organization_id,
        session_id=invitation.id,
        role=invited.role,
    )
    work = Work(session, principal)
    user = await work.get(type(invited), invited.id)
    email = user.address
    if user.is_invited:
        await users.accept(work, id=user.id)
    else:
        await _require_open(context, session, user)
    slug = await slug_unfiltered(session, user.organization_id)
    member = await member_unfiltered(session, organization_id=user.organization_id, id=user.id)
    if member is None:
        return Accepted(email, slug, None)
    granted = await sign_ins.start(context, session, member, scope.action)
    return Accepted(email, slug, granted)


def _no_longer_valid() -> Invalid:
    message = (
        "This invitation is not valid any more. It is accepted once, within 7 days; ask for a new "
        "one, or sign in."
    )
    return Invalid(message, "token")
