"""Logging set-up: JSON lines for operators, text for a terminal, also of the libraries' loggers."""

import asyncio
import logging
import re
import sys
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any, TextIO

import orjson
import structlog
from structlog.dev import ConsoleRenderer, plain_traceback
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor, WrappedLogger

from qgp.kit import clock

# They repeat the document or the bound values; the response builder logs these errors itself.
_SILENT = ("strawberry.execution", "uvicorn.access")
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
trace: ContextVar[Mapping[str, str]] = ContextVar("trace", default=MappingProxyType({}))
_VALUES = re.compile(r"^DETAIL:[^\n]*$|^\[(SQL|parameters): .*?\]$", re.MULTILINE | re.DOTALL)


def configure(*, level: str = "INFO", as_json: bool = True, echo: bool = False) -> None:
    """Send every logger of the process to standard output.

    Args:
        level: the least severe that is written, in upper case.
        as_json: one JSON object a line, else text with colours.
        echo: write SQL statements as well.
    """
    shared: Sequence[Processor] = (
        _request,
        structlog.stdlib.add_logger_name,
        _level,
        _time,
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    rendering: list[Processor] = [ProcessorFormatter.remove_processors_meta]
    if as_json:
        rendering += [structlog.processors.format_exc_info, _without_values, _json]
    else:
        rendering.append(_console_renderer())
    handler = Output(sys.stdout) if as_json else logging.StreamHandler(sys.stdout)
    handler.setFormatter(ProcessorFormatter(processors=rendering, foreign_pre_chain=shared))
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    for name in _SILENT:
        logging.getLogger(name).propagate = False
        logging.getLogger(name).handlers[:] = [logging.NullHandler()]
    logging.getLogger("sqlalchemy.engine").setLevel(logging.INFO if echo else logging.WARNING)


class Output(logging.StreamHandler[TextIO]):
    """Handler that writes JSON lines, also lines that were never a log record.

    Those are buffered until the next iteration of the event loop and written together: a write for
    each took as long as to format it.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._buffer: list[bytes] = []

    def write(self, line: bytes) -> None:
        """Write a line in the next iteration of the event loop; at once if none is running."""
        self._buffer.append(line)
        if len(self._buffer) > 1:
            return
        try:
            asyncio.get_running_loop().call_soon(self.flush)
        except RuntimeError:
            self.flush()

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record after the buffered lines."""
        self._write_buffer()
        super().emit(record)

    def flush(self) -> None:
        """Write the buffered lines."""
        if self._buffer:
            self._write_buffer()
        else:
            super().flush()

    def _write_buffer(self) -> None:
        lines, self._buffer = self._buffer, []
        if not lines:
            return
        self.acquire()
        try:
            self.stream.write(b"\n".join([*lines, b""]).decode())
            self.stream.flush()
        except (OSError, ValueError):  # a full disk, a closed stream
            self.handleError(logging.makeLogRecord({"msg": lines[-1].decode()}))
        finally:
            self.release()


class SharedFields:
    """Fields that many entries have in common, and their JSON, made once."""

    __slots__ = ("fields", "json")

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self.fields = fields
        self.json = b",".join([b"", orjson.dumps(fields)[1:-1]]) if fields else b""


NO_FIELDS = SharedFields({})


def line(
    logger: logging.Logger,
    level: int,
    event: str,
    fields: Mapping[str, Any],
    shared: SharedFields = NO_FIELDS,
) -> None:
    """Log an event that occurs once per request, with the shared fields after the others.

    A JSON line is formatted here directly, in 2 microseconds; structlog and logging take 18, as
    long as uvicorn for a whole short request.
    """
    output = logging.root.handlers[0] if len(logging.root.handlers) == 1 else None
    if not isinstance(output, Output):
        named = {**fields, **shared.fields}
        structlog.stdlib.get_logger(logger.name).log(level, event, **named)
    elif logger.isEnabledFor(level):
        entry = {
            "at": _now(),
            "level": logging.getLevelName(level),
            "logger": logger.name,
            "event": event,
            **fields,
        }
        output.write(b"%b%b}" % (orjson.dumps(entry)[:-1], shared.json))


def _request(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Add the id and the trace of the current request."""
    id = request_id.get()
    return event if id is None else {"request_id": id, **trace.get(), **event}


def _level(_: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Add the level in upper case, for which the runbook greps."""
    level = structlog.stdlib.add_log_level(_, name, event)["level"]
    event["level"] = level.upper()
    return event


def _time(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    event["at"] = _now()
    return event


def _now() -> str:
    return clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _without_values(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Remove from a traceback the data that a database driver quotes."""
    if isinstance(trace := event.get("exception"), str):
        event["exception"] = _VALUES.sub("[left out]", trace)
    return event


def _json(_: WrappedLogger, __: str, event: EventDict) -> str:
    return orjson.dumps(_ordered(event), default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def _ordered(event: EventDict) -> dict[str, Any]:
    first = {name: event.pop(name) for name in ("at", "level", "logger", "event") if name in event}
    return {**first, **event}


def _console_renderer() -> ConsoleRenderer:
    colours = ConsoleRenderer.get_default_level_styles(sys.stdout.isatty())
    return ConsoleRenderer(
        # structlog's own would show the local variables, passwords among them.
        exception_formatter=plain_traceback,
        colors=sys.stdout.isatty(),
        timestamp_key="at",
        level_styles={name.upper(): colour for name, colour in colours.items()},
    )
