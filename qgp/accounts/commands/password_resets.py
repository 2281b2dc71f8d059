"""Password resets by mail: a token that sets a new password once, within 30 minutes.

The answer to a request, and its time, are the same whether an account has the address or not: the
message is made and sent by the worker.
"""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from qgp.accounts.commands import account_mails, throttle
from qgp.accounts.commands.accounts import replace_password
from qgp.accounts.commands.throttle import event
from qgp.accounts.model import Account, AccountEventKind, PasswordReset
from qgp.authentication.origins import Origin
from qgp.authentication.passwords import check_fit
from qgp.authentication.services import services_of
from qgp.kit import clock, email_addresses, ids
from qgp.kit.background_jobs import Job, JobContext, TransactionalQueue
from qgp.kit.context import Context
from qgp.kit.errors import Invalid, Unavailable
from qgp.kit.session import Scope, enter
from qgp.mail.mailer import MAILS_AT_ONCE, Mailer
from qgp.mail.message import Mailbox, Message
from qgp.organizations.facts import sender_unfiltered
from qgp.texts.pages import PASSWORD_RESET_PAGE
from qgp.users.facts import Member, members_unfiltered, user_unfiltered

HOLDS = timedelta(minutes=30)
REQUEST = "passwordResetRequest"


async def request(context: Context, *, email: str) -> None:
    """Send a link to set a new password to an address, if an account has it.

    Args:
        context: of the operation; nobody has to be signed in.
        email: in any spelling.

    Raises:
        Invalid: it is no e-mail address.
        RateLimited: too many requests came from the network.
        Unavailable: the server sends no mail.
    """
    mailer = context.services.get(Mailer)
    if mailer is None or mailer.transport is None:
        message = (
            "This server sends no mail, which a new password requires. Ask its operator to set one "
            "(`qgp account password`)."
        )
        raise Unavailable(message, seconds=3600)
    key = email_addresses.parse(email, "email").key
    await context.close()
    origin = Origin.of(key, context.client_ip)
    nobody = Scope(action=REQUEST, request_id=context.request_id)
    async with context.database.write(nobody) as session:
        await throttle.serialise(session, origin)
        is_due = await throttle.admit_reset(session, origin, HOLDS)
        kind = AccountEventKind.PASSWORD_RESET_REQUESTED
        session.add(event(context, kind, account_id=None, email_key=origin.email_key))
        if is_due:
            # The same statements for every address; without an account, the job does nothing.
            account_id = await session.scalar(sa.select(Account.id).where(Account.email == key))
            parameters = {
                "account": str(account_id or ids.uuid7()),
                "requested_at": clock.now().isoformat(),
                "message": str(ids.uuid7()),
            }
            queue = context.services[TransactionalQueue]
            await queue.enqueue(session, SEND_RESET, parameters)


async def reset(context: Context, *, token: str, password: str) -> None:
    """Set the new password of an account, and end all its sign-ins.

    Raises:
        Invalid: the token is not valid any more, or the password is not acceptable.
        RateLimited: several attempts at the same time.
        Unavailable: the hashing queue is full.
    """
    await context.close()
    digest = _digest(token)
    async with context.database.read(Scope(request_id=context.request_id)) as session:
        account_id = (await _valid(session, digest)).account_id
        account = await session.get_one(Account, account_id)
        origin = await throttle.locate(session, account.email, context.client_ip)
    check_fit(password, "password", email=account.email)
    services = services_of(context)
    with services.hashing_queue.taken(origin):
        chosen = await services.hasher.hash(password)
    scope = Scope(account_id=account_id, action="passwordReset", request_id=context.request_id)
    async with context.database.write(scope) as session:
        used = await _valid(session, digest, is_locked=True)
        used.used_at = clock.now()
        await replace_password(session, account_id, chosen)
        kind = AccountEventKind.PASSWORD_CHANGED
        session.add(event(context, kind, account_id=account_id, email_key=origin.email_key))


async def _send(context: JobContext, parameters: Mapping[str, Any]) -> None:
    """Make a token for an account, if it has an active user, and send it."""
    requested_at = datetime.fromisoformat(parameters["requested_at"])
    account_id, id = UUID(parameters["account"]), UUID(parameters["message"])
    mailer, message = context.services[Mailer], None
    async with context.database.write(Scope(action=REQUEST)) as session:
        member = await _member(session, account_id)
        if member is not None:
            message = await _message(session, mailer, member, requested_at, id)
    if message is not None:
        await mailer.deliver(message, attempt=context.attempt)


async def _member(session: AsyncSession, account_id: UUID) -> Member | None:
    """Return the account's first membership that is in force; None without any."""
    await enter(session, Scope(account_id=account_id, action=REQUEST))
    rows = await session.execute(members_unfiltered(account_id=account_id))
    members = sorted((Member(*row) for row in rows), key=lambda member: member.user_id)
    return next((member for member in members if member.is_in_force), None)


async def _message(
    session: AsyncSession, mailer: Mailer, member: Member, requested_at: datetime, id: UUID
) -> Message | None:
    """Store another token of the account, in place of the last one, and return its message.

    Returns:
        None where the token of a later request is stored.
    """
    token = secrets.token_urlsafe(32)
    if not await _store(session, member.account_id, token, requested_at):
        return None
    await enter(session, Scope(member.organization_id, action=REQUEST))
    user = await user_unfiltered(session, member.user_id)
    assert user is not None, "a member is a user"
    return account_mails.message(
        account_mails.PASSWORD_RESET,
        mailer.link(PASSWORD_RESET_PAGE, token),
        sender=await sender_unfiltered(session, member.organization_id),
        recipient=Mailbox(user.name, user.address),
        until=requested_at + HOLDS,
        id=id,
    )


async def _store(
    session: AsyncSession, account_id: UUID, token: str, requested_at: datetime
) -> bool:
    """Store a token, unless there is one of a later request; return whether it is stored."""
    values = {
        "hash": _digest(token),
        "created_at": requested_at,
        "expires_at": requested_at + HOLDS,
        "used_at": None,
    }
    newest = insert(PasswordReset).values(account_id=account_id, **values)
    replacing = newest.on_conflict_do_update(
        index_elements=["account_id"],
        set_=values,
        where=PasswordReset.created_at <= requested_at,
    )
    stored = await session.scalar(replacing.returning(PasswordReset.account_id))
    return stored is not None


async def _valid(session: AsyncSession, digest: bytes, *, is_locked: bool = False) -> PasswordReset:
    """Return the request of a token that is valid now.

    Raises:
        Invalid: there is none.
    """
    statement = sa.select(PasswordReset).where(
        PasswordReset.hash == digest,
        PasswordReset.used_at.is_(None),
        PasswordReset.expires_at > clock.now(),
    )
    row = await session.scalar(statement.with_for_update() if is_locked else statement)
    if row is None:
        message = (
            "This link to set a password is not valid any more. It is used once, within 30 "
            "minutes, and only the newest one is valid; request another (passwordResetRequest)."
        )
        raise Invalid(message, "token")
    return row


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


SEND_RESET = Job("mail.password_reset", _send, at_once=MAILS_AT_ONCE)
