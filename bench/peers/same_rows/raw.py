"""The limit of a create: one statement writes what the product writes; bare ASGI, no walls.

Whoever asks names organization and user in headers, and is believed.
"""

import hashlib
import uuid
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg  # type: ignore[import-untyped]
import orjson

_HERE = Path(__file__).parent
_CREATE, _REPEAT = (
    (_HERE / f"{name}.sql").read_text() + (_HERE / "answer.sql").read_text()
    for name in ("create", "repeat")
)
_REUSED = (
    b'{"data":{"findingCreate":{"finding":null,"errors":[{"message":"The key has been used."}]}}}'
)
_PREFIXES = {"MAJOR": "NC", "MINOR": "NC", "OBSERVATION": "OBS", "OFI": "OFI"}
_OTHER_PREFIX = "GP"
_HEADERS = [(b"content-type", b"application/json")]


async def create(
    connection: asyncpg.Connection, organization_id: UUID, user_id: UUID, values: dict[str, Any]
) -> bytes:
    """Create a finding, or repeat the answer of the key's first use."""
    fingerprint = hashlib.sha256(orjson.dumps(values, option=orjson.OPT_SORT_KEYS)).digest()
    use = (organization_id, user_id, values["idempotencyKey"], fingerprint)
    answer = await connection.fetchval(
        _CREATE,
        *use,
        uuid.uuid4().hex,
        _PREFIXES.get(values["grade"], _OTHER_PREFIX),
        values["title"],
        values["grade"],
        values["sourceType"],
        values.get("statement"),
        values.get("severity"),
        values.get("siteId"),
    )
    if answer is None:
        answer = await connection.fetchval(_REPEAT, *use)
    return _REUSED if answer is None else answer.encode()


async def _keep(_: asyncpg.Connection) -> None:
    """Return a connection unchanged to the pool."""


class _App:
    pool: asyncpg.Pool

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        headers = dict(scope["headers"])
        organization_id, user_id = (
            UUID(headers[name].decode()) for name in (b"x-organization", b"x-user")
        )
        values = orjson.loads((await receive())["body"])["variables"]["input"]
        async with self.pool.acquire() as connection:
            body = await create(connection, organization_id, user_id, values)
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
