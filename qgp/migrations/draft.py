"""Drafts of migrations: numbering, and new records by `qgp.kit.migration_operations`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import renderers
from alembic.autogenerate.api import AutogenContext
from alembic.operations import ops
from alembic.runtime.migration import MigrationContext
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import Table

from qgp.kit import text_keys
from qgp.kit.model import Record, records
from qgp.kit.workflow import Stateful

_OF_EVERY_RECORD = {"organization_id", *Record.__annotations__}


class CreateRecord(ops.MigrateOperation):
    """Creation of the table of a record, with its indexes and constraints."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def reverse(self) -> "DropRecord":
        """Return the opposite operation."""
        return DropRecord(self.table)


class DropRecord(ops.MigrateOperation):
    """Removal of the table of a record."""

    def __init__(self, table: Table) -> None:
        self.table = table


def write(context: MigrationContext, _: Any, scripts: Sequence[ops.MigrationScript]) -> None:
    """Number a draft and replace its new records: alembic's `process_revision_directives`."""
    for script in scripts:
        head = context.script.get_current_head() if context.script else None
        script.rev_id = f"{int(head or 0) + 1:04}"
        if script.upgrade_ops is not None and script.downgrade_ops is not None:
            created = list(_with_records(script.upgrade_ops.ops))
            tables = [one.table for one in created if isinstance(one, CreateRecord)]
            names = {table.name for table in tables}
            script.upgrade_ops.ops = created
            script.downgrade_ops.ops = [
                *map(DropRecord, reversed(tables)),
                *[one for one in script.downgrade_ops.ops if _table_of(one) not in names],
            ]


def _with_records(operations: Iterable[ops.MigrateOperation]) -> Iterator[ops.MigrateOperation]:
    """Replace the creation of each record's table and of its indexes."""
    created: set[str] = set()
    for one in operations:
        name = _table_of(one)
        if isinstance(one, ops.CreateTableOp) and name in records():
            created.add(name)
            yield CreateRecord(records()[name].metadata.tables[name])
        elif name not in created:
            yield one


def _table_of(operation: Any) -> str:
    return str(getattr(operation, "table_name", ""))


@renderers.dispatch_for(CreateRecord)
def _create(context: AutogenContext, operation: CreateRecord) -> list[str]:
    table = operation.table
    refs = _references(table)
    indexed = {name: target for name, (target, has_index) in refs.items() if has_index}
    required = [name for name in indexed if not table.columns[name].nullable]
    parts = [
        *[_column(context, column) for column in table.columns if _is_own(column, indexed)],
        *_constraints(table),
        *([f"refs={indexed!r}"] if indexed else []),
        *([f"required={required!r}"] if required else []),
    ]
    lines = [f"migration_operations.create_record_table({table.name!r}, {', '.join(parts)})"]
    lines += [
        f"migration_operations.create_reference({table.name!r}, {name!r}, {target!r})"
        for name, (target, has_index) in refs.items()
        if not has_index
    ]
    lines.append(f"migration_operations.create_author_references({table.name!r})")
    if issubclass(records()[table.name], Stateful):
        lines.append(f"migration_operations.leave_room({table.name!r})")
    if keys := _keys(context, table):
        lines.append(f"migration_operations.add_text_keys({table.name!r}, {keys})")
    return lines + [_index(context, one) for one in _indexes(table, indexed)]


@renderers.dispatch_for(DropRecord)
def _drop(context: AutogenContext, operation: DropRecord) -> list[str]:
    table = operation.table
    keys = _keys(context, table)
    gone = [f"migration_operations.drop_text_keys({table.name!r}, {keys})"] if keys else []
    return [*gone, f"op.drop_table({table.name!r})"]


def _references(table: Table) -> Mapping[str, tuple[str, bool]]:
    """Return the target of each foreign key, and whether it has an index of every row."""
    return {
        column.name: (column.info["ref"], bool(column.info["serves"]) and not column.nullable)
        for column in table.columns
        if "ref" in column.info and column.name not in _OF_EVERY_RECORD
    }


def _is_own(column: sa.Column[Any], indexed: Mapping[str, str]) -> bool:
    is_made = column.name in _OF_EVERY_RECORD or column.info.get(text_keys.DERIVED)
    return not is_made and column.name not in indexed


def _column(context: AutogenContext, column: sa.Column[Any]) -> str:
    """Return the column as SQLAlchemy's, or as a choice from a closed set."""
    table = column.table.name
    if isinstance(column.type, sa.Enum):
        values = "".join(f", {value!r}" for value in column.type.enums)
        nullable = ", nullable=True" if column.nullable else ""
        return f"*migration_operations.enum_column({table!r}, {column.name!r}{values}{nullable})"
    added = renderers.dispatch(ops.AddColumnOp(table, column))(
        context, ops.AddColumnOp(table, column)
    )
    return str(added).removeprefix(f"op.add_column({table!r}, ").removesuffix(")")


def _constraints(table: Table) -> Iterator[str]:
    """Yield the unique and check constraints of a table."""
    for rule in _sorted(table.constraints):
        if isinstance(rule, sa.UniqueConstraint):
            yield _unique(table.name, rule)
    rules = {
        str(rule.name).removeprefix(f"ck_{table.name}_"): _sql(rule.sqltext)
        for rule in _sorted(table.constraints)
        if isinstance(rule, sa.CheckConstraint) and not _is_choice(rule)
    }
    if rules:
        named = ", ".join(f"{name}={rule!r}" for name, rule in rules.items())
        yield f"*migration_operations.check_constraints({table.name!r}, {named})"


def _unique(table: str, rule: sa.UniqueConstraint) -> str:
    """Return a unique constraint, in short form if its name and treatment of nulls are standard."""
    columns = [one.name for one in rule.columns]
    more = "".join(f", {name}={value!r}" for name, value in rule.dialect_kwargs.items())
    if rule.name == f"uq_{table}_{'_'.join(columns)}" and not more:
        named = ", ".join(map(repr, columns[1:]))
        return f"migration_operations.unique_in_organization({named}, table={table!r})"
    return (
        f"sa.UniqueConstraint({', '.join(map(repr, columns))}, name=op.f({str(rule.name)!r}){more})"
    )


def _is_choice(rule: sa.CheckConstraint) -> bool:
    return len(rule.columns) == 1 and isinstance(next(iter(rule.columns)).type, sa.Enum)


def _keys(context: AutogenContext, table: Table) -> str:
    """Return the keys of the texts by which lists are filtered and ordered."""
    texts = {
        column.name: column.info[text_keys.TEXT_KEY]
        for column in table.columns
        if text_keys.TEXT_KEY in column.info
    }
    if not texts:
        return ""
    context.imports.add("from qgp.kit import text_key_sql")
    searched = [name for name, is_sorted in texts.items() if not is_sorted]
    return f"text_key_sql.keys({searched!r}, {[name for name in texts if name not in searched]!r})"


def _indexes(table: Table, indexed: Mapping[str, str]) -> Iterator[sa.Index]:
    implied = {f"ix_{table.name}_organization_id_{name}" for name in indexed}
    return (one for one in _sorted(table.indexes) if str(one.name) not in implied)


def _index(context: AutogenContext, index: sa.Index) -> str:
    """Return an index of columns in short, and any other as alembic writes it."""
    assert index.table is not None
    table = index.table.name
    columns = [one.name for one in index.columns]
    name = str(index.name).removeprefix(f"ix_{table}_")
    is_plain = (
        not index.unique and not index.dialect_kwargs and len(columns) == len(index.expressions)
    )
    if is_plain and columns[0] == "organization_id" and name.isidentifier() and name != index.name:
        return f"migration_operations.create_indexes({table!r}, {name}={columns[1:]!r})"
    operation = ops.CreateIndexOp.from_index(index)
    return str(renderers.dispatch(operation)(context, operation))


def _sorted(named: Iterable[Any]) -> Sequence[Any]:
    return sorted(named, key=lambda one: str(one.name))


def _sql(clause: sa.ColumnElement[Any]) -> str:
    dialect: Any = postgresql.dialect()  # type: ignore[no-untyped-call]
    return str(clause.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
