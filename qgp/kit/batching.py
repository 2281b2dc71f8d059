"""Batching of requests that share a statement, collected while the batch before is executed.

There is no timer: the first request is executed at once; those that arrive meanwhile form the next
batch. Several look-ups by id thus share one SQL statement.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

R = TypeVar("R")
V = TypeVar("V")
Execute = Callable[[Sequence[R]], Awaitable[Sequence[V]]]

MAX_RUNNING = 1  # batches of one group at a time; two answered no more requests than one


class RequestBatcher(Generic[R, V]):
    """The groups of waiting requests of this process.

    Args:
        max_size: requests of one batch at most; 1 executes each request alone.
    """

    def __init__(self, max_size: int) -> None:
        self.max_size = max_size
        self._groups: dict[Hashable, _Group[R, V]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def submit(self, key: Hashable, request: R, execute: Execute[R, V]) -> V:
        """Return the result of a request, executed with others that have the same key."""
        if self.max_size == 1:
            return (await execute([request]))[0]
        if key not in self._groups:
            self._groups[key] = _Group()
        result: asyncio.Future[V] = asyncio.get_running_loop().create_future()
        group = self._groups[key]
        group.waiting.append((request, result))
        if group.running < MAX_RUNNING:
            group.running += 1
            task = asyncio.ensure_future(self._work(key, group, execute))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await result

    async def _work(self, key: Hashable, group: "_Group[R, V]", execute: Execute[R, V]) -> None:
        try:
            while group.waiting:
                count = min(len(group.waiting), self.max_size)
                taken = [group.waiting.popleft() for _ in range(count)]
                batch = [(request, result) for request, result in taken if not result.done()]
                if batch:
                    await _execute_batch(batch, execute)
        finally:
            group.running -= 1
            if not group.running and self._groups.get(key) is group:
                del self._groups[key]
                for _, result in group.waiting:  # the task that worked for them was cancelled
                    result.cancel()


class _Group(Generic[R, V]):
    def __init__(self) -> None:
        self.waiting: deque[tuple[R, asyncio.Future[V]]] = deque()
        self.running = 0


async def _execute_batch(
    batch: Sequence[tuple[R, "asyncio.Future[V]"]], execute: Execute[R, V]
) -> None:
    """Set the results of requests that still wait; an exception is set for all of them."""
    try:
        values = await execute([request for request, _ in batch])
    except BaseException as error:
        for _, result in batch:
            if not result.done():
                result.set_exception(error)
        if not isinstance(error, Exception):
            raise
        return
    for (_, result), value in zip(batch, values, strict=True):
        if not result.done():
            result.set_result(value)
