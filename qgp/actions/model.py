"""The only table of tasks (ISO 9001:2015, 6.2.2 and 10.2)."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from qgp.kit import sql_dates
from qgp.kit.described_enum import DescribedEnum
from qgp.kit.errors import AlreadyExists, Invalid
from qgp.kit.model import Record, check, in_range, ref, unique
from qgp.kit.reference_numbers import Numbered
from qgp.kit.text_keys import sortable
from qgp.kit.workflow import Stateful


class ActionKind(DescribedEnum):
    """What an action is for."""

    CONTAINMENT = "CONTAINMENT", "Keeps what went wrong from spreading."
    CORRECTION = "CORRECTION", "Puts right what went wrong."
    CORRECTIVE = "CORRECTIVE", "Removes the cause, so that it does not happen again."
    PREVENTIVE = "PREVENTIVE", "Removes the cause of something that has not happened yet."
    IMPROVEMENT = "IMPROVEMENT", "Makes better what is good enough."
    TREATMENT = "TREATMENT", "Changes a risk, or takes an opportunity."
    FOLLOW_UP = "FOLLOW_UP", "Looks again later."


class ActionPriority(DescribedEnum):
    """How much an action matters beside others."""

    LOW = "LOW", "When there is time."
    MEDIUM = "MEDIUM", "In its turn."
    HIGH = "HIGH", "Before what is in its turn."
    CRITICAL = "CRITICAL", "Before everything else."


class ActionStatus(DescribedEnum):
    """Where an action stands."""

    TODO = "TODO", "Nobody has begun."
    IN_PROGRESS = "IN_PROGRESS", "Somebody is at it."
    BLOCKED = "BLOCKED", "Begun, and something keeps it from going on."
    DONE = "DONE", "Whoever did it says so."
    VERIFIED = "VERIFIED", "Somebody else has seen that it is done."
    CANCELLED = "CANCELLED", "It will not be done."


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


class Action(Stateful, Numbered, Record):
    """Something that somebody has to do until a day.

    Attributes:
        urgency: 1 to 4, what the priorities are ordered by.
        turn: 1 to 6, what the states are ordered by: at work, to be done, over.
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
    owner_id: Mapped[UUID] = ref("users", index=False)
    finding_id: Mapped[UUID | None] = ref("findings", index=False)
    capa_id: Mapped[UUID | None] = ref("capas", index=False)
    audit_id: Mapped[UUID | None] = ref("audits", index=False)
    completed_by_id: Mapped[UUID | None] = ref("users")
    verified_by_id: Mapped[UUID | None] = ref("users")

    __table_args__: Any = (
        sa.Index("ix_actions_of_owner", "organization_id", "owner_id", "turn", "due_on", "id"),
        sa.Index("ix_actions_due", "organization_id", "due_on", "id"),
        sa.Index("ix_actions_standing", "organization_id", "status", "due_on", "id"),
        sa.Index("ix_actions_of_finding", "organization_id", "finding_id", "position", "id"),
        sa.Index("ix_actions_of_capa", "organization_id", "capa_id", "position", "id"),
        sa.Index("ix_actions_of_audit", "organization_id", "audit_id", "position", "id"),
        in_range("progress", 0, 100, "Progress is 0 to 100."),
        check(
            "one_parent",
            "num_nonnulls(finding_id, capa_id, audit_id) <= 1",
            Invalid("An action follows from one finding, CAPA or audit; name one.", "capaId"),
        ),
        check("completed", "(status IN ('DONE', 'VERIFIED')) = (completed_at IS NOT NULL)"),
        check("verified", "(status = 'VERIFIED') = (verified_at IS NOT NULL)"),
        check("noted", "completed_at IS NULL OR completion_note IS NOT NULL"),
    )


class ActionDependency(Record):
    """One action waits for another; the chains have no circles."""

    __tablename__ = "action_dependencies"
    prefix = "adp"

    action_id: Mapped[UUID] = ref("actions")
    prerequisite_id: Mapped[UUID] = ref("actions")

    __table_args__: Any = (
        unique(
            "action_id",
            "prerequisite_id",
            name="uq_action_dependencies_ends",
            error=AlreadyExists("The action waits for this one already.", "prerequisiteId"),
        ),
        check(
            "two_ends",
            "action_id <> prerequisite_id",
            Invalid("An action cannot wait for itself. Choose another.", "prerequisiteId"),
        ),
    )


class DueDateChange(Record):
    """A due day that was moved, and why; who did it is who created the row (ISO 9001:2015, 9.1)."""

    __tablename__ = "due_date_changes"
    prefix = "ddc"

    old_due_on: Mapped[date]
    new_due_on: Mapped[date]
    reason: Mapped[str]
    action_id: Mapped[UUID] = ref("actions", index=False)

    __table_args__: Any = (
        sa.Index(
            "ix_due_date_changes_of_action", "organization_id", "action_id", "created_at", "id"
        ),
        check(
            "moved",
            "new_due_on <> old_due_on",
            Invalid("It is due on this day already. Choose another.", "newDueOn"),
        ),
        check("reason", "btrim(reason) <> ''"),
    )


due = sql_dates.due(due_on=OPEN)
