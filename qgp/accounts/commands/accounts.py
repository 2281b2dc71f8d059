"""Commands on accounts: sign in and out, renew tokens, choose passwords.

The commands of an operation take its context and let it go on as whom they signed in. What a
refused attempt leaves behind is committed before the refusal is raised.
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
        context: goes on as that person.
        email: in any spelling.
        password: as typed.
        organization: slug; needed by who works in several.

    Raises:
        InvalidCredentials: the same for every cause.
        Invalid: the password is right, and there are several organizations to choose from.
        RateLimited: too many failures came before.
        Unavailable: too many people sign in at this moment.
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
        raise InvalidCredentials("E-mail address, password or organization is not right.")
    context.become(granted.principal)
    return granted


async def refresh(context: Context, *, refresh_token: str) -> Granted:
    """Trade a refresh token, once, for new tokens of the same log-in (RFC 9700, 4.14.2).

    Raises:
        Unauthenticated: the token, its log-in or its user is not valid any more.
    """
    await context.close()
    nobodys = Scope(action="tokenRefresh", request_id=context.request_id)
    async with context.database.write(nobodys) as session:
        granted = await sign_ins.renew(context, session, refresh_token)
    if granted is None:
        raise Unauthenticated("The refresh token is not valid any more. Call `login` again.")
    context.become(granted.principal)
    return granted


async def log_out(context: Context) -> None:
    """End the log-in of this operation; its tokens are refused from the next request on."""
    caller = context.caller
    async with context.unit_of_work("logout") as work:
        await sign_ins.revoke(work.session, LogIn.id == caller.session_id)
        account_event = event(context, AccountEventKind.LOG_OUT, account_id=caller.account_id)
        work.session.add(account_event)
    context.become(None)


async def change_password(context: Context, *, current_password: str, new_password: str) -> Granted:
    """Set another password, end every log-in of the account, everywhere, and open one anew.

    Raises:
        InvalidCredentials: the current one is not right.
        Invalid: the new password is not fit.
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
            raise Invalid("The new password is the old one. Choose another.", "newPassword")
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
        raise InvalidCredentials("The current password is not right.", "currentPassword")
    context.become(granted.principal)
    return granted


async def _start_anew(context: Context, session: AsyncSession, caller: Principal) -> Granted:
    """End every log-in of the caller's account and open one for the caller.

    Raises:
        Unauthenticated: the user is not in force any more.
    """
    member = await member_unfiltered(
        session, organization_id=caller.organization_id, id=caller.user_id
    )
    if member is None:
        raise Unauthenticated("This sign-in has ended. Call `login` again.")
    await sign_ins.revoke(session, LogIn.account_id == caller.account_id)
    return await sign_ins.start(context, session, member, "passwordChange")


async def prove(context: Context, action: str, password: str) -> None:
    """Make sure that a signature is the caller's own (21 CFR 11.200 a).

    Raises:
        InvalidCredentials: the password is not right; that counts as a failed log-in.
        RateLimited: too many failures came before.
        Unavailable: too many people sign in at this moment.
    """
    checked = await attempt(context, Account.id == context.caller.account_id, password)
    async with context.database.write(checked.scope(action)) as session:
        account = await judge(session, checked)
        if account is None:
            session.add(checked.event(AccountEventKind.LOG_IN_FAILED))
    if account is None:
        message = "The password is not right, so nothing was signed. Send your own."
        raise InvalidCredentials(message, "signature", "proof", "password")


async def account_for(
    session: AsyncSession, email: str, *, password_hash: str | None = None
) -> Account:
    """Return the account of an address, made now if there is none; an old one stays as it is.

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
    """Give an account a password in the operator's name, and end all its log-ins.

    Raises:
        Invalid: the password is not fit.
        NotFound: no account has the address.
    """
    address = email_addresses.parse(email, "email")
    async with database.read(Scope(action="passwordReset")) as session:
        is_account = Account.email == address.key
        account_id = await session.scalar(sa.select(Account.id).where(is_account))
    if account_id is None:
        raise NotFound(f"There is no account {address}. Invite the person first.", "email")
    await set_password(database, hasher, account_id=account_id, password=password)


async def set_password(
    database: Database, hasher: Hasher, *, account_id: UUID, password: str
) -> None:
    """Give an account a password without asking for the old one, and end all its log-ins.

    Raises:
        Invalid: the password is not fit.
    """
    async with database.read(Scope(action="setPassword")) as session:
        email = (await session.get_one(Account, account_id)).email
    check_fit(password, "password", email=email)
    chosen = await hasher.hash(password)
    async with database.write(Scope(account_id=account_id, action="setPassword")) as session:
        account = await session.get_one(Account, account_id, with_for_update=True)
        account.password_hash, account.password_changed_at = chosen, clock.now()
        await sign_ins.revoke(session, LogIn.account_id == account_id)


async def _chosen(session: AsyncSession, account: Account, slug: str | None) -> Member | None:
    """Return the membership to sign in to; None where nothing fits.

    Raises:
        Invalid: several fit; names the person's own.
    """
    members = await session.execute(members_unfiltered(account_id=account.id))
    mine = [member for row in members if (member := Member(*row)).is_in_force]
    fitting = [member for member in mine if slug in {None, member.slug}]
    if len(fitting) > 1:
        slugs = ", ".join(sorted(member.slug for member in fitting))
        raise Invalid(f"You work in several organizations. Name one of: {slugs}.", "organization")
    return fitting[0] if fitting else None
