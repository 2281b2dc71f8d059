"""The two interpreters, each an application of its own over the same database."""

from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

import httpx2
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qgp.app import Application
from qgp.engine.engine import Engine
from qgp.http.limits import Limits
from qgp.settings import Settings
from tests.environment import sparing

# What the one answers late on a busy machine proves nothing of the other.
LIMITS = Limits(request_seconds=60, cost=10**6)
HEADER = "x-read-by"  # in which the judge is told; no client ever is


class Way(StrEnum):
    """How an answer was made."""

    PLANNED = "plan"
    PARTLY = "partial plan"
    RESOLVERS = "resolvers"


@dataclass
class Made:
    """How the answer to one request was made; tasks of the request share it."""

    way: Way = Way.RESOLVERS


_made: ContextVar[Made] = ContextVar("_made")


class Watched(Engine):
    """An engine that tells how it was used."""

    def __init__(self, engine: Engine) -> None:
        vars(self).update(vars(engine))

    async def read(self, *given: Any, **options: Any) -> Any:
        """Answer a whole operation, as the engine does."""
        answered = await super().read(*given, **options)
        if answered is not None and answered.data is not None:
            _made.get().way = Way.PLANNED
        return answered

    def bound(self, *given: Any) -> Any:
        """Bind the plan of a single field, as the engine does, which will be read by it."""
        bound = super().bound(*given)
        _made.get().way = Way.PARTLY
        return bound


class Observed(Application):
    """An application whose engine is watched, and whose answers tell in a header what was seen."""

    @cached_property
    def planned(self) -> Any:
        """The engine, watched; None where everything is executed."""
        engine = super().planned
        return None if engine is None else Watched(engine)

    @cached_property
    def asgi(self) -> ASGIApp:
        """The application as a server calls it."""
        inner = super().asgi

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            made = Made()
            _made.set(made)

            async def tell(message: Message) -> None:
                if message["type"] == "http.response.start":
                    MutableHeaders(scope=message)[HEADER] = made.way
                await send(message)

            await inner(scope, receive, tell)

        return serve


def interpreters(settings: Settings, application: Application) -> tuple[Application, Application]:
    """Return the reference and the planned, which differ in nothing else.

    They share the engine and the schema of an application with the same `LIMITS`.
    """
    reference, planned = (
        sparing(
            Observed.of(settings.model_copy(update={"planned_reads": is_on}), application.engine)
        )
        for is_on in (False, True)
    )
    for one in (reference, planned):
        vars(one)["schema"] = application.schema
    return reference, planned


def how(response: httpx2.Response) -> Way:
    """Return how an answer was made."""
    return Way(response.headers[HEADER])
