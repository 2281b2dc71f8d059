"""Mutations of actions."""

from datetime import date

import strawberry

from qgp.actions import policy, service, workflow
from qgp.actions.loaders import action_by_id
from qgp.actions.model import ActionStatus
from qgp.actions.types import Action
from qgp.audits.loaders import audit_by_reference
from qgp.capas.loaders import capa_by_reference
from qgp.findings.loaders import finding_by_reference
from qgp.kit.gql import (
    REASON,
    History,
    Input,
    Offer,
    bulk,
    command,
    command_input,
    create,
    csv_import,
    input_field,
    input_type,
    key_field,
    mutations_of,
    named_by,
    update,
    version_field,
)
from qgp.users.loaders import user_by_email

_REASON = "Reason, kept in the audit trail; 1 to 2000 characters."


@input_type
class ActionsAssignInput:
    """Open actions to assign to one user, in any version."""

    ids: list[strawberry.ID] = input_field("Open actions to assign; at most 100.")
    owner_id: strawberry.ID = input_field("New owner.", id_of="usr")
    reason: str | None = input_field(_REASON, most=2000, default=None)
    idempotency_key: str | None = key_field()


@input_type
class ActionsRescheduleItemInput:
    """Action to reschedule."""

    id: strawberry.ID = input_field("The action.", id_of="act")
    expected_version: int = version_field()
    new_due_on: date = input_field("New due date, other than the current one.")
    reason: str = input_field(_REASON, most=2000)


@input_type
class ActionsRescheduleInput:
    """New due dates of open actions."""

    items: list[ActionsRescheduleItemInput] = input_field(
        "Actions with their new due dates; at most 100."
    )
    idempotency_key: str | None = key_field()


_OTHER = {
    "prerequisite": Offer(
        "Prerequisite action; null on refusal.", record=action_by_id, names="prerequisite_id"
    )
}

action_create = create(
    Action,
    policy.CREATE,
    service.create,
    description="Creates an action, as TODO, with an owner "
    "and a due date, of at most one finding, CAPA or audit.",
)
action_update = update(
    Action,
    policy.MANAGE,
    service.update,
    description="Changes an open action. `actionReassign` changes the owner, `actionReschedule` "
    "the due date.",
)
action_report_progress = command(
    service.report_progress,
    input=command_input(Input("progress", "Progress, 0 to 100 percent.", int)),
    permission=policy.WORK,
    result=action_by_id,
    description="Records the progress of an open action. The caller must be its owner.",
)
action_transitions = mutations_of(workflow.ACTION)
action_reassign = command(
    service.reassign,
    input=command_input(Input("owner_id", "New owner.", id_of="usr"), REASON),
    permission=policy.MANAGE,
    result=action_by_id,
    description="Assigns an open action to another owner.",
)
action_reschedule = command(
    service.reschedule,
    input=command_input(
        Input("new_due_on", "New due date, other than the current one.", date), REASON
    ),
    permission=policy.MANAGE,
    result=action_by_id,
    description="Changes the due date of an open action, with a reason; `originalDueOn` stays.",
)
action_dependency_add = command(
    service.add_dependency,
    input=command_input(Input("prerequisite_id", "Prerequisite action.", id_of="act")),
    permission=policy.MANAGE,
    result=action_by_id,
    description="Makes an open action depend on a prerequisite, without which it neither starts "
    "nor completes; cycles are refused. At most 50 prerequisites and 50 dependents each.",
    offers=_OTHER,
)
action_dependency_remove = command(
    service.remove_dependency,
    input=command_input(Input("prerequisite_id", "Prerequisite action.", id_of="act")),
    permission=policy.MANAGE,
    result=action_by_id,
    description="Removes the dependency of an open action on a prerequisite.",
    offers=_OTHER,
)
actions_import = csv_import(
    action_create,
    names={
        "owner_id": named_by(user_by_email, "owner"),
        "finding_id": named_by(finding_by_reference, "finding", "NC-2026-0001"),
        "capa_id": named_by(capa_by_reference, "capa", "CAPA-2026-0001"),
        "audit_id": named_by(audit_by_reference, "audit", "AUD-2026-0001"),
    },
    update=action_update,
    history=History(
        policy.IMPORT_ENDED,
        {
            ActionStatus.DONE: ("completed_at", "completion_note"),
            ActionStatus.VERIFIED: ("completed_at", "completion_note", "verified_at"),
            ActionStatus.CANCELLED: (),
        },
        ("completed_at", "verified_at", "completion_note"),
        apart_from=("finding_id", "capa_id", "audit_id"),
    ),
)
actions_assign = bulk(
    action_reassign,
    input=ActionsAssignInput,
    rows="ids",
    description="Assigns up to 100 open actions to one user; each succeeds or fails on its own.",
)
actions_reschedule = bulk(
    action_reschedule,
    input=ActionsRescheduleInput,
    rows="items",
    description="Changes the due dates of up to 100 open actions; each succeeds or fails on its "
    "own.",
)
