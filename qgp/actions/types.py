"""GraphQL types of actions, their dependencies and due date changes."""

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
from qgp.audits.loaders import audit_by_id, audit_context
from qgp.audits.refs import AuditRef, ParentAuditRef
from qgp.capas.loaders import capa_by_id, parent_capa
from qgp.capas.refs import CapaRef, ParentCapaRef
from qgp.findings.loaders import finding_by_id, parent_finding
from qgp.findings.refs import FindingRef, ParentFindingRef
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
    Imported,
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
class Action(Authored, Imported, Recorded, Node):
    """Task of one owner with a due date, of a finding, CAPA or audit or of none.

    ISO 9001:2015, 6.2.2 and 10.2.
    """

    reference: str = column("Reference number, such as ACT-2026-0001. It never changes.", LISTED)
    title: str = column("Short title.", EDITABLE | LISTED)
    description: str | None = column(
        "Detailed description: method, place, participants.", EDITABLE, max_length=PROSE
    )
    kind: ActionKind = column("Kind of action.", EDITABLE | FILTER)
    priority: ActionPriority = column(
        "Priority.",
        EDITABLE | LISTED,
        default=ActionPriority.MEDIUM,
        sort_by="urgency",
    )
    status: ActionStatus = column("Status in the workflow.", LISTED)
    due_on: date = column("Due date.", CREATE | LISTED)
    original_due_on: date = column(
        "Original due date, by which punctuality is measured; it never changes.", LISTED
    )
    is_overdue: bool = is_overdue(
        policy.READ, model.due, "`dueOn`, while it is TODO, IN_PROGRESS or BLOCKED"
    )
    days_until_due: int | None = days_until_due(policy.READ, model.due)
    progress: int = column("Progress in percent, 0 to 100.", UPDATE | LISTED)
    position: int = column(
        "Position among the actions of the same parent, in ascending order.",
        EDITABLE | SORT,
        default=0,
    )
    is_verification_required: bool = column(
        "Whether the completed action requires independent verification (`actionVerify`).",
        EDITABLE | FILTER,
        default=False,
    )
    completed_at: datetime | None = column(
        "Instant of completion; null unless DONE or VERIFIED.", LISTED
    )
    completion_note: str | None = column("Work done; null unless DONE or VERIFIED.")
    verified_at: datetime | None = column("Instant of verification; null unless VERIFIED.", FILTER)
    owner: UserRef | None = belongs_to(
        user_by_id, "Owner (assignee) of the action.", CREATE | FILTER
    )
    completed_by: UserRef | None = belongs_to(
        user_by_id, "User who completed the action; null unless DONE or VERIFIED.", FILTER
    )
    verified_by: UserRef | None = belongs_to(
        user_by_id,
        "User who verified the action, neither its owner nor `completedBy` (segregation of "
        "duties); null unless VERIFIED.",
        FILTER,
    )
    finding: FindingRef | None = belongs_to(
        finding_by_id,
        "Parent finding; null if none, or hidden from you.",
        CREATE | FILTER,
        note="Excludes `capa` and `audit`; up to the status ACTION of the finding.",
    )
    capa: CapaRef | None = belongs_to(
        capa_by_id,
        "Parent CAPA; null if none, or hidden from you.",
        CREATE | FILTER,
        note="Excludes `finding` and `audit`; up to the status VERIFICATION of the CAPA.",
    )
    audit: AuditRef | None = belongs_to(
        audit_by_id,
        "Parent audit; null if none, or hidden from you.",
        CREATE | FILTER,
        note="Excludes `finding` and `capa`; until the audit ends.",
    )
    parent_finding: ParentFindingRef | None = belongs_to(
        parent_finding,
        "Reference, title, status and clause of the parent finding, also where `finding` is hidden "
        "from you; null if none.",
        key="finding_id",
    )
    parent_capa: ParentCapaRef | None = belongs_to(
        parent_capa,
        "Reference, title, status and clause of the parent CAPA, also where `capa` is hidden from "
        "you; null if none.",
        key="capa_id",
    )
    parent_audit: ParentAuditRef | None = belongs_to(
        audit_context,
        "Reference, title, status and clause of the parent audit, also where `audit` is hidden "
        "from you; null if none.",
        key="audit_id",
    )
    prerequisites: list[ActionRef] = has_many(
        prerequisites_of_action,
        "Prerequisites: actions to be done before this one starts or completes, as far as visible "
        "to you.",
        FILTER,
    )
    dependents: list[ActionRef] = has_many(
        dependents_of_action,
        "Dependents: actions that this one is a prerequisite of, as far as visible to you.",
        FILTER,
    )
    due_date_changes: Connection[DueDateChangeRef] = listing(
        due_date_changes,
        "Changes of the due date, oldest first.",
        parent=model.DueDateChange.action_id,
    )
    available_transitions: list[AvailableTransition] = transitions(workflow.ACTION)
    viewer_can_update: bool = viewer_can_on(
        policy.MANAGE, policy.is_open, "change the action: it is TODO, IN_PROGRESS or BLOCKED"
    )
    viewer_can_reassign: bool = viewer_can_on(
        policy.MANAGE,
        policy.is_open,
        "assign the action to another owner: it is TODO, IN_PROGRESS or BLOCKED",
    )
    viewer_can_reschedule: bool = viewer_can_on(
        policy.MANAGE, policy.is_open, "change its due date: it is TODO, IN_PROGRESS or BLOCKED"
    )


@record(model.ActionDependency, named=("prerequisite.reference",))
class ActionDependency(Authored, Recorded, Node):
    """Dependency of an action on a prerequisite action."""

    action: ActionRef | None = belongs_to(action_by_id, "Dependent action.", FILTER)
    prerequisite: ActionRef | None = belongs_to(action_by_id, "Prerequisite action.", FILTER)


@record(model.DueDateChange)
class DueDateChange(Authored, Recorded, Node):
    """Change of an action's due date, made by `createdBy`."""

    old_due_on: date = column("Due date before the change.", LISTED)
    new_due_on: date = column("Due date after the change.", LISTED)
    reason: str = column("Reason for the change.")
    action: ActionRef | None = belongs_to(action_by_id, "The action.", FILTER)
