"""Handing out, working on and verifying actions."""

from datetime import date

import strawberry

from qgp.actions import policy, service, workflow
from qgp.actions.loaders import action_by_id
from qgp.actions.types import Action
from qgp.audits.loaders import audit_by_reference
from qgp.capas.loaders import capa_by_reference
from qgp.findings.loaders import finding_by_reference
from qgp.kit.gql import (
    REASON,
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

_WHY = "Why, for the trail; 1 to 2000 characters."


@input_type
class ActionsAssignInput:
    """Open actions for one user, in whatever version they are."""

    ids: list[strawberry.ID] = input_field("The actions; at most 100.")
    owner_id: strawberry.ID = input_field("Who does them from now on.", id_of="usr")
    reason: str | None = input_field(_WHY, most=2000, default=None)
    idempotency_key: str | None = key_field()


@input_type
class ActionsRescheduleItemInput:
    """One of the actions to reschedule."""

    id: strawberry.ID = input_field("The action.", id_of="act")
    expected_version: int = version_field()
    new_due_on: date = input_field("The day until which it is to be done now; another than before.")
    reason: str = input_field(_WHY, most=2000)


@input_type
class ActionsRescheduleInput:
    """Other due days for open actions."""

    items: list[ActionsRescheduleItemInput] = input_field("What to move and where; at most 100.")
    idempotency_key: str | None = key_field()


_OTHER = {
    "prerequisite": Offer(
        "The one to be done before.", record=action_by_id, names="prerequisite_id"
    )
}

action_create = create(
    Action, policy.CREATE, service.create, description="Give somebody something to do."
)
action_update = update(
    Action,
    policy.MANAGE,
    service.update,
    description="Change what is to be done; owner and due day have commands of their own.",
)
action_report_progress = command(
    service.report_progress,
    input=command_input(Input("progress", "Progress, 0 to 100 percent.", int)),
    permission=policy.WORK,
    result=action_by_id,
    description="Say how far your own action is.",
)
action_transitions = mutations_of(workflow.ACTION)
action_reassign = command(
    service.reassign,
    input=command_input(Input("owner_id", "New owner.", id_of="usr"), REASON),
    permission=policy.MANAGE,
    result=action_by_id,
    description="Give an open action to somebody else.",
)
action_reschedule = command(
    service.reschedule,
    input=command_input(Input("new_due_on", "New due date; another than before.", date), REASON),
    permission=policy.MANAGE,
    result=action_by_id,
    description="Move the due day of an open action; `originalDueOn` stays.",
)
action_dependency_add = command(
    service.wait_for,
    input=command_input(Input("prerequisite_id", "Action to be done before.", id_of="act")),
    permission=policy.MANAGE,
    result=action_by_id,
    description="Let an action wait until another is done; circles are refused.",
    offers=_OTHER,
)
action_dependency_remove = command(
    service.wait_no_more,
    input=command_input(Input("prerequisite_id", "Action it waits for.", id_of="act")),
    permission=policy.MANAGE,
    result=action_by_id,
    description="Let an action no longer wait for another.",
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
)
actions_assign = bulk(
    action_reassign,
    input=ActionsAssignInput,
    rows="ids",
    description="Give up to 100 open actions to one user, each for itself.",
)
actions_reschedule = bulk(
    action_reschedule,
    input=ActionsRescheduleInput,
    rows="items",
    description="Move the due days of up to 100 open actions, each for itself.",
)
