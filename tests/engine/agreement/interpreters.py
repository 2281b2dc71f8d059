"""The two interpreters, each an application of its own over the same database."""

from collections.abc import MutableMapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import httpx2
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qgp.app import Application
from qgp.settings import Settings

CAN_PLAN = "planned_reads" in Settings.model_fields
NOTED = "read_by"  # where the endpoint notes, for the access log, how it made an answer
HEADER = "x-read-by"  # in which the judge is told; no client ever is


class Way(StrEnum):
    """How an answer was made, as it is noted."""

    PLANNED = "plan"
    PARTLY = "plan in part"
    REFERENCE = "reference"


@dataclass(frozen=True)
class Telling:
    """An application that tells in a header what it notes of an answer."""

    application: Application

    @property
    def engine(self) -> AsyncEngine:
        """The application's."""
        return self.application.engine

    @property
    def asgi(self) -> ASGIApp:
        """The application as a server calls it."""

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            state: MutableMapping[str, Any] = scope.setdefault("state", {})

            async def tell(message: Message) -> None:
                if message["type"] == "http.response.start":
                    noted = state.get("graphql", {})
                    MutableHeaders(scope=message)[HEADER] = noted.get(NOTED, Way.REFERENCE)
                await send(message)

            await self.application.asgi(scope, receive, tell)

        return serve


def interpreters(found: Settings, engine: AsyncEngine) -> tuple[Application, Application]:
    """Return the reference and the planned, which differ in nothing else."""
    reference, planned = (
        Application.of(found.model_copy(update={"planned_reads": is_on}), engine)
        for is_on in (False, True)
    )
    return reference, planned


def how(response: httpx2.Response) -> Way:
    """Return how an answer was made."""
    return Way(response.headers[HEADER])
