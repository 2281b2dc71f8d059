"""Changes of signed content after the signature, found in the audit trail by its manifest."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from qgp.kit.audit import AuditEntry
from qgp.kit.audit_content import canonical
from qgp.kit.former_names import FORMER_COLUMNS, present_action_sql
from qgp.kit.loader import KeyIn
from qgp.signatures.facts.sealed_content import declared_seals
from qgp.signatures.model import Signature

DELETED = "deleted"  # key of an entry that documents a deletion
_ENTRY: tuple[Any, ...] = (
    *(AuditEntry.at, AuditEntry.actor_id, AuditEntry.action, AuditEntry.reason),
    *(AuditEntry.entity, AuditEntry.entity_id, AuditEntry.entity_version, AuditEntry.changes),
)


def superseded_at(row: Any) -> sa.ColumnElement[Any]:
    """Return the instant of the first change of a signature's content; null if there is none.

    Args:
        row: the mapped class of signatures, or an alias of it.
    """
    first = sa.func.min(AuditEntry.at)
    instants = [
        entries.with_only_columns(first).correlate(row).scalar_subquery()
        for entries in _superseding(row)
    ]
    return sa.func.least(*instants, type_=AuditEntry.at.type)


def entries_of_signatures(key_in: KeyIn) -> sa.Subquery:
    """Return a table of the entries that superseded signatures.

    Args:
        key_in: the condition on the signatures' ids.

    Columns: `id` of the signature, those of the entry, the sealed `columns` of the changed row, and
    `parent`, the id of the row that it belongs to.
    """
    parts: list[Any] = []
    for entries in _superseding(Signature):
        part = entries.correlate(Signature).lateral()
        parts.append(
            sa.select(Signature.id, *part.c).join(part, sa.true()).where(key_in(Signature.id))
        )
    return sa.union_all(*parts).subquery("superseding")


def _superseding(row: Any) -> Iterator[Any]:
    """Yield statements over the entries that changed the content of a signature."""
    yield _of_sealed_rows(row)
    yield _of_added_parts(row)


def _of_sealed_rows(row: Any) -> Any:
    """Select the entries that changed a sealed column of a sealed row, or removed the row."""
    manifest = sa.func.coalesce(row.sealed, _manifest_of_earlier_release(row), type_=JSONB)
    part = _each(manifest, "part")
    sealed = _each(part.c.value["rows"], "sealed")
    columns = part.c.value["columns"]
    entry = sa.and_(
        AuditEntry.organization_id == row.organization_id,
        AuditEntry.entity == part.c.key,
        AuditEntry.entity_id == sa.cast(sealed.c.key, sa.Uuid),
        AuditEntry.entity_version > sa.cast(sealed.c.value[0].astext, sa.Integer),
        sa.or_(
            AuditEntry.changes.has_any(_texts(columns)),
            AuditEntry.changes.has_key(DELETED),
            *_renamed(part.c.key, columns),
        ),
    )
    rows: Any = sa.select(
        *_ENTRY, columns.label("columns"), sealed.c.value[1].astext.label("parent")
    )
    return rows.select_from(part.join(sealed, sa.true()).join(AuditEntry, entry))


def _of_added_parts(row: Any) -> Any:
    """Select the entries that added a part to a sealed row: a clause, a team member."""
    part = _each(row.sealed, "part")
    sealed = _each(part.c.value["rows"], "sealed")
    whole = sa.case(
        (AuditEntry.part_of_id.is_(None), AuditEntry.entity_id), else_=AuditEntry.part_of_id
    )
    is_sealed = row.sealed[AuditEntry.entity]["rows"].has_key(
        sa.cast(AuditEntry.entity_id, sa.Text)
    )
    entry = sa.and_(
        AuditEntry.organization_id == row.organization_id,
        whole == sa.cast(sealed.c.key, sa.Uuid),
        AuditEntry.part_of_id.is_not(None),
        AuditEntry.entity_version == 1,
        AuditEntry.at > row.signed_at,
        row.sealed.has_key(AuditEntry.entity),
        sa.not_(is_sealed),
    )
    rows: Any = sa.select(
        *_ENTRY, sa.null().cast(JSONB).label("columns"), sealed.c.key.label("parent")
    )
    return rows.select_from(part.join(sealed, sa.true()).join(AuditEntry, entry))


def _manifest_of_earlier_release(row: Any) -> sa.ColumnElement[Any]:
    """Return the manifest of a signature without one: the columns that its kind seals now."""
    contents = sa.cast(sa.literal(_contents_by_kind()), JSONB)
    kind = row.subject_type
    of_transition = _at(contents, kind + " " + present_action_sql(row))
    content = sa.func.coalesce(of_transition, _at(contents, kind))
    version = sa.func.jsonb_build_array(row.subject_version)
    rows = sa.func.jsonb_build_object(sa.cast(row.subject_id, sa.Text), version)
    part = sa.func.jsonb_build_object("columns", _at(content, "columns"), "rows", rows)
    table = sa.func.jsonb_extract_path_text(content, "table")
    return sa.func.jsonb_build_object(table, part)


def _at(value: Any, key: Any) -> Any:
    return sa.func.jsonb_extract_path(value, key)


@cache
def _contents_by_kind() -> str:
    """Return table and sealed columns by prefix, or by prefix and transition, as JSON."""
    contents = {
        f"{model.prefix} {transition}".rstrip(): {
            "table": model.__tablename__,
            "columns": [*seal.of(model)],
        }
        for model, transition, seal in declared_seals()
    }
    return canonical(contents)


def _renamed(table: sa.ColumnElement[Any], columns: Any) -> Iterator[sa.ColumnElement[bool]]:
    """Yield the conditions that an entry has a sealed column under its present name."""
    for name, renamed in FORMER_COLUMNS.items():
        for former, present in renamed.items():
            changed = AuditEntry.changes.has_key(present)
            yield sa.and_(table == name, columns.has_key(former), changed)


def _each(value: Any, name: str) -> Any:
    """Return a table `key`, `value` of a JSON object."""
    columns = (sa.column("key", sa.Text), sa.column("value", JSONB))
    return sa.func.jsonb_each(value).table_valued(*columns, name=name)


def _texts(values: Any) -> Any:
    elements = sa.func.jsonb_array_elements_text(values).table_valued("value")
    return sa.type_coerce(
        sa.func.array(sa.select(elements.c.value).scalar_subquery()), ARRAY(sa.Text)
    )
