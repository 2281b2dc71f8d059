"""Drafts of migrations: what `make revision` writes for a new record makes its table."""

from inspect import cleandoc
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata, render_python_code
from alembic.migration import MigrationContext
from alembic.operations import Operations, ops
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncEngine

from qgp.kit import migration_operations, text_key_sql
from qgp.kit.model import Base, records
from qgp.migrations import draft

SUITE = {"processes", "capas", "clause_assessments"}
OUTSIDE = {"organizations", "users"}  # which point at what belongs to no organization
TABLES = [
    pytest.param(name, marks=() if name in SUITE else pytest.mark.exhaustive)
    for name in sorted(records().keys() - OUTSIDE)
]


def made_anew(connection: sa.Connection, name: str) -> tuple[list[Any], list[Any]]:
    """Drop a table, make it by its draft, and return what it lacked before and lacks after."""
    table = Base.metadata.tables[name]
    context = MigrationContext.configure(
        connection,
        opts={"include_object": lambda _, one, kind, *__: kind != "table" or one == name},
    )
    connection.execute(sa.text(f"DROP TABLE {name} CASCADE"))
    before = compare_metadata(context, Base.metadata)
    code = render_python_code(
        ops.UpgradeOps([draft.CreateRecord(table)]), migration_context=context
    )
    names = {
        "sa": sa,
        "postgresql": postgresql,
        "migration_operations": migration_operations,
        "text_key_sql": text_key_sql,
    }
    with Operations.context(context) as op:
        exec(cleandoc(code), {"op": op, **names})
    return before, compare_metadata(context, Base.metadata)


@pytest.mark.parametrize("name", TABLES)
async def test_a_draft_makes_the_table_of_a_record_as_its_model_has_it(
    engine: AsyncEngine, name: str
) -> None:
    async with engine.connect() as connection:
        before, after = await connection.run_sync(made_anew, name)
        await connection.rollback()
    assert before
    assert after == []
