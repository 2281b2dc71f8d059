"""Statements that are compiled once."""

import pytest
import sqlalchemy as sa

from qgp.kit import ids
from qgp.kit.precompiled import Precompiled
from qgp.kit.session import Scope
from qgp.kit.statement_counter import counted
from tests.company import Company

STATEMENT = Precompiled(sa.select(sa.literal(2).label("two"), sa.bindparam("text", type_=sa.Text)))


async def test_a_constant_stays_and_a_parameter_takes_each_value(company: Company) -> None:
    async with company.application.database.read(Scope(ids.uuid7())) as session:
        connection = await session.connection()
        for value in ("'; --", ":given", None):
            outcome = await connection.run_sync(STATEMENT.run, {"text": value})
            assert [*outcome.rows] == [(2, value)]


async def test_a_list_of_constants_is_a_parameter_for_each_of_its_values(company: Company) -> None:
    text = sa.bindparam("text", type_=sa.Text)
    is_listed = Precompiled(sa.select(text.in_(["a", "b"]), text.in_([])))
    assert is_listed.size == 3
    async with company.application.database.read(Scope(ids.uuid7())) as session:
        connection = await session.connection()
        for value, expected in (("a", True), ("b", True), ("c", False)):
            outcome = await connection.run_sync(is_listed.run, {"text": value})
            assert [*outcome.rows] == [(expected, False)]


async def test_a_parameter_without_a_value_is_refused(company: Company) -> None:
    async with company.application.database.read(Scope(ids.uuid7())) as session:
        connection = await session.connection()
        with pytest.raises(KeyError, match="text"):
            await connection.run_sync(STATEMENT.run, {})


async def test_an_error_is_that_of_sqlalchemy_and_statements_are_counted(
    company: Company,
) -> None:
    divide = Precompiled(sa.select(sa.literal(1) / sa.bindparam("by", type_=sa.Integer)))
    async with company.application.database.read(Scope(ids.uuid7())) as session:
        connection = await session.connection()
        with counted() as count:
            assert (await connection.run_sync(divide.run, {"by": 1})).affected == 1
            with pytest.raises(sa.exc.DBAPIError, match="division by zero") as refused:
                await connection.run_sync(divide.run, {"by": 0})
    assert count.statements == 2
    assert refused.value.orig is not None
    assert refused.value.orig.sqlstate == "22012"  # type: ignore[attr-defined]
