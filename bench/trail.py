"""Check that a peer which claims to write the product's rows does, with a trail that verifies."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

from bench import agreement
from bench.database import Stage, organization
from bench.queries import Query
from bench.servers import Running
from qgp.app import Application
from qgp.kit.audit_verification import first_broken
from qgp.kit.session import Scope
from qgp.pools import create_engine
from qgp.settings import read

TABLES = (
    *("findings", "reference_counters", "status_events", "idempotency_keys"),
    *("audit_entries", "audit_heads", "outbox_events"),
)
# Differ from one create to the next: only whether they are null is compared.
_FRESH = frozenset(
    ("id", "entity_id", "record_id", "hash", "previous_hash", "payload", "fingerprint")
)
_FRESH |= {"request_id", "at", "created_at", "updated_at", "recorded_at"}


def writers(servers: Sequence[Running]) -> list[Running]:
    """Return the servers that write the product's tables."""
    return [each for each in servers if each.server.is_ours or each.server.writes_same_rows]


def demand(servers: Sequence[Running], queries: Sequence[Query], stage: Stage) -> None:
    """Let each server create a record, twice with one key, and compare what it has written.

    Raises:
        Disagreement: the key was used twice, the rows differ, or the trail does not verify.
    """
    for query in (each for each in queries if each.changes):
        those = writers(servers)
        rows = [_written_by(server, query, stage) for server in those]
        agreement.demand_same(f"what {query.name} writes", those, rows)


def _written_by(server: Running, query: Query, stage: Stage) -> Any:
    values = query.values(stage)[0]
    first, again = (agreement.answer(server, query, values, code=f"B{0:012d}") for _ in range(2))
    rows = {
        table: compared(stage.ask(f"SELECT to_jsonb(t) FROM {table} t ORDER BY organization_id"))
        for table in TABLES
    }
    broken = problems(1)
    stage.forget()
    if first != again:
        raise agreement.Disagreement(f"{server.name} takes a key twice: {first} and {again}")
    if broken:
        raise agreement.Disagreement(f"{server.name} breaks the trail: {broken[0]}")
    return rows


def compared(rows: Sequence[str]) -> list[Any]:
    """Return rows without what differs from one create to the next."""
    return [_compared(json.loads(row)) for row in rows]


def _compared(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _compared(inner, key) for key, inner in sorted(value.items())}
    if isinstance(value, list):
        return [_compared(inner, name) for inner in value]
    return "present" if name in _FRESH and value is not None else value


def problems(organizations: int) -> list[str]:
    """Verify the trail of so many organizations; return a line for each that is broken."""
    return asyncio.run(_problems(organizations))


async def _problems(organizations: int) -> list[str]:
    settings = read()
    engine = create_engine(settings)
    database, lines = Application.of(settings, engine).database, []
    for place in range(organizations):
        async with database.read(Scope(organization(place)), is_snapshot=True) as session:
            if broken := await first_broken(session):
                lines.append(
                    f"organization {place}: entry {broken.sequence} {broken.problem.value}"
                )
    await engine.dispose()
    return lines
