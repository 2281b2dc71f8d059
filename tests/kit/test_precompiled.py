"""Statements that are compiled once."""

import pytest
import sqlalchemy as sa

from qgp.kit import ids
from qgp.kit.precompiled import Precompiled
from qgp.kit.session import Scope
from tests.company import Company

STATEMENT = Precompiled(sa.select(sa.literal(2).label("two"), sa.bindparam("text", type_=sa.Text)))


async def test_a_constant_stays_and_a_parameter_takes_each_value(company: Company) -> None:
    async with company.application.database.read(Scope(ids.uuid7())) as session:
        connection = await session.connection()
        for value in ("'; --", ":given", None):
            result = await connection.run_sync(STATEMENT.run, {"text": value})
            assert result.one() == (2, value)


async def test_a_parameter_without_a_value_is_refused(company: Company) -> None:
    async with company.application.database.read(Scope(ids.uuid7())) as session:
        connection = await session.connection()
        with pytest.raises(KeyError, match="text"):
            await connection.run_sync(STATEMENT.run, {})
