"""Requests that ask the same of the database, gathered while a statement is under way.

No timer: who comes first goes at once; who comes meanwhile leaves together with the next
statement. One record by id costs PostgreSQL a fraction of a statement that way.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

A = TypeVar("A")
V = TypeVar("V")
Answer = Callable[[Sequence[A]], Awaitable[Sequence[V]]]

UNDER_WAY = 1  # statements of one group at a time; two answered no more requests than one


class RequestBatcher(Generic[A, V]):
    """The groups that wait in this process.

    Args:
        most: how many leave together; 1 lets everybody go alone.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._groups: dict[Hashable, _Group[A, V]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def join(self, group: Hashable, ask: A, answer: Answer[A, V]) -> V:
        """Return what `answer` says to `ask`, asked together with others of the group."""
        if self._most == 1:
            return (await answer([ask]))[0]
        if group not in self._groups:
            self._groups[group] = _Group()
        turn: asyncio.Future[V] = asyncio.get_running_loop().create_future()
        found = self._groups[group]
        found.waiting.append((ask, turn))
        if found.under_way < UNDER_WAY:
            found.under_way += 1
            task = asyncio.ensure_future(self._work(group, found, answer))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await turn

    async def _work(self, key: Hashable, group: "_Group[A, V]", answer: Answer[A, V]) -> None:
        try:
            while group.waiting:
                count = min(len(group.waiting), self._most)
                leaving = [group.waiting.popleft() for _ in range(count)]
                wanted = [(ask, turn) for ask, turn in leaving if not turn.done()]
                if wanted:
                    await _answered(wanted, answer)
        finally:
            group.under_way -= 1
            if not group.under_way and self._groups.get(key) is group:
                del self._groups[key]
                for _, turn in group.waiting:  # whoever worked for them was stopped
                    turn.cancel()


class _Group(Generic[A, V]):
    def __init__(self) -> None:
        self.waiting: deque[tuple[A, asyncio.Future[V]]] = deque()
        self.under_way = 0


async def _answered(wanted: Sequence[tuple[A, "asyncio.Future[V]"]], answer: Answer[A, V]) -> None:
    """Pass answers on to those who still wait; a failure is everybody's."""
    try:
        answers = await answer([ask for ask, _ in wanted])
    except BaseException as error:
        for _, turn in wanted:
            if not turn.done():
                turn.set_exception(error)
        if not isinstance(error, Exception):
            raise
        return
    for (_, turn), found in zip(wanted, answers, strict=True):
        if not turn.done():
            turn.set_result(found)
