"""A world is filled once in a run, by the first worker that needs it."""

import asyncio

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from tests.environment import clone
from tests.worlds import filled


async def _run(url: sa.URL, statement: str) -> None:
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.execute(sa.text(statement))
    await engine.dispose()


async def test_who_comes_second_waits_for_the_world_and_reads_a_copy(
    server_url: sa.URL, worker_id: str
) -> None:
    fillings = []

    async def fill(url: sa.URL) -> dict[str, int]:
        fillings.append(url)
        await _run(url, "CREATE TABLE answers AS SELECT 42 AS answer")
        return {"answer": 42}

    name = f"answers_{worker_id}"
    results = await asyncio.gather(*[filled(server_url, name, fill) for _ in range(3)])
    assert results == [{"answer": 42}] * 3
    assert [url.database for url in fillings] == [name]
    copy = await clone(server_url, f"{name}_1", name)
    await _run(copy, "DELETE FROM answers WHERE answer = 42")


async def test_a_world_that_was_not_filled_to_the_end_is_begun_anew(
    server_url: sa.URL, worker_id: str
) -> None:
    async def fail(url: sa.URL) -> None:
        await _run(url, "CREATE TABLE half ()")
        raise ConnectionAbortedError

    async def fill(url: sa.URL) -> str:
        await _run(url, "CREATE TABLE half ()")
        return "whole"

    with pytest.raises(ConnectionAbortedError):
        await filled(server_url, f"half_{worker_id}", fail)
    assert await filled(server_url, f"half_{worker_id}", fill) == "whole"
