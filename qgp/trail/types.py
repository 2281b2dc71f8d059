"""GraphQL types of the audit trail, record states and integrity verification."""

from asyncio import gather
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import strawberry

from qgp.kit.audit_verification import Broken, TrailProblem
from qgp.kit.context import Context
from qgp.kit.former_names import present_action, present_action_sql, present_changes
from qgp.kit.gql import (
    FILTER,
    LISTED,
    SORT,
    Info,
    Node,
    belongs_to,
    column,
    computed,
    expression,
    field_changes,
    object_type,
    plain_list,
    record,
)
from qgp.kit.gql.record_kinds import record_kind
from qgp.kit.gql.record_names import name_of
from qgp.kit.model import Record, records
from qgp.kit.operator_actions import OperatorAction
from qgp.kit.visibility import NODES, Named, readable_among
from qgp.trail import model
from qgp.trail.loaders import former_content, redacted_texts
from qgp.trail.policy import READ_HISTORY
from qgp.users.loaders import user_by_id
from qgp.users.refs import UserRef

RecordKind: Any = record_kind()

MOST_FIELDS = 60  # of one record


async def _name_before(root: Any, info: Info) -> str | None:
    record = root.record_before
    return None if record is None else await name_of(info.context, record)


async def _name_after(root: Any, info: Info) -> str | None:
    record = root.record_after
    return None if record is None else await name_of(info.context, record)


@object_type
class TrailChange:
    """Changed field of a record."""

    field: str = column("Name of the field in the record's type; `isDeleted` for a deletion.")
    before: str | None = column(
        "Value before the change, in the form of the API: an id for a record, RFC 3339 for an "
        "instant, JSON for lists; null if there was none, if it is a record hidden from you, or if "
        "it was redacted."
    )
    after: str | None = column(
        "Value after the change, in the form of `before`; null if there is none, if it is a record "
        "hidden from you, or if it was redacted."
    )
    before_name: str | None = computed(
        _name_before,
        "Present name of the record that `before` refers to, such as ISO9001:2015 8.5.1, "
        "NC-2026-0001 or Eva Graf; null if `before` is no record, or one without a name.",
    )
    after_name: str | None = computed(
        _name_after, "Present name of the record that `after` refers to, as `beforeName`."
    )
    is_before_redacted: bool = column(
        "Whether the value before the change was redacted for all users: the previous text of a "
        "comment that was edited or deleted. The audit trail keeps a salted digest."
    )
    is_after_redacted: bool = column(
        "Whether the value after the change was redacted for all users."
    )
    record_before: strawberry.Private[Named | None] = None
    record_after: strawberry.Private[Named | None] = None


async def record_of(root: Any, info: Info) -> Record | None:
    """Return the record of an entry; None if it is deleted or hidden from the caller."""
    loader = NODES[records()[root.kind].prefix]
    if not info.context.caller.may(loader.read):
        return None
    row: Record | None = await info.context.load(loader, root.record_id)
    return row


async def _reference(root: Any, info: Info) -> str | None:
    return getattr(await record_of(root, info), "reference", None)


async def _name(root: Any, info: Info) -> str | None:
    model = records()[root.kind]
    if model.part_of:
        return await former_content.name_of_part(info.context, root)
    return await name_of(info.context, (model.prefix, root.record_id))


def _kind(root: model.TrailEntry) -> Any:
    return RecordKind(root.kind)


async def _changes(root: model.TrailEntry, info: Info) -> list[TrailChange]:
    kind = root.kind
    changes = await former_content.changes_of_entry(info.context, root)
    visible = await readable_among(info.context, field_changes.named_in(kind, [changes]))
    row = await record_of(root, info) if redacted_texts.needs_record(kind, changes) else None
    readable = await redacted_texts.readable(info.context, kind, changes, row)
    fields = field_changes.fields_of(kind)
    redacted = {(fields[column].name, side) for column, side in readable.redacted}
    return [
        TrailChange(
            field=change.field,
            before=change.before.value,
            after=change.after.value,
            is_before_redacted=(change.field, redacted_texts.BEFORE) in redacted,
            is_after_redacted=(change.field, redacted_texts.AFTER) in redacted,
            record_before=change.before.record,
            record_after=change.after.record,
        )
        for change in field_changes.changes_of(kind, readable.changes, visible)
    ]


def _redacted_fields(root: model.TrailEntry) -> list[str]:
    return [*redacted_texts.redacted_fields(root.kind, root.changes)]


@record(model.TrailEntry)
class TrailEntry:
    """Audit trail entry: one change of one record, sealed in a hash chain."""

    sequence: int = computed(
        lambda root: root.sequence,
        "Number of the entry in your organization's chain, from 1, without gaps.",
        SORT,
    )
    changed_at: datetime = column("Instant of the change, by the server's clock.", LISTED)
    actor: UserRef | None = belongs_to(
        user_by_id, "User who made the change; null if it was no user of yours.", FILTER
    )
    action: str = expression(
        READ_HISTORY,
        present_action_sql,
        "Present name of the mutation that made the change, a field of `Mutation`; for a change by "
        f"the operator one of {', '.join(f'`{action.value}`' for action in OperatorAction)}.",
        of_row=present_action,
    )
    reason: str | None = column("Reason for the change; null where none was entered.")
    request_id: str | None = column(
        "`X-Request-ID` of the request; null for a change by the operator.", FILTER
    )
    kind: RecordKind = computed(_kind, "Type of the record.", FILTER)
    record: Node | None = computed(
        record_of,
        "Record in its current version; null if it is deleted or hidden from you.",
        FILTER,
        filter_by="record_id",
    )
    record_reference: str | None = computed(
        _reference, "The record's reference, such as NC-2026-0001, where it has one."
    )
    record_name: str | None = computed(
        _name,
        "Present name of the record: its reference, code, number or name; of a link the name of "
        "the linked record, such as ISO9001:2015 8.5.1 for a clause of a finding. Null if the "
        "record is hidden from you, or deleted and no part of another one.",
    )
    record_version: int = column("Version of the record after the change; 1 for its creation.")
    changes: list[TrailChange] = computed(
        _changes,
        "Changed fields, with their values before and after; for a deletion all fields that had "
        "a value. A field whose values are all records hidden from you is left out.",
        most=MOST_FIELDS,
    )

    redacted_fields: list[str] = computed(
        _redacted_fields,
        "Fields whose previous texts this change redacted in the audit trail; usually empty.",
        most=MOST_FIELDS,
    )


@object_type
class PastField:
    """Field of a record at an instant."""

    field: str = column("Name of the field in the record's type.")
    value: str | None = column(
        "Value at the instant, in the form of the API: an id for a record, RFC 3339 for an "
        "instant, JSON for lists; null if there was none, if it is a record hidden from you, or if "
        "it was redacted."
    )
    is_redacted: bool = column("Whether the value has been redacted for all users since.")


@object_type
class PastRecord:
    """State of a record at an instant, reconstructed from the audit trail."""

    kind: RecordKind = column("Type of the record.")
    record: Node | None = computed(record_of, "Record in its current version.")
    record_reference: str | None = computed(
        _reference, "The record's reference, such as NC-2026-0001, where it has one."
    )
    version: int = column("Version of the record at the instant.")
    changed_at: datetime = column("Instant of the change to this version.")
    fields: list[PastField] = plain_list(
        "Fields of the record's type, without `version`, `createdAt`, `createdBy`, `updatedAt` and "
        "`updatedBy`. Related records, such as the clauses of a finding, have entries of their own "
        "in `trail`.",
        MOST_FIELDS,
    )
    record_id: strawberry.Private[Any] = None

    @classmethod
    async def of(cls, context: Context, row: Record, entries: Sequence[Any]) -> "PastRecord":
        """Reconstruct the state of a record from its entries up to the instant."""
        kind = row.__tablename__
        readable = await gather(
            *[
                redacted_texts.readable(context, kind, present_changes(kind, entry.changes), row)
                for entry in entries
            ]
        )
        changes = [one.changes for one in readable]
        visible = await readable_among(context, field_changes.named_in(kind, changes))
        values = field_changes.state_after(kind, changes, visible)
        redacted = {
            field_changes.fields_of(kind)[name].name
            for name in redacted_texts.redacted_at_end(readable)
        }
        fields = [
            PastField(field=name, value=value, is_redacted=name in redacted)
            for name, value in values.items()
        ]
        last = entries[-1]
        return cls(
            kind=RecordKind(kind),
            version=last.record_version,
            changed_at=last.changed_at,
            fields=fields,
            record_id=row.id,
        )


@object_type
class TrailBreak:
    """First audit trail entry that fails the integrity verification."""

    sequence: int = column("Number of the entry, or of the missing entry.")
    problem: TrailProblem = column("Kind of integrity failure.")
    message: str = column("Explanation of the failure.")

    @classmethod
    def of(cls, broken: Broken) -> "TrailBreak":
        """Return the first broken entry as a GraphQL object."""
        problem = broken.problem
        return cls(sequence=broken.sequence, problem=problem, message=problem.meaning)


@object_type
class TrailVerification:
    """Result of the integrity verification of the audit trail."""

    is_intact: bool = column(
        "Whether each verified entry has its sealed content and follows its predecessor."
    )
    checked: int = column("Number of intact entries from the first verified one on.")
    last_sequence: int = column(
        "Number of the last entry of your organization; verify a longer trail in ranges."
    )
    first_broken: TrailBreak | None = column(
        "First entry that is not intact; null if all verified entries are."
    )
