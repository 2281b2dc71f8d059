"""How lists of actions are filtered and ordered, here and below what they follow from."""

from qgp.actions import model
from qgp.actions.enums import ActionKind, ActionPriority, ActionStatus
from qgp.actions.policy import READ
from qgp.audits import policy as audits
from qgp.audits.filters import AuditFilter
from qgp.capas import policy as capas
from qgp.capas.filters import CapaFilter
from qgp.findings import policy as findings
from qgp.findings.filters import FindingFilter
from qgp.kit.gql import (
    BooleanFilter,
    DateFilter,
    DateTimeFilter,
    EnumFilter,
    IDFilter,
    IntFilter,
    StringFilter,
    filters,
    ordering,
    related,
    where,
)
from qgp.users import policy as users
from qgp.users.types import UserFilter


@filters(model.Action)
class ActionFilter:
    """Conditions on an action."""

    id: IDFilter | None = where("The action.")
    reference: StringFilter | None = where("Its reference, e.g. ACT-2026-0001.")
    title: StringFilter | None = where("What is to be done.")
    kind: EnumFilter[ActionKind] | None = where("What it is for.")
    priority: EnumFilter[ActionPriority] | None = where("How much it matters.")
    status: EnumFilter[ActionStatus] | None = where("Where it stands.")
    due_on: DateFilter | None = where(
        "When it is due; `lt` today, with the open states, finds what is overdue."
    )
    original_due_on: DateFilter | None = where("When it was due at first.")
    progress: IntFilter | None = where("How far it is, 0 to 100.")
    is_verification_required: BooleanFilter | None = where("Whether somebody verifies it.")
    completed_at: DateTimeFilter | None = where("When it was completed.")
    verified_at: DateTimeFilter | None = where("When it was verified.")
    owner_id: IDFilter | None = where("Who does it.")
    owner: UserFilter | None = related("owner_id", users.READ, "Who does it.")
    completed_by_id: IDFilter | None = where("Who said that it is done.")
    verified_by_id: IDFilter | None = where("Who saw that it is done.")
    finding_id: IDFilter | None = where("The finding it follows from.")
    finding: FindingFilter | None = related(
        "finding_id", findings.READ, "The finding it follows from."
    )
    capa_id: IDFilter | None = where("The CAPA it is part of.")
    capa: CapaFilter | None = related("capa_id", capas.READ, "The CAPA it is part of.")
    audit_id: IDFilter | None = where("The audit it was handed out for.")
    audit: AuditFilter | None = related("audit_id", audits.READ, "The audit it was handed out for.")


@filters(model.ActionDependency)
class ActionDependencyFilter:
    """Conditions on what one action has to do with another."""

    action_id: IDFilter | None = where("The action that waits.")
    action: ActionFilter | None = related("action_id", READ, "The action that waits.")
    prerequisite_id: IDFilter | None = where("The action to be done before.")
    prerequisite: ActionFilter | None = related(
        "prerequisite_id", READ, "The action to be done before."
    )


@filters(model.DueDateChange)
class DueDateChangeFilter:
    """Conditions on a move of a due day."""

    action_id: IDFilter | None = where("The action.")
    action: ActionFilter | None = related("action_id", READ, "The action.")
    created_by_id: IDFilter | None = where("Who moved it.")
    old_due_on: DateFilter | None = where("The day before the move.")
    new_due_on: DateFilter | None = where("The day after the move.")


ActionOrder = ordering(
    "Action",
    due_on="due_on",
    original_due_on="original_due_on",
    priority="urgency",
    status="turn",
    title="title",
    reference="reference",
    position="position",
    progress="progress",
    completed_at="completed_at",
)
ActionDependencyOrder = ordering("ActionDependency")
DueDateChangeOrder = ordering("DueDateChange", new_due_on="new_due_on", old_due_on="old_due_on")
