"""Worlds that many tests read: filled once in a run, and cloned for each worker that reads them."""

import base64
import pickle
from collections.abc import Awaitable, Callable
from typing import TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from tests.environment import clone

T = TypeVar("T")
_FACTS = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = :name"
_LOCK = "SELECT pg_advisory_lock(hashtext(:name))"


async def filled(server_url: sa.URL, name: str, fill: Callable[[sa.URL], Awaitable[T]]) -> T:
    """Return what `fill` returned for a migrated database, which is then a template to `clone`.

    The first of the run's workers to come fills it, the others wait. What was returned stays with
    the database, as its comment.

    Args:
        name: of the database; one that has no comment was not filled to the end.
        fill: leaves no connection to the database open, and returns what can be pickled: ids,
            tokens and the keys that they need, never an application.
    """
    engine = create_async_engine(server_url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.execute(sa.text(_LOCK), {"name": name})
        facts = await connection.scalar(sa.text(_FACTS), {"name": name})
        if facts is None:
            await connection.execute(sa.text(f'DROP DATABASE IF EXISTS "{name}"'))
            returned = await fill(await clone(server_url, name))
            facts = base64.b64encode(pickle.dumps(returned)).decode()
            await connection.execute(sa.text(f"COMMENT ON DATABASE \"{name}\" IS '{facts}'"))
    return cast(T, pickle.loads(base64.b64decode(facts)))
