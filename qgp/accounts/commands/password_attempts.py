"""Verification of a password: throttled, hashed between two transactions, then decided once.

Hashing takes longer than all other steps, so no connection is held during it. `judge` checks again
whatever may have changed meanwhile, one attempt after another for each address.
"""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from qgp.accounts.commands import throttle
from qgp.accounts.commands.throttle import event
from qgp.accounts.model import Account, AccountEvent, AccountEventKind
from qgp.authentication.origins import Origin
from qgp.authentication.passwords import Proof
from qgp.authentication.services import services_of
from qgp.kit.context import Context
from qgp.kit.session import Scope


@dataclass(frozen=True)
class Attempt:
    """An attempt to authenticate with a password, and its verification.

    Attributes:
        account: as it was before the verification; None for an unknown address.
    """

    context: Context
    origin: Origin
    account: Account | None
    proof: Proof

    def scope(self, action: str) -> Scope:
        """Return the scope in which to judge: the account's own rows."""
        account_id = self.account.id if self.account else None
        return Scope(account_id=account_id, action=action, request_id=self.context.request_id)

    def event(self, kind: AccountEventKind) -> AccountEvent:
        """Return the security log entry of the attempt."""
        account_id = self.account.id if self.account else None
        return event(self.context, kind, account_id=account_id, email_key=self.origin.email_key)


async def attempt(
    context: Context, whose: sa.ColumnElement[bool], password: str, *, address: str = ""
) -> Attempt:
    """Verify a password against the account that `whose` selects; an unknown one takes as long.

    Args:
        context: closed here, so that nothing is held during the check.
        whose: a condition on one account.
        password: as typed.
        address: normalised; stands for the account where there is none.

    Raises:
        RateLimited: too many failed attempts, or several at the same time.
        Unavailable: the hashing queue is full.
    """
    await context.close()
    async with context.database.read(Scope(request_id=context.request_id)) as session:
        account = await session.scalar(sa.select(Account).where(whose))
        email = account.email if account else address
        origin = await throttle.locate(session, email, context.client_ip)
        await throttle.admit(session, origin)
    stored = account.password_hash if account else None
    services = services_of(context)
    with services.hashing_queue.taken(origin):
        proof = await services.hasher.check(stored, password)
    return Attempt(context, origin, account, proof)


async def hashed(checked: Attempt, password: str) -> str:
    """Hash a new password for the account of an attempt.

    Raises:
        RateLimited: several attempts at the same time.
        Unavailable: the hashing queue is full.
    """
    services = services_of(checked.context)
    with services.hashing_queue.taken(checked.origin):
        return await services.hasher.hash(password)


async def judge(session: AsyncSession, checked: Attempt) -> Account | None:
    """Return the account, locked, if the password is right; else None.

    Raises:
        RateLimited: other attempts failed meanwhile, or another is being decided.
    """
    await throttle.serialise(session, checked.origin)
    await throttle.admit(session, checked.origin)
    before = checked.account
    if before is None or not checked.proof.is_right:
        return None
    account = await session.get_one(Account, before.id, with_for_update=True)
    if account.password_hash != before.password_hash:
        return None
    if checked.proof.fresh:
        account.password_hash = checked.proof.fresh
    return account
