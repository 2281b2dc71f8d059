"""The limit: hand-written SQL that prints the JSON, asyncpg, bare ASGI; no GraphQL, no walls."""

from pathlib import Path
from typing import Any

import asyncpg
import orjson

_HERE = Path(__file__).parent
_SQL = {path.stem: path.read_text() for path in _HERE.glob("*.sql")}
_FINDING = ("title", "grade", "sourceType", "statement", "severity", "siteId")
_HEADERS = [(b"content-type", b"application/json")]


def _arguments(name: str, variables: dict[str, Any]) -> tuple[Any, ...]:
    match name:
        case "Q1":
            return (variables["id"],)
        case "Q4":
            return variables["conformity"], variables["implementation"]
        case "Q5":
            return tuple(variables["input"][name] for name in _FINDING)
    return ()


async def _keep(_: asyncpg.Connection) -> None:
    """Return a connection unchanged to the pool."""


class _App:
    pool: asyncpg.Pool

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        posted = orjson.loads((await receive())["body"])
        name = posted["operationName"]
        if name == "Q6":
            body = b'{"data":{"__typename":"Query"}}'
        else:
            async with self.pool.acquire() as connection:
                text = await connection.fetchval(_SQL[name], *_arguments(name, posted["variables"]))
            body = text.encode()
        length = (b"content-length", b"%d" % len(body))
        await send({"type": "http.response.start", "status": 200, "headers": [*_HEADERS, length]})
        await send({"type": "http.response.body", "body": body})

    async def _live(self, receive: Any, send: Any) -> None:
        await receive()
        self.pool = await asyncpg.create_pool(min_size=10, max_size=10, reset=_keep)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.pool.close()
        await send({"type": "lifespan.shutdown.complete"})


app = _App()
