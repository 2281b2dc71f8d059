"""Throttling of failed sign-ins, computed from the security log of accounts (R-25)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from qgp.accounts.model import AccountEvent, AccountEventKind
from qgp.authentication.origins import Origin, exact, network
from qgp.kit import clock
from qgp.kit.context import Context
from qgp.kit.errors import RateLimited

QUARTER, HOUR, MONTH = timedelta(minutes=15), timedelta(hours=1), timedelta(days=30)
HERE, NETWORK, ACCOUNT = 5, 20, 100  # failures that are free of delay
SOFT = timedelta(seconds=30)
RESETS = 3  # requests for a new password of one address within the life of a token
LONGEST = 900  # seconds


@dataclass(frozen=True)
class History:
    """Failed attempts, newest first.

    Attributes:
        from_network: failures of this account from this network in 15 minutes; where the address is
            familiar, those from the address since the account last signed in there.
        anywhere: failures of this account in an hour.
        network: failures of this network in 15 minutes, whoever it was.
        is_known: whether the account signed in from this network within 30 days.
    """

    from_network: Sequence[datetime]
    anywhere: Sequence[datetime] = ()
    network: Sequence[datetime] = ()
    is_known: bool = False


def free_at(history: History) -> datetime | None:
    """Return the time of the next allowed attempt, or None for now.

    From the fifth failure on, an account waits 2, 4, 8 … seconds up to 15 minutes in that network.
    A network waits until it has fewer than 20 failures. An account under attack from many networks
    waits 30 seconds at most. The last two do not hold in a network from which its owner signed in
    lately, and none of them at an address from which they did: that one counts its own failures.
    """
    waits = []
    if (failures := len(history.from_network)) >= HERE:
        waits.append(
            history.from_network[0] + timedelta(seconds=min(2 ** (failures - HERE + 1), LONGEST))
        )
    if len(history.network) >= NETWORK and not history.is_known:
        waits.append(history.network[NETWORK - 1] + QUARTER)
    if len(history.anywhere) >= ACCOUNT and not history.is_known:
        waits.append(history.anywhere[0] + SOFT)
    return max(waits, default=None)


async def locate(session: AsyncSession, email: str, client_ip: str) -> Origin:
    """Return the origin of an attempt on a normalised address, and whether it is familiar."""
    origin = Origin.of(email, client_ip)
    last = await _signed_in_at(session, origin, AccountEvent.address == origin.address)
    return replace(origin, is_familiar=last is not None)


async def admit(session: AsyncSession, origin: Origin) -> None:
    """Check that an attempt is allowed now.

    Raises:
        RateLimited: it is too early.
    """
    now = clock.now()
    history = _own_history if origin.is_familiar else _history
    free = free_at(await history(session, origin, now))
    if free is not None and free > now:
        seconds = int((free - now).total_seconds()) + 1
        message = (
            "There were too many failed attempts to sign in. Each further one has to wait; try "
            f"again in {seconds} seconds."
        )
        raise RateLimited(message, seconds=seconds)


async def serialise(session: AsyncSession, origin: Origin) -> None:
    """Serialize the decisions on one allowance until the transaction ends.

    What many parallel attempts learn is then what as many attempts in a row would have learned.
    None of them waits: it would hold a connection that everybody else needs.

    Raises:
        RateLimited: another attempt on the allowance is being decided.
    """
    lock = int.from_bytes(origin.allowance[:8], "big", signed=True)
    if not await session.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(lock))):
        message = (
            "Another attempt at this account is in progress. Attempts are decided one by one; try "
            "again in 1 second."
        )
        raise RateLimited(message, seconds=1)


async def admit_reset(session: AsyncSession, origin: Origin, life: timedelta) -> bool:
    """Check that a request for a new password is allowed now; return whether mail is due.

    At most `RESETS` messages go to an address within the lifetime of a token. Further requests
    get the same response and send nothing; the token of the last message stays valid.

    Raises:
        RateLimited: the network made 20 requests in 15 minutes.
    """
    now, kind = clock.now(), AccountEventKind.PASSWORD_RESET_REQUESTED
    requests = sa.select(AccountEvent.at).where(AccountEvent.kind == kind)
    of_network = requests.where(
        AccountEvent.network == origin.network, AccountEvent.at > now - QUARTER
    )
    latest = (
        await session.scalars(of_network.order_by(AccountEvent.at.desc()).limit(NETWORK))
    ).all()
    if len(latest) >= NETWORK:
        seconds = int((latest[-1] + QUARTER - now).total_seconds()) + 1
        message = (
            f"Your network requested {NETWORK} new passwords in 15 minutes, which is the limit. "
            f"Try again in {seconds} seconds."
        )
        raise RateLimited(message, seconds=seconds)
    of_address = requests.where(
        AccountEvent.email_key == origin.email_key, AccountEvent.at > now - life
    )
    return len((await session.scalars(of_address.limit(RESETS))).all()) < RESETS


async def _own_history(session: AsyncSession, origin: Origin, now: datetime) -> History:
    """Return the failed attempts that count at a familiar address."""
    is_address = AccountEvent.address == origin.address
    last = await _signed_in_at(session, origin, is_address)
    since = max(now - QUARTER, last or now - QUARTER)
    failures = _failures(since).where(AccountEvent.email_key == origin.email_key, is_address)
    return History((await session.scalars(failures.limit(ACCOUNT))).all(), is_known=True)


async def _history(session: AsyncSession, origin: Origin, now: datetime) -> History:
    """Return the failed attempts that count at any other address."""
    event = AccountEvent
    is_network = event.network == origin.network
    of_account = _failures(now - HOUR).where(event.email_key == origin.email_key)
    failures = await session.execute(of_account.add_columns(event.network).limit(2 * ACCOUNT))
    recent = failures.all()
    of_network = _failures(now - QUARTER).where(is_network).limit(NETWORK)
    return History(
        from_network=[at for at, place in recent if place == origin.network and at > now - QUARTER],
        anywhere=[at for at, _ in recent],
        network=(await session.scalars(of_network)).all(),
        is_known=await _signed_in_at(session, origin, is_network) is not None,
    )


def _failures(since: datetime) -> sa.Select[Any]:
    event = AccountEvent
    is_failure = event.kind == AccountEventKind.LOG_IN_FAILED
    return sa.select(event.at).where(is_failure, event.at > since).order_by(event.at.desc())


async def _signed_in_at(
    session: AsyncSession, origin: Origin, place: sa.ColumnElement[bool]
) -> datetime | None:
    """Return the account's last sign-in from an address or network within 30 days, or None."""
    event = AccountEvent
    signed_in = (event.email_key == origin.email_key, event.kind == AccountEventKind.LOG_IN)
    recent = event.at > clock.now() - MONTH
    return await session.scalar(sa.select(sa.func.max(event.at)).where(*signed_in, recent, place))


def event(
    context: Context,
    kind: AccountEventKind,
    *,
    account_id: UUID | None,
    email_key: bytes | None = None,
) -> AccountEvent:
    """Return a security log entry of the current time and client."""
    return AccountEvent(
        at=clock.now(),
        kind=kind,
        account_id=account_id,
        email_key=email_key,
        network=network(context.client_ip),
        address=exact(context.client_ip),
        request_id=context.request_id,
    )
