"""Turns at a resource of which there is little, given to principals in rotation.

One principal holds a part of the turns at most, whatever they send; the others of the same
address likewise. Who has to wait is served after one request of every other principal who waits,
not after all that came before.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import NamedTuple

from qgp.kit.errors import RateLimited

RETRY_SECONDS = 2
UNLIMITED = 1_000_000


class Requester(NamedTuple):
    """Who asks for a turn.

    Attributes:
        principal: a user, or the address of a caller who is not signed in.
        address: the network address they call from.
    """

    principal: Hashable
    address: str = ""

    @property
    def is_anonymous(self) -> bool:
        """Whether nothing but the address is known of the caller."""
        return self.principal == self.address


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """How many turns there are.

    Attributes:
        total: turns held at once.
        per_principal: of these, held by one principal.
        per_address: of these, held from one address.
        waiting: requests of one principal that wait; of one address, twice as many.
        seconds: how long one waits.
    """

    total: int
    per_principal: int = UNLIMITED
    per_address: int = UNLIMITED
    waiting: int = UNLIMITED
    seconds: float = 3600


class _Waiter(NamedTuple):
    requester: Requester
    turn: "asyncio.Future[None]"


class FairQueue:
    """The turns at one resource of this process.

    Attributes:
        running: turns that are held.
        waiting: requests that wait for one.
        refused: requests that were refused so far.
    """

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self.running = self.waiting = self.refused = 0
        # Plain dicts: a Counter takes twice as long, and every request comes by.
        self._held: dict[Hashable, int] = {}
        self._held_from: dict[Hashable, int] = {}
        self._waiting_from: dict[Hashable, int] = {}
        self._lines: OrderedDict[Hashable, deque[_Waiter]] = OrderedDict()

    @asynccontextmanager
    async def turn(self, requester: Requester) -> AsyncIterator[None]:
        """Hold a turn within the block.

        Raises:
            RateLimited: as `enter` does.
        """
        await self.enter(requester)
        try:
            yield
        finally:
            self.leave(requester)

    async def enter(self, requester: Requester) -> None:
        """Take a turn, which `leave` gives back; wait for it where that is necessary.

        Raises:
            RateLimited: too many requests wait already, or this one has waited too long.
        """
        if self.enter_now(requester):
            return
        waiter = self._line_up(requester)
        try:
            async with asyncio.timeout(self.bounds.seconds):
                await waiter.turn
        except BaseException as error:
            if waiter.turn.done() and not waiter.turn.cancelled():
                self.leave(requester)  # it was given in the same moment
            else:
                self._withdraw(waiter)
            if isinstance(error, TimeoutError):
                raise self._crowded() from None
            raise

    def enter_now(self, requester: Requester) -> bool:
        """Take a turn if nobody has to wait for it."""
        if requester.principal in self._lines or not self._has_room(requester):
            return False
        self._take(requester)
        return True

    def leave(self, requester: Requester) -> None:
        """Give a turn back, and hand free ones to those who wait."""
        self.running -= 1
        _release(self._held, requester.principal)
        _release(self._held_from, requester.address)
        if self._lines:
            self._hand_out()

    def _has_room(self, requester: Requester) -> bool:
        bounds = self.bounds
        return (
            self.running < bounds.total
            and self._held.get(requester.principal, 0) < bounds.per_principal
            and self._held_from.get(requester.address, 0) < bounds.per_address
        )

    def _take(self, requester: Requester) -> None:
        self.running += 1
        principal, address = requester
        self._held[principal] = self._held.get(principal, 0) + 1
        self._held_from[address] = self._held_from.get(address, 0) + 1

    def _line_up(self, requester: Requester) -> _Waiter:
        line = self._lines.get(requester.principal, ())
        most = self.bounds.waiting
        if len(line) >= most or self._waiting_from.get(requester.address, 0) >= 2 * most:
            raise self._crowded()
        waiter = _Waiter(requester, asyncio.get_running_loop().create_future())
        self._lines.setdefault(requester.principal, deque()).append(waiter)
        waiting = self._waiting_from.get(requester.address, 0)
        self._waiting_from[requester.address] = waiting + 1
        self.waiting += 1
        return waiter

    def _withdraw(self, waiter: _Waiter) -> None:
        principal = waiter.requester.principal
        line = self._lines.get(principal, deque())
        if waiter not in line:
            return  # it was passed over already
        line.remove(waiter)
        if not line:
            del self._lines[principal]
        self._waits_no_more(waiter)
        self._hand_out()  # what stands behind it may come from an address that has room

    def _waits_no_more(self, waiter: _Waiter) -> None:
        self.waiting -= 1
        _release(self._waiting_from, waiter.requester.address)

    def _hand_out(self) -> None:
        """Give free turns to the first of each line; whose line was served goes to the back."""
        for principal in list(self._lines):
            if self.running >= self.bounds.total:
                return
            line = self._lines[principal]
            while line and line[0].turn.done():  # given up, and about to say so
                self._waits_no_more(line.popleft())
            if line and self._has_room(line[0].requester):
                waiter = line.popleft()
                self._lines.move_to_end(principal)
                self._waits_no_more(waiter)
                self._take(waiter.requester)
                waiter.turn.set_result(None)
            if not line:
                del self._lines[principal]

    def _crowded(self) -> RateLimited:
        self.refused += 1
        message = (
            f"Too many of your requests are in work or wait: {self.bounds.waiting} may wait, for "
            f"{self.bounds.seconds:g} seconds. Send fewer at once; try again in {RETRY_SECONDS} "
            "seconds."
        )
        return RateLimited(message, seconds=RETRY_SECONDS)


def _release(counts: dict[Hashable, int], key: Hashable) -> None:
    """Count one less; nothing is kept of a key that holds nothing."""
    count = counts[key]
    if count == 1:
        del counts[key]
    else:
        counts[key] = count - 1
