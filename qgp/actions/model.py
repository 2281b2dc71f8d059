"""Actions, their dependencies and due date changes (ISO 9001:2015, 6.2.2 and 10.2)."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from qgp.kit import sql_dates
from qgp.kit.assignment import assigned
from qgp.kit.described_enum import DescribedEnum
from qgp.kit.errors import AlreadyExists, Invalid
from qgp.kit.imported import Importable
from qgp.kit.indexes import Serves, index, is_set
from qgp.kit.model import Record, check, in_range, ref, unique
from qgp.kit.reference_numbers import Numbered
from qgp.kit.text_keys import sortable
from qgp.kit.workflow import Stateful


class ActionKind(DescribedEnum):
    """Kind of action."""

    CONTAINMENT = "CONTAINMENT", "Containment of the effects of a nonconformity."
    CORRECTION = "CORRECTION", "Eliminates a detected nonconformity (ISO 9000:2015, 3.12.3)."
    CORRECTIVE = (
        "CORRECTIVE",
        "Eliminates the cause and prevents recurrence (ISO 9000:2015, 3.12.2).",
    )
    PREVENTIVE = (
        "PREVENTIVE",
        "Eliminates the cause of a potential nonconformity (ISO 9000:2015, 3.12.1).",
    )
    IMPROVEMENT = "IMPROVEMENT", "Enhances performance (ISO 9000:2015, 3.3.1)."
    TREATMENT = "TREATMENT", "Risk treatment, or pursuit of an opportunity (ISO 31000:2018, 6.5)."
    FOLLOW_UP = "FOLLOW_UP", "Follow-up of an earlier result (ISO 19011:2018, 6.7)."


class ActionPriority(DescribedEnum):
    """Priority of an action."""

    LOW = "LOW", "Deferrable."
    MEDIUM = "MEDIUM", "Ordinary."
    HIGH = "HIGH", "Before ordinary work."
    CRITICAL = "CRITICAL", "Immediate."


class ActionStatus(DescribedEnum):
    """Status of an action."""

    TODO = "TODO", "Not started."
    IN_PROGRESS = "IN_PROGRESS", "Under way."
    BLOCKED = "BLOCKED", "Started, and unable to proceed."
    DONE = "DONE", "Completed; not verified."
    VERIFIED = "VERIFIED", "Completed and independently verified."
    CANCELLED = "CANCELLED", "Cancelled; it will not be completed."


OVER = frozenset({ActionStatus.DONE, ActionStatus.VERIFIED, ActionStatus.CANCELLED})
OPEN = frozenset(ActionStatus) - OVER
URGENCY = (
    "CASE (priority)::text WHEN 'LOW'::text THEN 1 WHEN 'MEDIUM'::text THEN 2 "
    "WHEN 'HIGH'::text THEN 3 ELSE 4 END"
)
TURN = (
    "CASE (status)::text WHEN 'IN_PROGRESS'::text THEN 1 WHEN 'BLOCKED'::text THEN 2 "
    "WHEN 'TODO'::text THEN 3 WHEN 'DONE'::text THEN 4 WHEN 'VERIFIED'::text THEN 5 ELSE 6 END"
)


def is_unfinished(action: Any) -> sa.ColumnElement[bool]:
    """Return the condition that an action is open, or `actionReject` may return it to its owner."""
    is_unverified = sa.and_(action.status == ActionStatus.DONE, action.is_verification_required)
    return sa.or_(action.status.in_(sorted(OPEN)), is_unverified)


_OWN = ("owner_id", "turn", "due_on", "id")


def _below(parent: str) -> sa.Index:
    """Declare the index of the list below a kind of parent."""
    name, where = f"ix_actions_{parent}", is_set(parent)
    return index(name, parent, "position", "id", serves=Serves.LIST, postgresql_where=where)


class Action(Stateful, Numbered, Importable, Record):
    """Task of one owner with a due date.

    Attributes:
        urgency: rank of the priority, 1 (LOW) to 4 (CRITICAL), computed by the database.
        turn: rank of the status in work lists, 1 (IN_PROGRESS) to 6 (CANCELLED), likewise.
    """

    __tablename__ = "actions"
    prefix = "act"
    reference_prefix = "ACT"

    title: Mapped[str] = sortable()
    description: Mapped[str | None]
    kind: Mapped[ActionKind]
    priority: Mapped[ActionPriority]
    urgency: Mapped[int] = mapped_column(sa.Computed(URGENCY, persisted=True))
    status: Mapped[ActionStatus]
    turn: Mapped[int] = mapped_column(sa.Computed(TURN, persisted=True))
    due_on: Mapped[date]
    original_due_on: Mapped[date]
    progress: Mapped[int] = mapped_column(default=0)
    is_verification_required: Mapped[bool]
    position: Mapped[int] = mapped_column(default=0)
    completed_at: Mapped[datetime | None]
    completion_note: Mapped[str | None]
    verified_at: Mapped[datetime | None]
    owner_id: Mapped[UUID] = assigned(open_in=is_unfinished)
    finding_id: Mapped[UUID | None] = ref("findings")
    capa_id: Mapped[UUID | None] = ref("capas")
    audit_id: Mapped[UUID | None] = ref("audits")
    completed_by_id: Mapped[UUID | None] = ref("users")
    verified_by_id: Mapped[UUID | None] = ref("users")

    __table_args__: Any = (
        index("ix_actions_of_owner", *_OWN, serves=(Serves.OPEN_WORK, Serves.SCOPE)),
        index("ix_actions_due", "due_on", "id", serves=Serves.ORDER),
        index("ix_actions_standing", "status", "due_on", "id", serves=Serves.FILTER),
        index(
            "ix_actions_unverified",
            *("status", "completed_at", "id"),
            serves=Serves.PENDING_WORK,
            postgresql_where=sa.column("is_verification_required", sa.Boolean),
        ),
        *[_below(parent) for parent in ("finding_id", "capa_id", "audit_id")],
        in_range("progress", 0, 100, "Progress is 0 to 100 percent."),
        check(
            "one_parent",
            "num_nonnulls(finding_id, capa_id, audit_id) <= 1",
            Invalid(
                "An action belongs to at most one finding, CAPA or audit. Leave the others out.",
                "capaId",
            ),
        ),
        check("completed", "(status IN ('DONE', 'VERIFIED')) = (completed_at IS NOT NULL)"),
        check("verified", "(status = 'VERIFIED') = (verified_at IS NOT NULL)"),
        check("noted", "completed_at IS NULL OR completion_note IS NOT NULL"),
    )


class ActionDependency(Record):
    """Dependency of an action on a prerequisite action; dependencies have no cycles."""

    __tablename__ = "action_dependencies"
    prefix = "adp"
    part_of = "action_id"
    removable = True

    action_id: Mapped[UUID] = ref("actions")
    prerequisite_id: Mapped[UUID] = ref("actions", serves=Serves.LIST)

    __table_args__: Any = (
        unique(
            "action_id",
            "prerequisite_id",
            name="uq_action_dependencies_ends",
            error=AlreadyExists(
                "The action depends on this prerequisite already. Choose another.", "prerequisiteId"
            ),
        ),
        check(
            "two_ends",
            "action_id <> prerequisite_id",
            Invalid(
                "An action cannot depend on itself. Choose another prerequisite.",
                "prerequisiteId",
            ),
        ),
    )


class DueDateChange(Record):
    """Change of an action's due date, with its reason (ISO 9001:2015, 9.1)."""

    __tablename__ = "due_date_changes"
    prefix = "ddc"

    old_due_on: Mapped[date]
    new_due_on: Mapped[date]
    reason: Mapped[str]
    action_id: Mapped[UUID] = ref("actions")

    __table_args__: Any = (
        index("ix_due_date_changes_of_action", "action_id", "created_at", "id", serves=Serves.LIST),
        check(
            "moved",
            "new_due_on <> old_due_on",
            Invalid("The action is due on this date already. Choose another date.", "newDueOn"),
        ),
        check("reason", "btrim(reason) <> ''"),
    )


due = sql_dates.due(due_on=OPEN)
