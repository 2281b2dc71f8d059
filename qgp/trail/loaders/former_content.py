"""Content of a record before an audit trail entry, and names of parts of a record by it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.kit.context import Context
from qgp.kit.former_names import present_changes
from qgp.kit.gql.columns import name_fields
from qgp.kit.gql.field_changes import GONE, fields_of
from qgp.kit.gql.record_names import name_of
from qgp.kit.loader import Reads
from qgp.kit.model import records
from qgp.kit.policy import Permission
from qgp.trail.model import TrailEntry
from qgp.trail.policy import READ_HISTORY

_Key = tuple[str, UUID]  # table and id of a record


@dataclass(frozen=True, eq=False)
class _EntriesOfRecord:
    """Loader of the version and the changes of each entry of a record, in order."""

    read: Permission

    async def fetch(self, reads: Reads, keys: list[_Key]) -> list[list[tuple[int, Any]]]:
        """Return the lists in the order of the keys, in one statement."""
        entry = TrailEntry
        of_record: Any = sa.tuple_(entry.kind, entry.record_id)
        columns: Any = (entry.kind, entry.record_id, entry.record_version, entry.changes)
        statement = sa.select(*columns).where(of_record.in_(keys)).order_by(entry.record_version)
        entries: dict[_Key, list[tuple[int, Any]]] = defaultdict(list)
        for kind, id, version, changes in await reads.tuples(statement):
            entries[kind, id].append((version, changes))
        return [entries[key] for key in keys]


_entries_of_record = _EntriesOfRecord(READ_HISTORY)


async def content_before(context: Context, entry: TrailEntry) -> dict[str, Any]:
    """Return the values of a record before the change of an entry, by column."""
    if entry.record_version == 1:
        return {}
    content: dict[str, Any] = {}
    key = (entry.kind, entry.record_id)
    for version, changes in await context.load(_entries_of_record, key):
        if version < entry.record_version:
            content |= _after(entry.kind, changes)
    return content


async def changes_of_entry(context: Context, entry: TrailEntry) -> Mapping[str, Any]:
    """Return the changes of an entry, by column; a deletion takes every value away."""
    changes = present_changes(entry.kind, entry.changes)
    if GONE not in changes:
        return changes
    content = await content_before(context, entry)
    return {name: [value, None] for name, value in content.items()} | changes


async def name_of_part(context: Context, entry: TrailEntry) -> str | None:
    """Return the name of the part of a record that an entry is about, as of its last content.

    A link has the name of the linked record, null where that is hidden from the caller.
    """
    content = await content_before(context, entry) | _after(entry.kind, entry.changes)
    fields = {field.name: (column, field) for column, field in fields_of(entry.kind).items()}
    names = []
    for step in dict.fromkeys(p.partition(".")[0] for p in name_fields(records()[entry.kind])):
        column, field = fields[step]
        value = content.get(column)
        reference = field.reference(value, None)
        names.append(await name_of(context, reference) if reference else field.show(value))
    return " ".join(filter(None, names)) or None


def _after(kind: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    present = present_changes(kind, changes)
    return {column: after for column, (_, after) in present.items() if column != GONE}
