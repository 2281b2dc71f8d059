"""How long somebody who keeps failing has to wait: counted in the account's events (R-25)."""

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from qgp.accounts.model import AccountEvent, AccountEventKind
from qgp.kit import clock
from qgp.kit.errors import RateLimited

QUARTER, HOUR, MONTH = timedelta(minutes=15), timedelta(hours=1), timedelta(days=30)
HERE, NETWORK, ACCOUNT = 5, 20, 100  # failures that are free of delay
SOFT = timedelta(seconds=30)
LONGEST = 900  # seconds
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Origin:
    """Where an attempt comes from and whom it is about.

    Attributes:
        email_key: SHA-256 of the address, which may belong to nobody.
        network: the IPv4 /24 or IPv6 /64.
    """

    email_key: bytes
    network: str

    @classmethod
    def of(cls, email: str, client_ip: str) -> "Origin":
        """Name the origin of an attempt on a normalised address."""
        return cls(hashlib.sha256(email.encode()).digest(), network(client_ip))


@dataclass(frozen=True)
class History:
    """What the events say, newest first.

    Attributes:
        here: failures of this account from this network in 15 minutes, since it last got in.
        anywhere: failures of this account in an hour.
        network: failures of this network in 15 minutes, whoever it was.
        is_known: whether the account got in from this network within 30 days.
    """

    here: Sequence[datetime]
    anywhere: Sequence[datetime]
    network: Sequence[datetime]
    is_known: bool = False


def network(client_ip: str) -> str:
    """Return the network an address belongs to, as people are given them."""
    try:
        address = ipaddress.ip_address(client_ip.partition("%")[0])
    except ValueError:
        return UNKNOWN
    if isinstance(address, ipaddress.IPv6Address):
        if (embedded := address.ipv4_mapped) is None:
            return str(ipaddress.ip_network((address, 64), strict=False))
        address = embedded
    return str(ipaddress.ip_network((address, 24), strict=False))


def free_at(history: History) -> datetime | None:
    """Return when the next attempt may be made, or None if there is no reason to wait.

    From the fifth failure on, an account waits 2, 4, 8 … seconds up to 15 minutes in that network.
    A network waits until it has fewer than 20 failures. An account under attack from many networks
    waits 30 seconds at most. Neither holds where its owner got in lately: nobody can be locked
    out by strangers, nor by a neighbour in the same network.
    """
    waits = []
    if (failures := len(history.here)) >= HERE:
        waits.append(history.here[0] + timedelta(seconds=min(2 ** (failures - HERE + 1), LONGEST)))
    if len(history.network) >= NETWORK and not history.is_known:
        waits.append(history.network[NETWORK - 1] + QUARTER)
    if len(history.anywhere) >= ACCOUNT and not history.is_known:
        waits.append(history.anywhere[0] + SOFT)
    return max(waits, default=None)


async def admit(session: AsyncSession, origin: Origin) -> None:
    """Let an attempt pass.

    Raises:
        RateLimited: it comes too early.
    """
    now = clock.now()
    free = free_at(await _history(session, origin, now))
    if free is not None and free > now:
        seconds = int((free - now).total_seconds()) + 1
        told = f"Too many failed attempts. Wait {seconds} seconds, then try again."
        raise RateLimited(told, seconds=seconds)


async def serialise(session: AsyncSession, origin: Origin) -> None:
    """Let the verdicts on one address fall one after the other until the transaction ends.

    What many parallel attempts learn is then what as many attempts in a row would have learned.
    None of them waits: it would hold a connection that everybody else needs.

    Raises:
        RateLimited: another verdict on the address is falling.
    """
    lock = int.from_bytes(origin.email_key[:8], "big", signed=True)
    if not await session.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(lock))):
        told = "Another attempt on this account is under way. Wait a second, then try again."
        raise RateLimited(told, seconds=1)


async def _history(session: AsyncSession, origin: Origin, now: datetime) -> History:
    event = AccountEvent
    of_account = event.email_key == origin.email_key
    of_network = event.network == origin.network
    failed, got_in = event.kind == AccountEventKind.LOG_IN_FAILED, AccountEventKind.LOG_IN
    newest = sa.select(event.at, event.network).where(failed).order_by(event.at.desc())
    mine = (
        await session.execute(newest.where(of_account, event.at > now - HOUR).limit(2 * ACCOUNT))
    ).all()
    around = await session.scalars(
        newest.where(of_network, event.at > now - QUARTER).limit(NETWORK)
    )
    last = await session.scalar(
        sa.select(sa.func.max(event.at)).where(
            of_account, of_network, event.kind == got_in, event.at > now - MONTH
        )
    )
    since = max(now - QUARTER, last or now - QUARTER)
    return History(
        here=[at for at, where in mine if where == origin.network and at > since],
        anywhere=[at for at, _ in mine],
        network=around.all(),
        is_known=last is not None,
    )
