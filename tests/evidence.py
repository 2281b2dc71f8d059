"""Content of an organization, read by a superuser past row security."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from uuid import UUID
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from tests.company import Company

_OWNED = """
SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
    AND attname IN ('organization_id', :column)
GROUP BY 1 HAVING bool_or(attname = 'organization_id') AND bool_or(attname = :column)
ORDER BY 1
"""
_DIGEST = """
SELECT '{0}', count(*), sum(hash_record_extended(row, 0)) FROM {0} row
WHERE organization_id = :id
"""
_UNOWNED = """
SELECT relname FROM pg_class
WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
    AND relname <> ALL(:owned)
ORDER BY 1
"""
Digest = dict[str, tuple[int, Decimal | None]]
# The statement of a database, whose tables stay as they are.
_statements: WeakKeyDictionary[sa.Engine, sa.TextClause] = WeakKeyDictionary()


async def owned_tables(
    connection: AsyncConnection, column: str = "organization_id"
) -> Sequence[str]:
    """Return the tables whose rows belong to an organization and have the column."""
    return (await connection.scalars(sa.text(_OWNED), {"column": column})).all()


async def digest(engine: AsyncEngine, organization_id: UUID) -> Digest:
    """Count and seal the rows of the organization in every table, the trail included.

    Of the security log a refusal leaves an event, whatever it leaves alone.
    """
    async with engine.connect() as connection:
        if engine.sync_engine not in _statements:
            tables = [one for one in await owned_tables(connection) if one != "security_events"]
            statement = sa.text(" UNION ALL ".join(map(_DIGEST.format, tables)))
            _statements[engine.sync_engine] = statement
        statement = _statements[engine.sync_engine]
        rows = (await connection.execute(statement, {"id": organization_id})).all()
    digests: Digest = {table: (count, seal) for table, count, seal in rows}
    assert digests["organizations"][0] == 1
    return digests


async def whole_digest(engine: AsyncEngine, organization_id: UUID) -> Digest:
    """Count and seal the rows of the organization, and all rows of tables outside organizations."""
    async with engine.connect() as connection:
        owned = await owned_tables(connection)
        others = (await connection.scalars(sa.text(_UNOWNED), {"owned": [*owned]})).all()
        parts = [_DIGEST.format(table) for table in owned]
        parts += [_DIGEST.format(table).partition("WHERE")[0] for table in others]
        statement = sa.text(" UNION ALL ".join(parts))
        rows = (await connection.execute(statement, {"id": organization_id})).all()
    return {table: (count, seal) for table, count, seal in rows}


async def trail_length(company: Company) -> int:
    """Return the number of audit trail entries of an organization."""
    statement = sa.text("SELECT count(*) FROM audit_entries WHERE organization_id = :id")
    async with company.application.engine.connect() as connection:
        count: int = await connection.scalar(statement, {"id": company.organization_id})
        return count


@asynccontextmanager
async def unchanged(company: Company) -> AsyncIterator[None]:
    """Fail where a row of the organization, or its trail, differs afterwards: see `digest`."""
    engine, id = company.application.engine, company.organization_id
    before = await digest(engine, id)
    yield
    assert await digest(engine, id) == before
