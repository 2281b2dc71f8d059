"""Operations of migrations; the SQL that an operation emits never changes."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from qgp.kit import row_security, text_key_sql


def start() -> None:
    """Set lock and statement timeouts; every migration begins with this."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '60s'")


def run(*groups: Iterable[str]) -> None:
    """Execute the statements of `qgp.kit.row_security`."""
    for group in groups:
        for statement in group:
            op.execute(statement)


def define(statements: Iterable[str]) -> None:
    """Execute statements that may have any character, colons included."""
    for statement in statements:
        op.execute(sa.text(statement.replace(":", "\\:")))


def text_keys(table: str, keys: Mapping[str, str]) -> None:
    """Add the key columns of `qgp.kit.text_keys` and the trigger that fills them.

    Args:
        table: its name.
        keys: as `text_key_sql.keys` returns them.
    """
    for column in keys:
        kind = sa.Text(collation="C") if column.endswith("_sort") else sa.Text()
        op.add_column(table, sa.Column(column, kind), if_not_exists=True)
    define(text_key_sql.trigger(table, keys))


def no_text_keys(table: str, keys: Mapping[str, str]) -> None:
    """Drop the columns and the trigger that `text_keys` adds."""
    define(text_key_sql.no_trigger(table))
    for column in keys:
        op.drop_column(table, column)


@contextmanager
def short_transaction() -> Iterator[None]:
    """Run the block in a transaction of its own, inside an `autocommit_block`."""
    op.execute("BEGIN")
    start()
    yield
    op.execute("COMMIT")


def fill_text_keys(table: str, keys: Mapping[str, str]) -> None:
    """Fill the missing keys of rows, in short transactions of 5,000 rows each."""
    statement = sa.text(_FILL.format(**_filling(table, keys)))
    reached: Any = {"organization_id": _NIL, "id": _NIL}
    while reached is not None:
        with short_transaction(), rewriting(table):
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


def _filling(table: str, keys: Mapping[str, str]) -> Mapping[str, str]:
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
            columns = ["organization_id", column, "id"]
            with short_transaction():
                op.create_index(f"ix_{table}_{column}", table, columns, if_not_exists=True)


def choice(table: str, name: str, *values: str, nullable: bool = False) -> Sequence[Any]:
    """Return a text column and its check that limits it to a closed set."""
    listed = ", ".join(f"'{value}'" for value in values)
    rule = sa.CheckConstraint(f"{name} IN ({listed})", name=op.f(f"ck_{table}_{name}"))
    return sa.Column(name, sa.String(40), nullable=nullable), rule


def checks(table: str, **rules: str) -> Sequence[sa.CheckConstraint]:
    """Return the check constraints of a table: rules in SQL, by name."""
    return [
        sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}")) for name, rule in rules.items()
    ]


def index(table: str, **indexes: Sequence[str]) -> None:
    """Create indexes of columns within the organization, by name."""
    for name, columns in indexes.items():
        op.create_index(f"ix_{table}_{name}", table, ["organization_id", *columns])


def create_owned(table: str, *parts: Any, key: Sequence[str], grants: str) -> None:
    """Create a table with rows of organizations that are no records: counters, keys, entries."""
    owner = sa.Column("organization_id", sa.Uuid(), nullable=False)
    primary = sa.PrimaryKeyConstraint("organization_id", *key, name=op.f(f"pk_{table}"))
    op.create_table(table, owner, *parts, primary)
    run(row_security.own_rows(table, grants=grants))


def create_record(
    table: str, *parts: Any, refs: dict[str, str] | None = None, required: Sequence[str] = ()
) -> None:
    """Create the table of a record with its keys, indexes, row security and trail trigger.

    Args:
        table: its name.
        parts: its own columns and constraints.
        refs: columns that point at records of other tables, each with an index.
        required: the columns of `refs` that are not nullable.
    """
    pointers = refs or {}
    op.create_table(
        table,
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *parts,
        *[sa.Column(name, sa.Uuid(), nullable=name not in required) for name in pointers],
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Uuid()),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.Uuid()),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f(f"pk_{table}")),
    )
    for name, target in pointers.items():
        op.create_index(
            op.f(f"ix_{table}_organization_id_{name}"), table, ["organization_id", name]
        )
        point(table, name, target)
    owner = op.f(f"fk_{table}_organization_id")
    op.create_foreign_key(owner, table, "organizations", ["organization_id"], ["id"])
    run(row_security.record(table))


def point(table: str, column: str, target: str) -> None:
    """Create the foreign key of a column that points at records of the same organization."""
    columns, referenced = ["organization_id", column], ["organization_id", "id"]
    name = op.f(f"fk_{table}_organization_id_{column}")
    op.create_foreign_key(name, table, target, columns, referenced)


def people(*tables: str) -> None:
    """Create the foreign keys of `created_by_id` and `updated_by_id` to users."""
    for table in tables:
        point(table, "created_by_id", "users")
        point(table, "updated_by_id", "users")


def shared(*columns: str, table: str) -> sa.UniqueConstraint:
    """Return the unique constraint of columns within an organization."""
    name = op.f(f"uq_{table}_organization_id_{'_'.join(columns)}")
    return sa.UniqueConstraint("organization_id", *columns, name=name)


def subject(name: str = "subject", *, nullable: bool = False) -> Sequence[sa.Column[Any]]:
    """Return the columns of a record's subject: its kind, and its id without a foreign key."""
    return (
        sa.Column(f"{name}_type", sa.String(40), nullable=nullable),
        sa.Column(f"{name}_id", sa.Uuid(), nullable=nullable),
    )


@contextmanager
def rewriting(table: str) -> Iterator[None]:
    """Disable row security of the table's owner, and the triggers, within the block.

    For columns that the audit trail does not record.
    """
    op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    op.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def both_or_neither(table: str, name: str = "subject") -> sa.CheckConstraint:
    """Return the check that kind and id of a subject are both null or both set."""
    rule = f"({name}_type IS NULL) = ({name}_id IS NULL)"
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def index_subject(table: str, *order: str) -> None:
    """Create the index of the list below a subject, in its order."""
    columns = ["organization_id", "subject_id", *order]
    op.create_index(op.f(f"ix_{table}_of_subject"), table, columns)
