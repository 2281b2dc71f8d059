"""Every index has a reason that the schema declares, and every such reason has its index."""

import re
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from qgp.app import Application
from qgp.kit.indexes import Serves
from qgp.kit.migration_operations import FILL_FACTOR
from qgp.kit.model import records
from qgp.kit.session import Scope
from qgp.kit.workflow import Stateful
from tests import factories
from tests.company import Company
from tests.kit.column_uses import column_uses
from tests.kit.index_table import DOCUMENT, PRIMARY, START, Index, declared, rows
from tests.kit.work import work_of

IN_DATABASE = """
SELECT c.relname AS table, i.indexrelid::regclass::text AS name, i.indisunique AS is_unique,
  pg_get_expr(i.indpred, i.indrelid) AS condition,
  ARRAY(SELECT trim(pg_get_indexdef(i.indexrelid, n, true), '"')
    FROM generate_series(1, i.indnkeyatts) n) AS columns
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
WHERE c.relnamespace = 'public'::regnamespace AND c.relname !~ '^(alembic|pgqueuer)'
  AND NOT c.relispartition ORDER BY 1, 2
"""
POINTING = """
SELECT c.conrelid::regclass::text, c.confrelid::regclass::text, a.attname FROM pg_constraint c
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[cardinality(c.conkey)]
WHERE c.contype = 'f'
"""
# The history of a record is read by an expression; there are few standards, templates, programmes
# and webhook endpoints.
WITHOUT = {
    *(("audit_entries", "entity_id"), ("standards", "code")),
    *(("template_versions", "status"), ("audit_programmes", "status")),
    ("webhook_endpoints", "status"),
}
IS_SET = " IS NOT NULL"
DECLARED = {index.name: index for index in declared()}


async def rows_of(application: Application, statement: str) -> Sequence[Any]:
    async with application.engine.connect() as connection:
        return (await connection.execute(sa.text(statement))).all()


def first_of(columns: Sequence[str]) -> str:
    """Return the column that decides what an index is for."""
    return next((column for column in columns if column != "organization_id"), columns[0])


async def test_the_database_has_the_indexes_that_are_declared_and_no_others(
    application: Application,
) -> None:
    stored = {row.name: row for row in await rows_of(application, IN_DATABASE)}
    assert stored.keys() == DECLARED.keys()
    for name, index in DECLARED.items():
        row = stored[name]
        assert row.is_unique == index.is_unique, name
        if index.where is None or index.where.endswith(IS_SET):
            assert row.condition == (index.where and f"({index.where})"), name
        else:
            assert row.condition, name
        if all(column.isidentifier() for column in index.columns):
            assert row.columns == [*index.columns], name


def test_the_reason_of_an_index_is_a_use_of_its_first_column() -> None:
    derived = {*Serves} - {Serves.RULE}
    for name, index in DECLARED.items():
        assert index.reasons, name
        uses = column_uses().get((index.table, first_of(index.columns)), set())
        assert derived.intersection(index.reasons) <= uses, name
        is_rule = index.is_unique and index.where is not None
        assert (Serves.RULE in index.reasons) == is_rule, name


def test_lists_open_and_pending_work_and_deletions_are_served_by_an_index() -> None:
    begun = {
        (index.table, first_of(index.columns))
        for index in DECLARED.values()
        if index.where in {None, f"{first_of(index.columns)}{IS_SET}"}
    }
    needed = {Serves.LIST, Serves.OPEN_WORK, Serves.PENDING_WORK, Serves.DELETION}
    bare = {key for key, uses in column_uses().items() if uses & needed} - begun
    assert bare == WITHOUT


async def test_rows_that_are_deleted_have_an_index_behind_each_foreign_key_at_them(
    application: Application,
) -> None:
    begun = {(index.table, first_of(index.columns)) for index in DECLARED.values()}
    removable = {table for table, kind in records().items() if kind.removable}
    pointing = await rows_of(application, POINTING)
    assert {target for _, target, _ in pointing} & removable
    for table, target, column in pointing:
        assert target not in removable or (table, column) in begun, (table, column)


def is_covered(index: Index, other: Index) -> bool:
    """Tell whether another index begins with the columns of one that is no rule."""
    is_rule = index.is_unique
    begins = [*other.columns[: len(index.columns)]] == [*index.columns]
    return not is_rule and begins and other.where in {None, index.where}


def test_no_index_is_the_beginning_of_another() -> None:
    pairs = [
        (index.name, other.name)
        for index in DECLARED.values()
        for other in DECLARED.values()
        if index.table == other.table and index is not other and is_covered(index, other)
    ]
    assert pairs == []


def test_the_document_lists_every_index_with_its_reason() -> None:
    text = DOCUMENT.read_text()
    _, start, listed = text.partition(START)
    assert start
    assert listed == rows(), "write it anew: make indexes"
    names = set(re.findall(r"\| `(\w+)` \|", listed))
    assert names == {name for name, one in DECLARED.items() if one.reasons != [PRIMARY]}


OPTIONS = "SELECT relname FROM pg_class WHERE reloptions @> ARRAY['fillfactor={}'] ORDER BY 1"


async def test_pages_of_rows_that_are_changed_have_room_for_their_next_versions(
    application: Application,
) -> None:
    roomy = await rows_of(application, OPTIONS.format(FILL_FACTOR))
    stateful = {table for table, kind in records().items() if issubclass(kind, Stateful)}
    per_command = {"audit_heads", "idempotency_keys", "reference_counters"}
    assert {row.relname for row in roomy} == stateful | per_command


async def changes(company: Company, update: str) -> tuple[int, int]:
    """Count the changed rows of an update, and those of which no index had to learn."""
    counts = """SELECT sum(n_tup_upd)::int, sum(n_tup_hot_upd)::int
        FROM pg_stat_xact_user_tables WHERE relname IN ('evidence_links', 'findings')"""
    async with company.application.database.read(Scope(company.organization_id)) as session:
        await session.execute(sa.text("SET LOCAL transaction_read_only = 'off'"))
        before = (await session.execute(sa.text(counts))).one()
        await session.execute(sa.text(update))
        after = (await session.execute(sa.text(counts))).one()
    return after[0] - before[0], after[1] - before[1]


async def test_a_change_of_no_indexed_column_leaves_the_indexes_alone(company: Company) -> None:
    async with work_of(company) as work:
        finding = await work.add(factories.finding())
        evidence = await work.add(factories.evidence_item(finding))
        standard = await work.add(factories.standard())
        clause = await work.add(factories.clause(standard.id))
        await work.add(factories.evidence_link(evidence.id, clause.id))
    moved = "UPDATE evidence_links SET status = 'CONFIRMED', decided_at = now(), version = 2"
    assert await changes(company, moved) == (1, 1)
    written = "UPDATE findings SET root_cause = 'x', updated_at = now(), version = 2"
    assert await changes(company, written) == (1, 1)
    # Lists of findings are filtered by status, so that an index has to learn of each.
    opened = "UPDATE findings SET status = 'OPEN', version = 2"
    assert await changes(company, opened) == (1, 0)
