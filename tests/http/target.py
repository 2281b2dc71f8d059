"""The product's endpoint without a server and without a database, for what it refuses."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy.ext.asyncio import create_async_engine
from starlette.requests import Request

from qgp.http.endpoint import GraphQLEndpoint
from qgp.http.limits import Limits
from qgp.kit import ids
from qgp.kit.context import Context
from qgp.kit.policy import Principal, Role
from qgp.kit.session import Database
from tests.kit.built import BUILT


class Target:
    """The product's endpoint without a server and without a database.

    Args:
        is_signed_in: whether the caller is taken for the owner of an organization.
    """

    def __init__(self, *, is_signed_in: bool) -> None:
        self._principal = _owner() if is_signed_in else None
        self._database = Database(create_async_engine("postgresql+asyncpg://nobody@127.0.0.1:1/"))
        self._endpoint = GraphQLEndpoint(
            BUILT,
            limits=Limits(),
            open_context=self._open,
            identify=lambda _: self._principal and self._principal.user_id,
        )

    async def send(self, body: bytes) -> bytes:
        """Return the body of the answer."""
        headers = [(b"content-type", b"application/json"), (b"authorization", b"Bearer x")]
        scope: dict[str, Any] = {
            "type": "http",
            "method": "POST",
            "path": "/graphql",
            "query_string": b"",
            "headers": headers if self._principal else headers[:1],
            "client": ("127.0.0.1", 1),
            "state": {"request_id": "attack"},
        }
        parts = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            parts.append(message.get("body", b""))

        await self._endpoint(scope, receive, send)
        return b"".join(parts)

    @asynccontextmanager
    async def _open(self, _: Request) -> AsyncIterator[Context]:
        yield Context(self._database, "attack", principal=self._principal)


def _owner() -> Principal:
    return Principal(ids.uuid7(), ids.uuid7(), ids.uuid7(), ids.uuid7(), Role.OWNER)
