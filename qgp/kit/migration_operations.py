"""Operations of migrations; the SQL that an operation emits never changes."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from qgp.kit import row_security, text_key_sql, trail_triggers

FILL_FACTOR = 90  # percent of a page that new rows fill, in tables whose rows are changed


def set_timeouts() -> None:
    """Set lock and statement timeouts; every migration begins with this."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '60s'")


def execute(*groups: Iterable[str]) -> None:
    """Execute groups of statements, as `qgp.kit.row_security` and `trail_triggers` return them."""
    for group in groups:
        for statement in group:
            op.execute(statement)


def execute_literally(statements: Iterable[str]) -> None:
    """Execute statements that may have any character, colons included."""
    for statement in statements:
        op.execute(sa.text(statement.replace(":", "\\:")))


def add_text_keys(table: str, keys: Mapping[str, str]) -> None:
    """Add the key columns of `qgp.kit.text_keys` and the trigger that fills them.

    Args:
        table: its name.
        keys: as `text_key_sql.keys` returns them.
    """
    for column in keys:
        kind = sa.Text(collation="C") if column.endswith("_sort") else sa.Text()
        op.add_column(table, sa.Column(column, kind), if_not_exists=True)
    execute_literally(text_key_sql.trigger(table, keys))


def drop_text_keys(table: str, keys: Mapping[str, str]) -> None:
    """Drop the columns and the trigger that `add_text_keys` adds."""
    execute_literally(text_key_sql.no_trigger(table))
    for column in keys:
        op.drop_column(table, column)


@contextmanager
def short_transaction() -> Iterator[None]:
    """Run the block in a transaction of its own, inside an `autocommit_block`."""
    op.execute("BEGIN")
    set_timeouts()
    yield
    op.execute("COMMIT")


def fill_text_keys(table: str, keys: Mapping[str, str]) -> None:
    """Fill the missing keys of rows, in short transactions of 5,000 rows each."""
    statement = sa.text(_FILL.format(**_fill_parts(table, keys)))
    reached: Any = {"organization_id": _NIL, "id": _NIL}
    while reached is not None:
        with short_transaction(), without_triggers(table):
            row = op.get_bind().execute(statement, reached).mappings().one_or_none()
        reached = None if row is None else dict(row)


_NIL = UUID(int=0)
_FILL = """
WITH batch AS (
  SELECT organization_id, id FROM {table}
  WHERE (organization_id, id) > (CAST(:organization_id AS uuid), CAST(:id AS uuid))
  ORDER BY organization_id, id LIMIT 5000
), filled AS (
  UPDATE {table} SET {values} FROM batch
  WHERE {table}.organization_id = batch.organization_id AND {table}.id = batch.id AND ({lacks})
)
SELECT organization_id, id FROM batch ORDER BY organization_id DESC, id DESC LIMIT 1
"""


def _fill_parts(table: str, keys: Mapping[str, str]) -> Mapping[str, str]:
    expressions = {column: sql.replace("NEW.", f"{table}.") for column, sql in keys.items()}
    values = ", ".join(f"{column} = {sql}" for column, sql in expressions.items())
    lacks = " OR ".join(
        f"{column} IS NULL AND {text} IS NOT NULL"
        for column, sql in expressions.items()
        for text in re.findall(rf"{table}\.\w+", sql)
    )
    return {"table": table, "values": values.replace(":", "\\:"), "lacks": lacks}


def index_sort_keys(table: str, keys: Iterable[str]) -> None:
    """Create the indexes of sort keys, each in a short transaction.

    Not concurrently: that would wait for the transaction that holds the migration lock.
    """
    for column in keys:
        if column.endswith("_sort"):
            name, columns = f"ix_{table}_{column}", f"organization_id, {column}, id"
            with short_transaction():
                op.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {table} ({columns})")


def enum_column(table: str, name: str, *values: str, nullable: bool = False) -> Sequence[Any]:
    """Return a text column and the check that limits it to the values of an enum."""
    listed = ", ".join(f"'{value}'" for value in values)
    rule = sa.CheckConstraint(f"{name} IN ({listed})", name=op.f(f"ck_{table}_{name}"))
    return sa.Column(name, sa.String(40), nullable=nullable), rule


def check_constraints(table: str, **rules: str) -> Sequence[sa.CheckConstraint]:
    """Return the check constraints of a table: rules in SQL, by name."""
    return [
        sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}")) for name, rule in rules.items()
    ]


def create_indexes(table: str, **indexes: Sequence[str]) -> None:
    """Create indexes of columns within the organization, by name."""
    for name, columns in indexes.items():
        listed = ", ".join(["organization_id", *columns])
        op.execute(f"CREATE INDEX ix_{table}_{name} ON {table} ({listed})")


def create_index_of_set(table: str, column: str, *order: str) -> None:
    """Create the index of a column's rows in an order, without the rows where it is null."""
    columns = ["organization_id", column, *order]
    where = sa.text(f"{column} IS NOT NULL")
    name = f"ix_{table}_{column}"
    op.create_index(name, table, columns, if_not_exists=True, postgresql_where=where)


def leave_room(*tables: str) -> None:
    """Keep a tenth of each page free for the next versions of its rows.

    A version on the same page, none of whose indexed columns has changed, needs no entry in any
    index (a HOT update).
    """
    for table in tables:
        op.execute(f"ALTER TABLE {table} SET (fillfactor = {FILL_FACTOR})")


def leave_no_room(*tables: str) -> None:
    """Undo `leave_room`."""
    for table in tables:
        op.execute(f"ALTER TABLE {table} RESET (fillfactor)")


def create_organization_table(table: str, *parts: Any, key: Sequence[str], grants: str) -> None:
    """Create a table of an organization's rows that are no records: counters, keys, entries."""
    owner = sa.Column("organization_id", sa.Uuid(), nullable=False)
    primary = sa.PrimaryKeyConstraint("organization_id", *key, name=op.f(f"pk_{table}"))
    op.create_table(table, owner, *parts, primary)
    execute(row_security.own_rows(table, grants=grants))


def create_record_table(
    table: str, *parts: Any, refs: dict[str, str] | None = None, required: Sequence[str] = ()
) -> None:
    """Create the table of a record with its keys, indexes, row security and trail trigger.

    Args:
        table: its name.
        parts: its own columns and constraints.
        refs: columns that refer to records, each with an index: table by column.
        required: the columns of `refs` that are not nullable.
    """
    references = refs or {}
    op.create_table(
        table,
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *parts,
        *[sa.Column(name, sa.Uuid(), nullable=name not in required) for name in references],
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Uuid()),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.Uuid()),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f(f"pk_{table}")),
    )
    for name, target in references.items():
        create_indexes(table, **{f"organization_id_{name}": [name]})
        create_reference(table, name, target)
    _create_foreign_key(table, ["organization_id"], "organizations", ["id"])
    execute(row_security.own_rows(table), trail_triggers.recorded(table))


def create_reference(table: str, column: str, target: str) -> None:
    """Create the foreign key of a column that refers to records of the same organization."""
    _create_foreign_key(table, ["organization_id", column], target, ["organization_id", "id"])


def _create_foreign_key(
    table: str, columns: Sequence[str], target: str, referenced: Sequence[str]
) -> None:
    """Create a foreign key in SQL: for each, alembic would make objects of both tables."""
    op.execute(
        f"ALTER TABLE {table} ADD CONSTRAINT fk_{table}_{'_'.join(columns)} "
        f"FOREIGN KEY({', '.join(columns)}) REFERENCES {target} ({', '.join(referenced)})"
    )


def create_author_references(*tables: str) -> None:
    """Create the foreign keys of `created_by_id` and `updated_by_id` to users."""
    for table in tables:
        create_reference(table, "created_by_id", "users")
        create_reference(table, "updated_by_id", "users")


def unique_in_organization(*columns: str, table: str) -> sa.UniqueConstraint:
    """Return the unique constraint of columns within an organization."""
    name = op.f(f"uq_{table}_organization_id_{'_'.join(columns)}")
    return sa.UniqueConstraint("organization_id", *columns, name=name)


def subject_columns(name: str = "subject", *, nullable: bool = False) -> Sequence[sa.Column[Any]]:
    """Return the columns of a record's subject: its kind, and its id without a foreign key."""
    return (
        sa.Column(f"{name}_type", sa.String(40), nullable=nullable),
        sa.Column(f"{name}_id", sa.Uuid(), nullable=nullable),
    )


@contextmanager
def without_triggers(table: str) -> Iterator[None]:
    """Disable the triggers, and row security of the table's owner, within the block.

    For columns that the audit trail does not record.
    """
    op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    op.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def subject_check(table: str, name: str = "subject") -> sa.CheckConstraint:
    """Return the check that kind and id of a subject are both null or both set."""
    rule = f"({name}_type IS NULL) = ({name}_id IS NULL)"
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def create_subject_index(table: str, *order: str) -> None:
    """Create the index of the list below a subject, in its order."""
    columns = ["organization_id", "subject_id", *order]
    op.create_index(op.f(f"ix_{table}_of_subject"), table, columns)
