"""Logging of the tests: brief, with every warning that the product tolerates."""

from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.dev import ConsoleRenderer, plain_traceback

_FORGIVEN = {"island_failed", "plan_failed"}  # the resolvers then answer, only slower


def configure() -> None:
    """Log lines for people; to print the local variables of a traceback would take seconds."""
    structlog.configure(
        processors=[
            _unforgiving,
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.dev.set_exc_info,
            structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=True),
            ConsoleRenderer(colors=False, exception_formatter=plain_traceback),
        ]
    )


def _unforgiving(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    assert event["event"] not in _FORGIVEN, event
    return event
