"""The statements of the servers that use asyncpg without an ORM; it prepares each once."""

from collections.abc import Sequence
from typing import Any

import asyncpg

COLUMNS = {
    "users": "id::text, name, email",
    "sites": "id::text, code, name",
    "findings": "id::text, reference, title, status, site_id::text, created_by_id::text",
    "standards": "id::text, code, title, status, created_at, updated_at",
    "clauses": "id::text, number, title, summary, depth, is_requirement, theme, withdrawn_at,"
    " created_at, updated_at, standard_id::text, parent_id::text, updated_by_id::text",
    "clause_assessments": "id::text, justification, conformity, implementation, assessed_at,"
    " clause_id::text, owner_id::text",
}
_CONDITIONS = "($1::text IS NULL OR conformity = $1) AND ($2::text IS NULL OR implementation = $2)"
_state: dict[str, asyncpg.Pool] = {}


async def _keep(_: asyncpg.Connection) -> None:
    """Return a connection unchanged to the pool."""


async def connect() -> None:
    """Open ten connections."""
    _state["pool"] = await asyncpg.create_pool(min_size=10, max_size=10, reset=_keep)


async def select(statement: str, *values: Any) -> list[asyncpg.Record]:
    """Run a statement on a connection of the pool."""
    async with _state["pool"].acquire() as connection:
        return await connection.fetch(statement, *values)


async def by_ids(table: str, ids: Sequence[str]) -> list[asyncpg.Record | None]:
    """Return rows in the order of their ids."""
    text = f"SELECT {COLUMNS[table]} FROM {table} WHERE id = ANY($1::uuid[])"
    rows = {row["id"]: row for row in await select(text, ids)}
    return [rows.get(id) for id in ids]


async def below(
    table: str, parent: str, order: str, ids: Sequence[str], first: int
) -> list[list[asyncpg.Record]]:
    """Return the first rows below each parent."""
    text = (
        f"SELECT page.* FROM unnest($1::uuid[]) AS above (key) CROSS JOIN LATERAL ("
        f"SELECT {COLUMNS[table]} FROM {table} t WHERE t.{parent} = above.key"
        f" ORDER BY {order} LIMIT $2) page"
    )
    groups: dict[str, list[asyncpg.Record]] = {id: [] for id in ids}
    for row in await select(text, ids, first):
        groups[row[parent]].append(row)
    return list(groups.values())


async def clauses_of(first: int, ids: Sequence[str]) -> list[list[asyncpg.Record]]:
    """Return the first clauses of each standard."""
    return await below("clauses", "standard_id", "t.sort_key, t.id", ids, first)


async def assessments_of(first: int, ids: Sequence[str]) -> list[list[asyncpg.Record]]:
    """Return the first assessments of each clause."""
    return await below("clause_assessments", "clause_id", "t.assessed_at, t.id", ids, first)


async def standards(first: int) -> list[asyncpg.Record]:
    """Return the first standards by code."""
    return await select(
        f"SELECT {COLUMNS['standards']} FROM standards ORDER BY code LIMIT $1", first
    )


async def clauses(first: int) -> list[asyncpg.Record]:
    """Return the first clauses of all."""
    order = "t.standard_id, t.sort_key, t.id"
    return await select(
        f"SELECT {COLUMNS['clauses']} FROM clauses t ORDER BY {order} LIMIT $1", first
    )


async def assessments(
    conformity: str | None, implementation: str | None, first: int
) -> list[asyncpg.Record]:
    """Return the oldest assessments of a kind."""
    text = (
        f"SELECT {COLUMNS['clause_assessments']} FROM clause_assessments t"
        f" WHERE {_CONDITIONS} ORDER BY t.assessed_at, t.id LIMIT $3"
    )
    return await select(text, conformity, implementation, first)


async def count_assessments(conformity: str | None, implementation: str | None) -> int:
    """Count the assessments of a kind."""
    text = f"SELECT count(*) FROM clause_assessments WHERE {_CONDITIONS}"
    [row] = await select(text, conformity, implementation)
    return int(row[0])


async def add_finding(
    *,
    title: str,
    grade: str,
    source_type: str,
    statement: str | None = None,
    severity: int | None = None,
    site_id: str | None = None,
) -> asyncpg.Record:
    """Add a finding.

    Raises:
        asyncpg.ForeignKeyViolationError: there is no such site.
    """
    text = (
        "INSERT INTO findings (title, grade, source_type, statement, severity, site_id)"
        f" VALUES ($1, $2, $3, $4, $5, $6::uuid) RETURNING {COLUMNS['findings']}"
    )
    [row] = await select(text, title, grade, source_type, statement, severity, site_id)
    return row
