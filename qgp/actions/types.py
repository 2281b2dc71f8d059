"""Actions as clients see them."""

from datetime import date, datetime

from qgp.actions import model, policy, workflow
from qgp.actions.loaders import (
    action_by_id,
    dependents_of_action,
    due_date_changes,
    prerequisites_of_action,
)
from qgp.actions.model import ActionKind, ActionPriority, ActionStatus
from qgp.actions.refs import ActionRef, DueDateChangeRef
from qgp.audits.loaders import audit_by_id
from qgp.audits.refs import AuditRef
from qgp.capas.loaders import capa_by_id
from qgp.capas.refs import CapaRef
from qgp.findings.loaders import finding_by_id
from qgp.findings.refs import FindingRef
from qgp.kit.gql import (
    CREATE,
    EDITABLE,
    FILTER,
    LISTED,
    PROSE,
    SORT,
    UPDATE,
    AvailableTransition,
    Connection,
    Node,
    Recorded,
    belongs_to,
    column,
    days_until_due,
    has_many,
    is_overdue,
    listing,
    record,
    transitions,
    viewer_can_on,
)
from qgp.users.loaders import user_by_id
from qgp.users.refs import UserRef
from qgp.users.types import Authored


@record(model.Action)
class Action(Authored, Recorded, Node):
    """Something that somebody has to do until a day."""

    reference: str = column("What people call it, e.g. ACT-2026-0001.", LISTED)
    title: str = column("What is to be done.", EDITABLE | LISTED)
    description: str | None = column("How, where, with whom.", EDITABLE, max_length=PROSE)
    kind: ActionKind = column("What it is for.", EDITABLE | FILTER)
    priority: ActionPriority = column(
        "How much it matters beside others.",
        EDITABLE | LISTED,
        default=ActionPriority.MEDIUM,
        sort_by="urgency",
    )
    status: ActionStatus = column("Where it stands.", LISTED)
    due_on: date = column("The day until which it is to be done.", CREATE | LISTED)
    original_due_on: date = column(
        "The first day it was due on; punctuality is told from it.", LISTED
    )
    is_overdue: bool = is_overdue(
        policy.READ, model.due, "`dueOn`, while it is TODO, IN_PROGRESS or BLOCKED"
    )
    days_until_due: int | None = days_until_due(policy.READ, model.due)
    progress: int = column("How far it is, 0 to 100, as its owner sees it.", UPDATE | LISTED)
    position: int = column(
        "Its place among the actions of its parent, the least first.", EDITABLE | SORT, default=0
    )
    is_verification_required: bool = column(
        "Whether somebody else has to see that it is done.", EDITABLE | FILTER, default=False
    )
    completed_at: datetime | None = column("When it was completed; null unless it is done.", LISTED)
    completion_note: str | None = column("What was done; null unless it is done.")
    verified_at: datetime | None = column("When somebody saw that it is done.", FILTER)
    owner: UserRef | None = belongs_to(user_by_id, "Who does it.", CREATE | FILTER)
    completed_by: UserRef | None = belongs_to(user_by_id, "Who said that it is done.", FILTER)
    verified_by: UserRef | None = belongs_to(
        user_by_id, "Who saw that it is done; neither owner nor who did it.", FILTER
    )
    finding: FindingRef | None = belongs_to(
        finding_by_id,
        "The finding it follows from; null if none, or hidden.",
        CREATE | FILTER,
        note="Only for an action of no CAPA; up to the state ACTION of the finding.",
    )
    capa: CapaRef | None = belongs_to(
        capa_by_id,
        "The CAPA it is part of; null if none, or hidden.",
        CREATE | FILTER,
        note="Up to the state VERIFICATION of the CAPA.",
    )
    audit: AuditRef | None = belongs_to(
        audit_by_id,
        "The audit it was handed out for; null if none, or hidden.",
        CREATE | FILTER,
        note="Only for an action of none of its findings; until the audit ends.",
    )
    prerequisites: list[ActionRef] = has_many(
        prerequisites_of_action,
        "What has to be done before it starts or completes, as far as you see it.",
        FILTER,
    )
    dependents: list[ActionRef] = has_many(
        dependents_of_action, "What waits for it, as far as you see it.", FILTER
    )
    due_date_changes: Connection[DueDateChangeRef] = listing(
        due_date_changes,
        "How its due day moved, oldest first.",
        parent=model.DueDateChange.action_id,
    )
    available_transitions: list[AvailableTransition] = transitions(workflow.ACTION)
    viewer_can_update: bool = viewer_can_on(
        policy.MANAGE, policy.is_open, "change it: it is not over"
    )
    viewer_can_reassign: bool = viewer_can_on(
        policy.MANAGE, policy.is_open, "give it to somebody else: it is not over"
    )
    viewer_can_reschedule: bool = viewer_can_on(
        policy.MANAGE, policy.is_open, "move its due day: it is not over"
    )


@record(model.ActionDependency)
class ActionDependency(Authored, Recorded, Node):
    """One action waits for another."""

    action: ActionRef | None = belongs_to(action_by_id, "The action that waits.", FILTER)
    prerequisite: ActionRef | None = belongs_to(
        action_by_id, "The action to be done before.", FILTER
    )


@record(model.DueDateChange)
class DueDateChange(Authored, Recorded, Node):
    """One move of an action's due day; `createdBy` moved it."""

    old_due_on: date = column("The day before the move.", LISTED)
    new_due_on: date = column("The day after the move.", LISTED)
    reason: str = column("Why it was moved.")
    action: ActionRef | None = belongs_to(action_by_id, "The action.", FILTER)
