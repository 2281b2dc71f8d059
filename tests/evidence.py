"""What the database holds of an organization, read past its walls by a superuser."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from tests.company import Company

_OWNED = """
SELECT table_name FROM information_schema.columns
WHERE column_name IN ('organization_id', :column) AND table_schema = current_schema()
GROUP BY 1 HAVING bool_or(column_name = 'organization_id') AND bool_or(column_name = :column)
ORDER BY 1
"""
_DIGEST = """
SELECT count(*), md5(string_agg(row::text, ' ' ORDER BY row::text)) FROM {} row
WHERE organization_id = :id
"""
Digest = dict[str, tuple[int, str | None]]


async def owned_tables(
    connection: AsyncConnection, column: str = "organization_id"
) -> Sequence[str]:
    """Return the tables whose rows belong to an organization and have the column."""
    return (await connection.scalars(sa.text(_OWNED), {"column": column})).all()


async def digest(engine: AsyncEngine, organization_id: UUID) -> Digest:
    """Count and seal the rows of the organization in every table, the trail included."""
    found: Digest = {}
    async with engine.connect() as connection:
        for table in await owned_tables(connection):
            asked = sa.text(_DIGEST.format(table))
            count, seal = (await connection.execute(asked, {"id": organization_id})).one()
            found[table] = (count, seal)
    assert found["organizations"][0] == 1
    return found


async def trail_length(company: Company) -> int:
    """How many changes the trail of the organization tells."""
    return (await digest(company.application.engine, company.organization_id))["audit_entries"][0]


@asynccontextmanager
async def unchanged(company: Company) -> AsyncIterator[None]:
    """Fail where a row of the organization, or its trail, differs afterwards."""
    engine, id = company.application.engine, company.organization_id
    before = await digest(engine, id)
    yield
    assert await digest(engine, id) == before
