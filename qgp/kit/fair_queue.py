"""Fair queue: slots of a scarce resource, given to waiting principals in rotation.

One principal holds a limited number of slots, and so does one network address. A waiting request is
served after one request of each other waiting principal, not after all earlier requests. Requests
of an equal operation share a slot: once one of them is granted it, so are all that wait.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Hashable
from dataclasses import dataclass
from typing import NamedTuple

from qgp.kit.errors import RateLimited

RETRY_SECONDS = 2
UNLIMITED = 1_000_000


class Requester(NamedTuple):
    """Principal and address that a slot is requested for.

    Attributes:
        principal: a user, or the address of a caller who is not signed in.
        address: the caller's network address.
        operation: key of the operation, whose waiting requests share a slot; None: they do not.
    """

    principal: Hashable
    address: str = ""
    operation: Hashable = None

    @property
    def is_anonymous(self) -> bool:
        """Whether the caller is known by address only."""
        return self.principal == self.address


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """Limits of a queue.

    Attributes:
        total: slots held at once.
        per_principal: slots held by one principal.
        per_address: slots held from one address.
        waiting: waiting requests of one principal; of one address, twice as many.
        seconds: longest wait; None where the caller limits it.
    """

    total: int
    per_principal: int = UNLIMITED
    per_address: int = UNLIMITED
    waiting: int = UNLIMITED
    seconds: float | None = None


class _Waiter(NamedTuple):
    requester: Requester
    turn: "asyncio.Future[None]"


@dataclass
class _SharedSlot:
    holder: Requester
    sharers: int  # requests that have not left


class FairQueue:
    """Slots of one resource of this process.

    Attributes:
        running: number of held slots.
        waiting: number of waiting requests.
        refused: number of refused requests so far.
    """

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self.running = self.waiting = self.refused = 0
        # Plain dicts: a Counter takes twice as long, and every request passes here.
        self._held: dict[Hashable, int] = {}
        self._held_from: dict[Hashable, int] = {}
        self._waiting_from: dict[Hashable, int] = {}
        self._lines: OrderedDict[Hashable, deque[_Waiter]] = OrderedDict()
        self._shared: dict[Hashable, _SharedSlot] = {}

    def turn(self, requester: Requester) -> "Slot":
        """Return a slot to hold within an `async with` block.

        Raises:
            RateLimited: where the block begins: see `enter`.
        """
        return Slot(self, requester)

    async def enter(self, requester: Requester) -> None:
        """Take or share a slot, which `leave` returns; wait for it where necessary.

        A request waits while its operation holds a slot: what is executed then began before it.

        Raises:
            RateLimited: too many requests are waiting, or this one has waited too long.
        """
        if self.enter_now(requester):
            return
        waiter = self._line_up(requester)
        try:
            if self.bounds.seconds is None:
                await waiter.turn
            else:
                async with asyncio.timeout(self.bounds.seconds):
                    await waiter.turn
        except BaseException as error:
            if waiter.turn.done() and not waiter.turn.cancelled():
                self.leave(requester)  # it was granted in the same moment
            else:
                self._withdraw(waiter)
            if isinstance(error, TimeoutError):
                raise self._crowded() from None
            raise

    def enter_now(self, requester: Requester) -> bool:
        """Take a slot if one is free and no request of the principal waits; return success."""
        if requester.principal in self._lines or not self._has_room(requester):
            return False
        self._take(requester)
        return True

    def leave(self, requester: Requester) -> None:
        """Return a slot, unless others share it, and grant free ones to waiting requests."""
        shared = self._shared.get(requester.operation)
        if shared is not None:
            shared.sharers -= 1
            if shared.sharers:
                return
            del self._shared[requester.operation]
            requester = shared.holder
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
            and requester.operation not in self._shared
        )

    def _take(self, requester: Requester) -> None:
        self.running += 1
        principal, address, operation = requester
        self._held[principal] = self._held.get(principal, 0) + 1
        self._held_from[address] = self._held_from.get(address, 0) + 1
        if operation is not None:
            self._shared[operation] = _SharedSlot(requester, 1 + self._admit_equal(operation))

    def _admit_equal(self, operation: Hashable) -> int:
        """Let all waiting requests of an operation share its slot; return their number."""
        waiters = [waiter for line in self._lines.values() for waiter in line]
        equal = [each for each in waiters if each.requester.operation == operation]
        admitted = [each for each in equal if not each.turn.done()]
        for waiter in admitted:
            self._remove(waiter)
            waiter.turn.set_result(None)
        return len(admitted)

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
        if waiter not in self._lines.get(waiter.requester.principal, ()):
            return  # it was skipped as done already
        self._remove(waiter)
        self._hand_out()  # the next one in its line may come from an address with room

    def _remove(self, waiter: _Waiter) -> None:
        """Take a request out of its line."""
        principal = waiter.requester.principal
        line = self._lines[principal]
        line.remove(waiter)
        if not line:
            del self._lines[principal]
        self._waits_no_more(waiter)

    def _waits_no_more(self, waiter: _Waiter) -> None:
        self.waiting -= 1
        _release(self._waiting_from, waiter.requester.address)

    def _hand_out(self) -> None:
        """Grant free slots to the first of each line; a served line moves to the back."""
        for principal in list(self._lines):
            if self.running >= self.bounds.total:
                return
            line = self._lines.get(principal, deque())  # empty: all share the slot of another
            while line and line[0].turn.done():  # cancelled, and about to withdraw
                self._waits_no_more(line.popleft())
            if line and self._has_room(line[0].requester):
                waiter = line.popleft()
                self._lines.move_to_end(principal)
                self._waits_no_more(waiter)
                self._take(waiter.requester)
                waiter.turn.set_result(None)
            if not line:
                self._lines.pop(principal, None)

    def _crowded(self) -> RateLimited:
        self.refused += 1
        seconds = self.bounds.seconds
        limit = "" if seconds is None else f", for {seconds:g} seconds"
        message = (
            f"You have too many requests in progress: at most {self.bounds.waiting} may wait"
            f"{limit}. Send fewer at once; try again in {RETRY_SECONDS} seconds."
        )
        return RateLimited(message, seconds=RETRY_SECONDS)


class Slot:
    """Slot of a request: taken where a block begins, returned at its end or before."""

    __slots__ = ("_is_held", "_queue", "_requester")

    def __init__(self, queue: FairQueue, requester: Requester) -> None:
        self._queue, self._requester, self._is_held = queue, requester, False

    async def __aenter__(self) -> "Slot":
        """Take it; wait for it where necessary."""
        if not self._queue.enter_now(self._requester):
            await self._queue.enter(self._requester)
        self._is_held = True
        return self

    async def __aexit__(self, *_: object) -> None:
        """Return it, if it is still held."""
        self.leave()

    def leave(self) -> None:
        """Return it now: the request goes on without it."""
        if self._is_held:
            self._is_held = False
            self._queue.leave(self._requester)


def _release(counts: dict[Hashable, int], key: Hashable) -> None:
    """Count one less; remove a key whose count is 0."""
    count = counts[key]
    if count == 1:
        del counts[key]
    else:
        counts[key] = count - 1
