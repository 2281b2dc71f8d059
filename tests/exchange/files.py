"""Exported files as tests fetch and read them."""

import csv
import io
import json
from dataclasses import dataclass
from typing import Any

import httpx2
from sqlalchemy import event

from tests.company import Client


@dataclass(frozen=True)
class File:
    """What came of asking for a file.

    Attributes:
        statements: the SQL that ran for it.
    """

    answer: httpx2.Response
    statements: list[str]

    @property
    def status(self) -> int:
        return self.answer.status_code

    @property
    def rows(self) -> list[list[str]]:
        """The header, and what follows it."""
        assert self.status == 200, self.answer.text
        return table(self.answer.text)

    @property
    def error(self) -> Any:
        (error,) = self.answer.json()["errors"]
        assert error["extensions"].pop("requestId") == self.answer.headers["X-Request-ID"]
        return error

    @property
    def code(self) -> Any:
        return self.error["extensions"]["code"]

    def column(self, name: str) -> list[str]:
        header, *rows = self.rows
        return [row[header.index(name)] for row in rows]


def table(text: str) -> list[list[str]]:
    """Read a file as any program would."""
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


async def fetch(api: Client, register: str, columns: str | None = None, **options: Any) -> File:
    """Ask for a register as a file; `filter` and `orderBy` are sent as JSON."""
    parameters = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in options.items()
    }
    if columns is not None:
        parameters["columns"] = columns
    statements: list[str] = []

    def note(*arguments: Any) -> None:
        statements.append(arguments[2])

    event.listen(api.engine, "before_cursor_execute", note)
    try:
        answer = await api.http.get(f"/exports/{register}.csv", params=parameters)
    finally:
        event.remove(api.engine, "before_cursor_execute", note)
    return File(answer, statements)
