"""The trail as clients see it."""

from asyncio import gather
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import strawberry

from qgp.kit.audit_verification import Broken, TrailProblem
from qgp.kit.context import Context
from qgp.kit.described_enum import described_enum
from qgp.kit.former_names import present_action, present_action_sql, present_changes
from qgp.kit.gql import (
    FILTER,
    LISTED,
    SORT,
    IDFilter,
    Info,
    Node,
    belongs_to,
    column,
    computed,
    expression,
    object_type,
    plain_list,
    record,
)
from qgp.kit.gql.fields import TYPES
from qgp.kit.model import Record, records
from qgp.kit.names import snake
from qgp.kit.operator_actions import OperatorAction
from qgp.kit.visibility import NODES, readable_among
from qgp.trail import model
from qgp.trail.loaders import field_changes, redacted_texts
from qgp.trail.policy import READ_HISTORY
from qgp.users.loaders import user_by_id
from qgp.users.refs import UserRef


def _kinds() -> dict[str, tuple[str, str]]:
    named = ((kind.__name__, model.__tablename__) for model, kind in TYPES.items())
    return {snake(name).upper(): (table, f"The type {name}.") for name, table in sorted(named)}


# A value is the table's name: what entries hold.
RecordKind: Any = described_enum("RecordKind", _kinds(), "A type of record.")

MOST_FIELDS = 60  # of one record


@object_type
class TrailChange:
    """A field that one change of a record set."""

    field: str = column("The field's name, as the record's type has it; `isDeleted` for its end.")
    before: str | None = column(
        "Its value before, as the API shows it: an id for a record, RFC 3339 for an "
        "instant, JSON for lists; null if it had none, if it is a record hidden from you, or if "
        "it was redacted."
    )
    after: str | None = column(
        "Its value after; null if it has none, or a record that is hidden from you, or "
        "if it was redacted."
    )
    is_before_redacted: bool = column(
        "Whether the value before was a text that was redacted, for everybody: former "
        "words of a comment that was edited or deleted. The trail keeps a salted digest."
    )
    is_after_redacted: bool = column(
        "Whether the value after was a text that was redacted, for everybody."
    )


async def record_of(root: Any, info: Info) -> Record | None:
    """Return the record that an entry tells of, if it is there and the caller may see it."""
    loader = NODES[records()[root.kind].prefix]
    if not info.context.caller.may(loader.read):
        return None
    found: Record | None = await info.context.load(loader, root.record_id)
    return found


async def _reference(root: Any, info: Info) -> str | None:
    return getattr(await record_of(root, info), "reference", None)


def _kind(root: model.TrailEntry) -> Any:
    return RecordKind(root.kind)


async def _changes(root: model.TrailEntry, info: Info) -> list[TrailChange]:
    kind = root.kind
    changes = present_changes(kind, root.changes)
    visible = await readable_among(info.context, field_changes.named_in(kind, [changes]))
    row = await record_of(root, info) if redacted_texts.needs_record(kind, changes) else None
    readable = await redacted_texts.readable(info.context, kind, changes, row)
    fields = field_changes.fields_of(kind)
    redacted = {(fields[column].name, side) for column, side in readable.redacted}
    return [
        TrailChange(
            field=field,
            before=was,
            after=now,
            is_before_redacted=(field, redacted_texts.BEFORE) in redacted,
            is_after_redacted=(field, redacted_texts.AFTER) in redacted,
        )
        for field, was, now in field_changes.changes_of(kind, readable.changes, visible)
    ]


def _redacted_fields(root: model.TrailEntry) -> list[str]:
    return [*redacted_texts.redacted_fields(root.kind, root.changes)]


@record(model.TrailEntry)
class TrailEntry:
    """One change of one record: an entry of the trail, which is sealed."""

    sequence: int = computed(
        lambda root: root.sequence,
        "Its number in your organization's chain, from 1, without gaps.",
        SORT,
    )
    changed_at: datetime = column("When it was done, by the server's clock.", LISTED)
    actor: UserRef | None = belongs_to(
        user_by_id, "Who did it; null if it was none of your users.", FILTER
    )
    action: str = expression(
        READ_HISTORY,
        present_action_sql,
        "Name of the mutation that did it, as a field of `Mutation` has it now; of what the "
        f"operator did one of {', '.join(f'`{action.value}`' for action in OperatorAction)}.",
        of_row=present_action,
    )
    reason: str | None = column("Why, where a reason was asked for.")
    request_id: str | None = column("`X-Request-ID` of the request that did it.", FILTER)
    kind: RecordKind = computed(_kind, "The type of the record.", FILTER)
    record: Node | None = computed(
        record_of,
        "The record as it is now; null if it is gone, or hidden from you.",
        FILTER,
        filter_by="record_id",
        operators=IDFilter,
    )
    record_reference: str | None = computed(
        _reference, "The record's reference, such as NC-2026-0001, where it has one."
    )
    record_version: int = column("The version that it made of the record; 1 when it was created.")
    changes: list[TrailChange] = computed(
        _changes,
        "Each field that was set, with its values before and after. A field that names nothing "
        "but records hidden from you is left out.",
        most=MOST_FIELDS,
    )

    redacted_fields: list[str] = computed(
        _redacted_fields,
        "Fields whose former texts this change removed from the trail; empty for most changes.",
        most=MOST_FIELDS,
    )


@object_type
class PastField:
    """A field of a record as it stood at an instant."""

    field: str = column("The field's name, as the record's type has it.")
    value: str | None = column(
        "Its value then, as the API shows it: an id for a record, RFC 3339 for an "
        "instant, JSON for lists; null if it had none, if it is a record hidden from you, or if "
        "it was redacted."
    )
    is_redacted: bool = column(
        "Whether the value was a text that was redacted since, for everybody."
    )


@object_type
class PastRecord:
    """A record as it stood at an instant, as the trail tells."""

    kind: RecordKind = column("The type of the record.")
    record: Node | None = computed(record_of, "The record as it is now.")
    record_reference: str | None = computed(
        _reference, "The record's reference, such as NC-2026-0001, where it has one."
    )
    version: int = column("The version that it had then.")
    changed_at: datetime = column("When it became so.")
    fields: list[PastField] = plain_list(
        "Each field that its type shows of it. Its `version`, and when it became so, are told "
        "beside; `createdAt` and `createdBy` are those of `record`. What records of their own "
        "hold, such as the clauses of a finding, is in `trail` under their kind.",
        MOST_FIELDS,
    )
    record_id: strawberry.Private[Any] = None

    @classmethod
    async def of(cls, context: Context, row: Record, entries: Sequence[Any]) -> "PastRecord":
        """Fold the entries of a record, from its first to the last before the instant."""
        kind = row.__tablename__
        readable = await gather(
            *[
                redacted_texts.readable(context, kind, present_changes(kind, entry.changes), row)
                for entry in entries
            ]
        )
        changes = [one.changes for one in readable]
        visible = await readable_among(context, field_changes.named_in(kind, changes))
        standing = field_changes.as_it_stood(kind, changes, visible)
        redacted = {
            field_changes.fields_of(kind)[name].name
            for name in redacted_texts.redacted_at_end(readable)
        }
        fields = [
            PastField(field=name, value=value, is_redacted=name in redacted)
            for name, value in standing.items()
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
    """The first entry of the trail that does not fit."""

    sequence: int = column("Its number, or the number that no entry has.")
    problem: TrailProblem = column("How it does not fit.")
    message: str = column("The problem in a sentence.")

    @classmethod
    def of(cls, broken: Broken) -> "TrailBreak":
        """Show where a chain breaks."""
        problem = broken.problem
        return cls(sequence=broken.sequence, problem=problem, message=problem.meaning)


@object_type
class TrailVerification:
    """What walking the chain of the trail's entries came to."""

    is_intact: bool = column(
        "Whether each entry is what was sealed, and follows the one before it."
    )
    checked: int = column("How many entries fit, one after the other.")
    last_sequence: int = column(
        "Number of your organization's last entry; go on behind what was checked."
    )
    first_broken: TrailBreak | None = column(
        "The first entry that does not fit; null if all that were checked do."
    )
