"""An offered password: admitted, checked between two transactions, then judged once.

Hashing takes longer than everything else together, so no connection waits for it. What may have
changed meanwhile is looked at again by `judge`, one verdict after the other for each address.
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
    """A password somebody offered, and what checking it came to.

    Attributes:
        account: as it was before the check; None where the address belongs to nobody.
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
        """Make the entry that tells what the attempt led to."""
        account_id = self.account.id if self.account else None
        return event(self.context, kind, account_id=account_id, email_key=self.origin.email_key)


async def attempt(
    context: Context, whose: sa.ColumnElement[bool], password: str, *, address: str = ""
) -> Attempt:
    """Check a password against the account that `whose` names, or against nobody's as slowly.

    Args:
        context: closed here, so that nothing is held during the check.
        whose: a condition on one account.
        password: as typed.
        address: normalised; stands for the account where there is none.

    Raises:
        RateLimited: too many failures came before, or several attempts are under way.
        Unavailable: too many people sign in at this moment.
    """
    await context.close()
    async with context.database.read(Scope(request_id=context.request_id)) as session:
        account = await session.scalar(sa.select(Account).where(whose))
        email = account.email if account else address
        origin = await throttle.locate(session, email, context.client_ip)
        await throttle.admit(session, origin)
    stored = account.password_hash if account else None
    services = services_of(context)
    with services.turns.taken(origin):
        proof = await services.hasher.check(stored, password)
    return Attempt(context, origin, account, proof)


async def hashed(checked: Attempt, password: str) -> str:
    """Hash another password for the account of an attempt, in its turn.

    Raises:
        RateLimited: several attempts are under way.
        Unavailable: too many people sign in at this moment.
    """
    services = services_of(checked.context)
    with services.turns.taken(checked.origin):
        return await services.hasher.hash(password)


async def judge(session: AsyncSession, checked: Attempt) -> Account | None:
    """Return the account, locked, if the password is its own; else None.

    Raises:
        RateLimited: other attempts failed meanwhile, or another is being judged.
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
