import asyncio

import pytest

from qgp.http.deadline import DeadlineExceeded, within
from qgp.kit import time_limit


async def test_what_need_not_wait_comes_at_once_whatever_the_deadline() -> None:
    async def ready() -> str:
        return "done"

    assert await within(0, ready()) == "done"


async def test_what_waits_for_several_things_in_time_comes() -> None:
    async def work() -> list[int]:
        results = []
        for number in range(3):
            await asyncio.sleep(0.001)
            results.append(number)
        return results

    assert await within(5, work()) == [0, 1, 2]


async def test_what_takes_too_long_is_stopped_and_cleans_up() -> None:
    cleaned = []

    async def work() -> None:
        await asyncio.sleep(0)
        try:
            await asyncio.sleep(30)
        finally:
            await asyncio.sleep(0)
            cleaned.append(True)

    with pytest.raises(DeadlineExceeded):
        await within(0.01, work())
    assert cleaned == [True]
    await asyncio.sleep(0)  # the task itself is not cancelled


async def test_a_timeout_of_the_work_is_its_own() -> None:
    async def work() -> None:
        async with asyncio.timeout(0.001):
            await asyncio.sleep(30)

    with pytest.raises(TimeoutError):
        await within(5, work())


@pytest.mark.parametrize("pause", [False, True])
async def test_an_error_of_the_work_is_raised(pause: bool) -> None:
    async def work() -> None:
        if pause:
            await asyncio.sleep(0)
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        await within(5, work())


async def test_an_error_that_the_work_handles_is_handled() -> None:
    async def work() -> str:
        future = asyncio.get_running_loop().create_future()
        future.get_loop().call_soon(future.set_exception, ValueError())
        try:
            await future
        except ValueError:
            await asyncio.sleep(0)
            return "handled"
        return "missed"

    assert await within(5, work()) == "handled"


async def test_whoever_is_cancelled_cancels_the_work() -> None:
    ended = []

    async def work() -> None:
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            ended.append(True)
            raise

    task = asyncio.create_task(within(5, work()))
    await asyncio.sleep(0.001)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == [True]


async def test_the_work_may_extend_its_deadline() -> None:
    async def work() -> str:
        await asyncio.sleep(0)
        time_limit.extend(30)
        time_limit.extend(0.001)  # shortens nothing
        await asyncio.sleep(0.02)
        return "done"

    assert await within(0.01, work()) == "done"
    time_limit.extend(30)  # nothing limits what runs outside
