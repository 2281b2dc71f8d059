"""Commands on accounts: signing in and out, token renewal and passwords.

A command that signs in makes the rest of the operation run as that user. Events of a refused
attempt are committed before the refusal is raised.
"""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from qgp.accounts.commands import sign_ins
from qgp.accounts.commands.password_attempts import attempt, hashed, judge
from qgp.accounts.commands.sign_ins import Granted
from qgp.accounts.commands.throttle import event
from qgp.accounts.model import Account, AccountEventKind, LogIn
from qgp.authentication.passwords import Hasher, check_fit
from qgp.kit import clock, email_addresses, ids
from qgp.kit.context import Context
from qgp.kit.errors import (
    Invalid,
    InvalidCredentials,
    NotFound,
    Unauthenticated,
)
from qgp.kit.policy import Principal
from qgp.kit.session import Database, Scope
from qgp.users.facts import Member, member_unfiltered, members_unfiltered


async def log_in(
    context: Context, *, email: str, password: str, organization: str | None = None
) -> Granted:
    """Sign a person in to one organization.

    Args:
        context: runs as that user afterwards.
        email: in any spelling.
        password: as typed.
        organization: slug; required for a member of several organizations.

    Raises:
        InvalidCredentials: the same for every cause.
        Invalid: the password is right, and the person is a member of several organizations.
        RateLimited: too many failed attempts.
        Unavailable: the hashing queue is full.
    """
    key = email_addresses.parse(email, "email").key
    checked = await attempt(context, Account.email == key, password, address=key)
    granted = None
    async with context.database.write(checked.scope("login")) as session:
        account = await judge(session, checked)
        member = None if account is None else await _chosen(session, account, organization)
        if member is None:
            session.add(checked.event(AccountEventKind.LOG_IN_FAILED))
        else:
            session.add(checked.event(AccountEventKind.LOG_IN))
            granted = await sign_ins.start(context, session, member)
    if granted is None:
        raise InvalidCredentials(
            "E-mail address, password or organization is wrong. Check all three and sign in again."
        )
    context.continue_as(granted.principal)
    return granted


async def refresh(context: Context, *, refresh_token: str) -> Granted:
    """Exchange a refresh token, once, for new tokens of the same sign-in (RFC 9700, 4.14.2).

    Raises:
        Unauthenticated: the token, its sign-in or its user is not valid any more.
    """
    await context.close()
    nobodys = Scope(action="tokenRefresh", request_id=context.request_id)
    async with context.database.write(nobodys) as session:
        granted = await sign_ins.renew(context, session, refresh_token)
    if granted is None:
        raise Unauthenticated(
            "The refresh token is not valid any more. It works once, within its lifetime and its "
            "sign-in; call `login` again."
        )
    context.continue_as(granted.principal)
    return granted


async def log_out(context: Context) -> None:
    """End the sign-in of this operation; its tokens are refused from the next request on."""
    caller = context.caller
    async with context.unit_of_work("logout") as work:
        await sign_ins.revoke(work.session, LogIn.id == caller.session_id)
        account_event = event(context, AccountEventKind.LOG_OUT, account_id=caller.account_id)
        work.session.add(account_event)
    context.continue_as(None)


async def change_password(context: Context, *, current_password: str, new_password: str) -> Granted:
    """Set another password, end every sign-in of the account and start a new one.

    Raises:
        InvalidCredentials: the current password is wrong.
        Invalid: the new password is not acceptable.
        Unauthenticated: the user is not in force any more.
        RateLimited: too many failures came before.
        Unavailable: too many people sign in at this moment.
    """
    caller = context.caller
    checked = await attempt(context, Account.id == caller.account_id, current_password)
    chosen = None
    if checked.account is not None and checked.proof.is_right:
        check_fit(new_password, "newPassword", email=checked.account.email)
        if new_password == current_password:
            raise Invalid(
                "newPassword is the current password. The new one is different; choose another.",
                "newPassword",
            )
        chosen = await hashed(checked, new_password)
    granted = None
    async with context.database.write(checked.scope("passwordChange")) as session:
        account = await judge(session, checked)
        if account is None:
            session.add(checked.event(AccountEventKind.LOG_IN_FAILED))
        else:
            account.password_hash, account.password_changed_at = chosen, clock.now()
            session.add(checked.event(AccountEventKind.PASSWORD_CHANGED))
            granted = await _start_anew(context, session, caller)
    if granted is None:
        raise InvalidCredentials(
            "currentPassword is wrong. Send the password that you sign in with.", "currentPassword"
        )
    context.continue_as(granted.principal)
    return granted


async def _start_anew(context: Context, session: AsyncSession, caller: Principal) -> Granted:
    """End every sign-in of the caller's account and start a new one.

    Raises:
        Unauthenticated: the user is not in force any more.
    """
    member = await member_unfiltered(
        session, organization_id=caller.organization_id, id=caller.user_id
    )
    if member is None:
        raise Unauthenticated(
            "This sign-in has ended. Requests need a current one; call `login` again."
        )
    await sign_ins.revoke(session, LogIn.account_id == caller.account_id)
    return await sign_ins.start(context, session, member, "passwordChange")


async def prove(context: Context, action: str, password: str) -> None:
    """Verify the password that confirms an electronic signature (21 CFR 11.200 a).

    Raises:
        InvalidCredentials: the password is wrong, which counts as a failed sign-in.
        RateLimited: too many failures came before.
        Unavailable: too many people sign in at this moment.
    """
    checked = await attempt(context, Account.id == context.caller.account_id, password)
    async with context.database.write(checked.scope(action)) as session:
        account = await judge(session, checked)
        if account is None:
            session.add(checked.event(AccountEventKind.LOG_IN_FAILED))
    if account is None:
        message = (
            "The password is wrong, and nothing was signed. A signature is confirmed with the "
            "signer's password (21 CFR 11.200); send yours."
        )
        raise InvalidCredentials(message, "signature", "proof", "password")


async def account_for(
    session: AsyncSession, email: str, *, password_hash: str | None = None
) -> Account:
    """Return the account of an address, created if there is none.

    Args:
        session: any transaction; an account belongs to no organization.
        email: in any spelling.
        password_hash: what `Hasher.hash` made, for a new account.

    Raises:
        Invalid: it is no e-mail address.
    """
    key = email_addresses.parse(email, "email").key
    new = insert(Account).values(
        id=ids.uuid7(), email=key, password_hash=password_hash, created_at=clock.now()
    )
    await session.execute(new.on_conflict_do_nothing(index_elements=["email"]))
    return (await session.scalars(sa.select(Account).where(Account.email == key))).one()


async def reset_password(database: Database, hasher: Hasher, *, email: str, password: str) -> None:
    """Set an account's password as the operator, and end all its sign-ins.

    Raises:
        Invalid: the password is not acceptable.
        NotFound: no account has the address.
    """
    address = email_addresses.parse(email, "email")
    async with database.read(Scope(action="passwordReset")) as session:
        is_account = Account.email == address.key
        account_id = await session.scalar(sa.select(Account.id).where(is_account))
    if account_id is None:
        raise NotFound(
            f"No account has the address {address}. An account is created by an invitation; "
            "invite the person first.",
            "email",
        )
    await set_password(database, hasher, account_id=account_id, password=password)


async def set_password(
    database: Database, hasher: Hasher, *, account_id: UUID, password: str
) -> None:
    """Set an account's password without the current one, and end all its sign-ins.

    Raises:
        Invalid: the password is not acceptable.
    """
    async with database.read(Scope(action="setPassword")) as session:
        email = (await session.get_one(Account, account_id)).email
    check_fit(password, "password", email=email)
    chosen = await hasher.hash(password)
    async with database.write(Scope(account_id=account_id, action="setPassword")) as session:
        await replace_password(session, account_id, chosen)


async def replace_password(session: AsyncSession, account_id: UUID, password_hash: str) -> None:
    """Set an account's password hash, and end all its sign-ins; `session` acts for the account."""
    account = await session.get_one(Account, account_id, with_for_update=True)
    account.password_hash, account.password_changed_at = password_hash, clock.now()
    await sign_ins.revoke(session, LogIn.account_id == account_id)


async def _chosen(session: AsyncSession, account: Account, slug: str | None) -> Member | None:
    """Return the membership to sign in to; None without any.

    Raises:
        Invalid: there are several; the message lists their slugs.
    """
    members = await session.execute(members_unfiltered(account_id=account.id))
    mine = [member for row in members if (member := Member(*row)).is_in_force]
    fitting = [member for member in mine if slug in {None, member.slug}]
    if len(fitting) > 1:
        slugs = ", ".join(sorted(member.slug for member in fitting))
        raise Invalid(
            "You are a member of several organizations. A sign-in is to one of them; send "
            f"organization as one of: {slugs}.",
            "organization",
        )
    return fitting[0] if fitting else None
