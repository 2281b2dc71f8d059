"""Seals: the content that an electronic signature covers, declared by column (21 CFR 11.70).

A signature keeps a manifest: the sealed columns of each table, and the sealed rows with their
versions. Later releases may seal other columns; what is signed is judged by its own manifest.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from qgp.kit import audit_content
from qgp.kit.former_names import sealed_fields
from qgp.kit.model import Record, records

if TYPE_CHECKING:
    from qgp.kit.loader import Reads

Manifest = dict[str, Any]


@dataclass(frozen=True)
class SealedRows:
    """Rows that belong to sealed content.

    Attributes:
        table: of the rows.
        parent: their column that points at the row that they belong to.
        seal: their sealed content; None for the one that their kind declares.
        rows: that belong to them and are sealed beside that content.
        field: of the parent's type, which shows the rows. A row that is added or removed changes
            it. Rows without one are sealed one by one: one that is added later is not sealed.
    """

    table: str
    parent: str
    seal: "Seal | None" = None
    rows: "Sequence[SealedRows]" = ()
    field: str | None = None

    @property
    def model(self) -> Any:
        """The kind of the rows."""
        return records()[self.table]

    @property
    def content(self) -> "Seal":
        """Their sealed content."""
        content = self.seal or seal_of(self.model)
        return replace(content, rows=(*content.rows, *self.rows))


@dataclass(frozen=True)
class Seal:
    """Sealed content of a record.

    Attributes:
        columns: of the record; empty for all of them.
        rows: that belong to it.
        if_set: further columns, which are sealed where they have a value when the record is signed:
            the results of later steps.
    """

    columns: Sequence[str] = ()
    rows: Sequence[SealedRows] = ()
    if_set: Sequence[str] = ()

    def of(self, model: type[Record], signed: Any = None) -> Sequence[str]:
        """Return the sealed columns, under the names that never change.

        Args:
            model: the kind of the rows.
            signed: the signed record itself; None for rows that belong to it.
        """
        columns = [*(self.columns or audit_content.content_columns(model))]
        columns += [name for name in self.if_set if getattr(signed, name, None) is not None]
        return sorted(sealed_fields(model.__tablename__, dict.fromkeys(columns)))


class SealedField(NamedTuple):
    """A field whose rows are sealed as a whole.

    Attributes:
        table: of the rows.
        column: of theirs, which points at the record.
        parent: table of the record.
        name: of the field.
    """

    table: str
    column: str
    parent: str
    name: str


def seal_of(model: type[Record]) -> Seal:
    """Return the content that a signature of a record seals; all columns where none is declared.

    Raises:
        ValueError: the record has states, and no declared content.
    """
    workflow = getattr(model, "workflow", None)
    if workflow is None:
        return Seal()
    if workflow.seals is None:
        raise ValueError(f"the workflow of {model.__name__} declares no signed content")
    seal: Seal = workflow.seals
    return seal


async def seal(reads: "Reads", row: Record, content: Seal) -> tuple[Manifest, Mapping[str, Any]]:
    """Return the manifest of a record's content, and the content by table and id."""
    manifest: Manifest = {}
    sealed: dict[str, Any] = {}
    for model, parts, part, parent in await _collect(reads, type(row), [row], content):
        columns = part.of(model, row if model is type(row) else None)
        table = model.__tablename__
        sealed_rows = manifest.setdefault(table, {"columns": columns, "rows": {}})["rows"]
        sealed_rows |= {str(one.id): [one.version, _id(one, parent)] for one in parts}
        sealed.setdefault(table, {}).update({str(one.id): _fields(one, columns) for one in parts})
    return manifest, sealed


async def content_now(reads: "Reads", manifest: Manifest) -> Mapping[str, Any]:
    """Return the present content of the rows in a manifest, in the form of `seal`."""
    content: dict[str, Any] = {}
    for table, part in manifest.items():
        model: Any = records()[table]
        conditions = [model.id.in_(part["rows"])]
        conditions += [
            getattr(model, field.column).in_(manifest[field.parent]["rows"])
            for field in sealed_fields_of_records()
            if field.table == table and field.parent in manifest
        ]
        rows = await reads.rows(sa.select(model).where(sa.or_(*conditions)))
        content[table] = {str(row.id): _fields(row, part["columns"]) for row in rows}
    return content


@cache
def sealed_fields_of_records() -> Sequence[SealedField]:
    """Return the fields whose rows are sealed as a whole, of all records."""
    fields: dict[SealedField, None] = {}
    for model in records().values():
        if (workflow := getattr(model, "workflow", None)) is not None:
            seals = [workflow.seals, *(one.seals for one in workflow.transitions.values())]
            for content in filter(None, seals):
                fields |= dict.fromkeys(_fields_in(model, content))
    return [*fields]


def _fields_in(model: Any, content: Seal) -> Iterator[SealedField]:
    for part in content.rows:
        if part.field is not None:
            yield SealedField(part.table, part.parent, model.__tablename__, part.field)
        yield from _fields_in(part.model, part.content)


async def _collect(
    reads: "Reads", model: Any, rows: Sequence[Any], content: Seal, parent: str | None = None
) -> list[tuple[Any, Sequence[Any], Seal, str | None]]:
    """Return kind, rows, content and column of the parent of all tables of a seal."""
    collected = [(model, rows, content, parent)]
    for part in content.rows:
        kind = part.model
        of_rows = sa.select(kind).where(getattr(kind, part.parent).in_([row.id for row in rows]))
        below = await reads.rows(of_rows) if rows else []
        collected += await _collect(reads, kind, below, part.content, part.parent)
    return collected


def _id(row: Any, parent: str | None) -> str | None:
    return None if parent is None else str(getattr(row, parent))


def _fields(row: Record, columns: Sequence[str]) -> dict[str, Any]:
    fields = sealed_fields(row.__tablename__, audit_content.content(row))
    return {name: value for name, value in fields.items() if name in columns}
