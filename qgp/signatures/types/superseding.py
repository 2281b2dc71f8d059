"""GraphQL type of the changes that superseded a signature."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import strawberry

from qgp.kit.former_names import FORMER_ACTIONS, present_changes, sealed_fields
from qgp.kit.gql import Info, Node, belongs_to, column, computed, object_type, plain_list
from qgp.kit.gql.field_changes import fields_of
from qgp.kit.model import records
from qgp.kit.names import to_camel
from qgp.kit.sealing import SealedField, sealed_fields_of_records
from qgp.kit.visibility import NODES, Named, readable_among
from qgp.signatures.facts.superseding import DELETED
from qgp.signatures.loaders import superseding_entries
from qgp.users.loaders import user_by_id
from qgp.users.refs import UserRef

MOST_CHANGES = 50
MOST_FIELDS = 60  # of one record


async def _record(root: Any, info: Info) -> Node | None:
    prefix, id = root.named
    record: Any = await info.context.load(NODES[prefix], id)
    return record  # type: ignore[no-any-return]  # the rows are the objects


@object_type
class SupersedingChange:
    """Change of signed content after the signature: one mutation, in one record."""

    named: strawberry.Private[Named]
    changed_by_id: strawberry.Private[UUID | None]
    record: Node | None = computed(
        _record, "Record whose content changed: the signed one, or one that belongs to it."
    )
    fields: list[str] = plain_list(
        "Names of the changed fields in the record's type, of those that the signature seals; "
        "`isDeleted` if the record was removed",
        MOST_FIELDS,
    )
    changed_at: datetime = column("Instant of the change, by the server's clock.")
    changed_by: UserRef | None = belongs_to(
        user_by_id, "User who made the change; null if it was no user of yours."
    )
    action: str = column("Present name of the mutation that made the change.")
    reason: str | None = column("Reason for the change; null where none was entered.")


class _Entry(NamedTuple):
    """Entry of the audit trail that changed sealed content, see `entries_of_signatures`."""

    at: datetime
    actor_id: UUID | None
    action: str
    reason: str | None
    kind: str
    id: UUID
    version: int
    changes: Mapping[str, Any]
    columns: Sequence[str] | None
    parent: str | None

    @property
    def named(self) -> Named:
        """The record that shows the change: of a link, the one that it belongs to."""
        field = _field_of(self.kind)
        if field is None or self.parent is None:
            return records()[self.kind].prefix, self.id
        return records()[field.parent].prefix, UUID(self.parent)

    @property
    def fields(self) -> Iterator[str]:
        """The names of the changed fields that are sealed."""
        if (field := _field_of(self.kind)) is not None:
            yield field.name
            return
        if DELETED in self.changes:
            yield "isDeleted"
        changed = present_changes(self.kind, self.changes)
        shown = fields_of(self.kind)
        for name in changed:
            if sealed_fields(self.kind, {name: None}).keys() & {*(self.columns or ())}:
                yield shown[name].name if name in shown else to_camel(name)


def _field_of(table: str) -> SealedField | None:
    fields = (field for field in sealed_fields_of_records() if field.table == table)
    return next(fields, None)


async def changes_of_signature(root: Any, info: Info) -> list[SupersedingChange]:
    """Return the oldest changes of a signature's content in records that the caller may read."""
    entries = [_Entry(*row) for row in await info.context.load(superseding_entries, root.id)]
    visible = await readable_among(info.context, [entry.named for entry in entries])
    by_mutation: dict[tuple[datetime, Named], list[_Entry]] = {}
    for entry in entries:
        if entry.named in visible:
            by_mutation.setdefault((entry.at, entry.named), []).append(entry)
    return [_change(group) for group in by_mutation.values()][:MOST_CHANGES]


def _change(entries: Sequence[_Entry]) -> SupersedingChange:
    """Return the change of one record by one mutation."""
    first = entries[0]
    fields = dict.fromkeys(name for entry in entries for name in entry.fields)
    return SupersedingChange(
        named=first.named,
        fields=sorted(fields),
        changed_at=first.at,
        changed_by_id=first.actor_id,
        action=FORMER_ACTIONS.get(first.action, first.action),
        reason=next((entry.reason for entry in entries if entry.reason), None),
    )
