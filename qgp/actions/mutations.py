"""Mutations of actions."""

from datetime import date

from qgp.actions import policy, service, workflow
from qgp.actions.loaders import action_by_id
from qgp.actions.model import ActionStatus
from qgp.actions.types import Action
from qgp.audits.loaders import audit_by_reference
from qgp.capas.loaders import capa_by_reference
from qgp.findings.loaders import finding_by_reference
from qgp.kit.gql import (
    OPTIONAL_REASON,
    REASON,
    History,
    Input,
    Offer,
    bulk,
    command,
    command_input,
    create,
    csv_import,
    mutations_of,
    update,
)
from qgp.users.loaders import user_by_email

_OWNER = Input("owner_id", "New owner.", id_of="usr")
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
    input=command_input(_OWNER, REASON),
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
        "owner_id": user_by_email,
        "finding_id": finding_by_reference,
        "capa_id": capa_by_reference,
        "audit_id": audit_by_reference,
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
    command(
        service.reassign,
        input=command_input(_OWNER, OPTIONAL_REASON),
        permission=policy.MANAGE,
        result=action_by_id,
        description="Assigns an open action to another owner.",
    ),
    shared=("owner_id", "reason"),
    description="Assigns up to 100 open actions to one user; each succeeds or fails on its own.",
)
actions_reschedule = bulk(
    action_reschedule,
    description="Changes the due dates of up to 100 open actions; each succeeds or fails on its "
    "own.",
)
