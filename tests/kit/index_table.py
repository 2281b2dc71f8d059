"""Table of every index with its reason; `make indexes` writes it into docs/indexes.md."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from qgp import schema
from qgp.kit.indexes import REASONS
from qgp.kit.model import Base

DOCUMENT = Path(__file__).parents[2] / "docs" / "indexes.md"
START = "| Table | Index | Columns | Serves |\n|---|---|---|---|\n"
# Those of `kit.audit`.
PRIMARY, UNIQUE = "primary key", "rule: unique"
_DIALECT: Any = postgresql.dialect()  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class Index:
    """Index of a model.

    Attributes:
        columns: names or expressions, the organization included.
        where: its condition; None where it has every row.
    """

    table: str
    name: str
    columns: Sequence[str]
    where: str | None
    is_unique: bool
    reasons: Sequence[str]

    @property
    def row(self) -> str:
        """Its row of the document."""
        columns = [column for column in self.columns if column != "organization_id"]
        shown = ", ".join(columns or self.columns)
        where = f" where {self.where}" if self.where else ""
        return f"| {self.table} | `{self.name}` | {shown}{where} | {'; '.join(self.reasons)} |\n"


def declared() -> Iterator[Index]:
    """Yield the indexes of the models, those of their constraints included."""
    schema.import_models()
    for name, table in sorted(Base.metadata.tables.items()):
        for rule in table.constraints:
            columns = [column.name for column in getattr(rule, "columns", ())]
            if isinstance(rule, sa.PrimaryKeyConstraint):
                yield Index(name, _name(rule), columns, None, True, [PRIMARY])
            elif isinstance(rule, sa.UniqueConstraint):
                yield Index(name, _name(rule), columns, None, True, [UNIQUE])
        for index in table.indexes:
            where = index.dialect_options["postgresql"].get("where")
            yield Index(
                name,
                _name(index),
                [_sql(column) for column in index.expressions],
                None if where is None else _sql(where),
                bool(index.unique),
                _reasons(index),
            )


def rows() -> str:
    """Return the rows of the document: every index but the primary keys."""
    shown = [index for index in declared() if index.reasons != [PRIMARY]]
    return "".join(index.row for index in sorted(shown, key=lambda one: (one.table, one.name)))


def _reasons(index: sa.Index) -> Sequence[str]:
    reasons: Sequence[str] = index.info.get(REASONS, ())
    return reasons


def _name(one: sa.Index | sa.Constraint) -> str:
    """Return the name as the database has it, which cuts long ones."""
    preparer = _DIALECT.identifier_preparer
    named = preparer.format_index if isinstance(one, sa.Index) else preparer.format_constraint
    return str(named(one))


def _sql(clause: Any) -> str:
    if isinstance(clause, sa.Column):
        return str(clause.name)
    text = str(clause.compile(dialect=_DIALECT, compile_kwargs={"literal_binds": True}))
    return " ".join(text.split())


if __name__ == "__main__":
    head, start, _ = DOCUMENT.read_text().partition(START)
    DOCUMENT.write_text(head + START + rows())
