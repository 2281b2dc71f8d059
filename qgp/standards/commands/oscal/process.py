"""Reading of OSCAL files in a process of its own, so that the event loop keeps running.

The child process writes the standard and then each clause as a line of JSON, or the refusal.
"""

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from qgp.kit.errors import Invalid
from qgp.kit.pace import Pace
from qgp.standards.commands.catalogue.records import CatalogueClause, CatalogueStandard
from qgp.standards.commands.oscal import read
from qgp.standards.commands.oscal.document import MAX_BYTES, require_size
from qgp.standards.model.terms import StandardKind, StandardStatus

_KEPT = (
    *("key", "number", "title", "guidance", "parent", "depth", "is_requirement", "text"),
    "former_keys",
)


async def read_in_process(raw: bytes) -> CatalogueStandard:
    """Read an OSCAL file as `read` does, in another process.

    Raises:
        Invalid: see `read`.
        RuntimeError: the process ended without a result.
    """
    require_size(len(raw))
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, stdin=pipe, stdout=pipe, limit=2 * MAX_BYTES
    )
    assert child.stdin is not None
    assert child.stdout is not None
    feeding = asyncio.ensure_future(_feed(child.stdin, raw))
    try:
        return await _received(child.stdout)
    finally:
        with suppress(ProcessLookupError):
            child.kill()
        await asyncio.wait({feeding, asyncio.ensure_future(child.wait())})


async def _feed(stdin: asyncio.StreamWriter, raw: bytes) -> None:
    with suppress(ConnectionError):  # a child that refuses ends early
        stdin.write(raw)
        await stdin.drain()
    stdin.close()


async def _received(lines: asyncio.StreamReader) -> CatalogueStandard:
    head = await lines.readline()
    if not head:
        raise RuntimeError("The process that reads OSCAL files ended without a result.")
    facts = json.loads(head)
    if "refusal" in facts:
        raise Invalid(facts["refusal"], *facts["path"])
    count, clauses, pace = facts.pop("count"), list[CatalogueClause](), Pace()
    async for line in lines:
        content = json.loads(line)
        former_keys = tuple(content.pop("former_keys"))
        clauses.append(CatalogueClause(**content, former_keys=former_keys))
        await pace()
    if len(clauses) != count:
        raise RuntimeError("The process that reads OSCAL files ended too early.")
    return _standard(facts, clauses)


def _standard(facts: dict[str, Any], clauses: list[CatalogueClause]) -> CatalogueStandard:
    published_on = facts.pop("published_on")
    return CatalogueStandard(
        **facts
        | {
            "kind": StandardKind(facts["kind"]),
            "status": StandardStatus(facts["status"]),
            "published_on": date.fromisoformat(published_on) if published_on else None,
            "document_ids": tuple(facts["document_ids"]),
        },
        clauses=tuple(clauses),
    )


def _lines(raw: bytes) -> Iterator[str]:
    """Yield the lines that the child process writes."""
    try:
        standard = read(raw)
    except Invalid as refusal:
        yield json.dumps({"refusal": refusal.message, "path": refusal.path or []})
        return
    facts = asdict(replace(standard, clauses=()))
    del facts["clauses"]
    yield json.dumps({**facts, "count": len(standard.clauses)}, default=str)
    for clause in standard.clauses:
        yield json.dumps({name: getattr(clause, name) for name in _KEPT})


def _main() -> None:
    for line in _lines(sys.stdin.buffer.read()):
        sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    _main()
