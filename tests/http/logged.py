"""Log entries of a test, parsed from standard output."""

import json
import logging as stdlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests import logs

_TOUCHED = ("strawberry.execution", "uvicorn.access", "sqlalchemy.engine")


class Logged:
    """Reads what was written since it was last read."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def text(self) -> str:
        for handler in stdlib.getLogger().handlers:
            handler.flush()
        return self._capsys.readouterr().out

    def entries(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text().splitlines()]


@contextmanager
def logged(capsys: pytest.CaptureFixture[str]) -> Iterator[Logged]:
    """Restore the loggers afterwards."""
    root = stdlib.getLogger()
    handlers, level = root.handlers[:], root.level
    before = [(stdlib.getLogger(name), dict(vars(stdlib.getLogger(name)))) for name in _TOUCHED]
    try:
        yield Logged(capsys)
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        for logger, was in before:
            logger.handlers[:] = was["handlers"]
            logger.propagate = was["propagate"]
            logger.setLevel(was["level"])
        logs.configure()
