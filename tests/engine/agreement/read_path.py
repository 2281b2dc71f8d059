"""Applications of both read paths over the same database."""

from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qgp.app import Application
from qgp.engine.engine import Engine
from qgp.http.limits import Limits
from qgp.settings import Settings
from tests import asgi
from tests.environment import sparing

# A timeout on a busy machine is no disagreement.
LIMITS = Limits(request_seconds=60, cost=10**6)
HEADER = "x-read-by"  # set for the tests only


class ReadPath(StrEnum):
    """Path on which a request was answered."""

    PLAN = "plan"
    PARTIAL_PLAN = "partial plan"
    RESOLVERS = "resolvers"


@dataclass
class UsedPath:
    """Path of one request; the tasks of the request share it."""

    path: ReadPath = ReadPath.RESOLVERS


_used: ContextVar[UsedPath] = ContextVar("_used")


class ObservedEngine(Engine):
    """An engine that records on which path it answered."""

    def __init__(self, engine: Engine) -> None:
        vars(self).update(vars(engine))

    async def read(self, *arguments: Any, **options: Any) -> Any:
        """Read a whole query as the engine does."""
        answered = await super().read(*arguments, **options)
        if answered is not None and answered.data is not None:
            _used.get().path = ReadPath.PLAN
        return answered

    def bind_arguments(self, *arguments: Any) -> Any:
        """Bind the arguments of a plan as the engine does; after `read`, of a partial plan."""
        bound = super().bind_arguments(*arguments)
        _used.get().path = ReadPath.PARTIAL_PLAN
        return bound


class ObservedApplication(Application):
    """An application that adds the path of each answer as a header."""

    @cached_property
    def read_engine(self) -> Any:
        """The engine, observed; None if planned reads are off."""
        engine = super().read_engine
        return None if engine is None else ObservedEngine(engine)

    @cached_property
    def asgi(self) -> ASGIApp:
        """The ASGI application."""
        inner = super().asgi

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            used = UsedPath()
            _used.set(used)

            async def send_with_header(message: Message) -> None:
                if message["type"] == "http.response.start":
                    MutableHeaders(scope=message)[HEADER] = used.path
                await send(message)

            await inner(scope, receive, send_with_header)

        return serve


def path_applications(
    settings: Settings, application: Application
) -> tuple[Application, Application]:
    """Return the applications of the resolver path and of planned reads, otherwise equal.

    They share the engine and the schema of an application with the same `LIMITS`.
    """
    resolvers, planned = (
        sparing(
            ObservedApplication.of(
                settings.model_copy(update={"planned_reads": is_on}), application.engine
            )
        )
        for is_on in (False, True)
    )
    for each in (resolvers, planned):
        vars(each)["schema"] = application.schema
    return resolvers, planned


def path_of(response: asgi.Response) -> ReadPath:
    """Return the path on which a response was answered."""
    return ReadPath(response.headers[HEADER])
