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
    Beside,
    bulk,
    command,
    create,
    given,
    key_field,
    mutations_of,
    named_by,
    sheet,
    update,
    version_field,
)
from qgp.users.loaders import user_by_email

_WHY = "Why, for the trail; 1 to 2000 characters."


@strawberry.input(description="How far your own action is.")
class ActionReportInput:
    """How far an action is."""

    id: strawberry.ID = given("An open action of your own.", id_of="act")
    expected_version: int = version_field()
    progress: int = given("How far it is, 0 to 100.")


@strawberry.input(description="Another owner for an open action.")
class ActionReassignInput:
    """Another owner."""

    id: strawberry.ID = given("The action.", id_of="act")
    expected_version: int = version_field()
    owner_id: strawberry.ID = given("Who does it from now on.", id_of="usr")
    reason: str = given(_WHY, most=2000)
    idempotency_key: str | None = key_field()


@strawberry.input(description="Another due day for an open action.")
class ActionRescheduleInput:
    """Another due day."""

    id: strawberry.ID = given("The action.", id_of="act")
    expected_version: int = version_field()
    new_due_on: date = given("The day until which it is to be done now; another than before.")
    reason: str = given(_WHY, most=2000)
    idempotency_key: str | None = key_field()


@strawberry.input(description="What an open action has to wait for.")
class ActionDependencyAddInput:
    """What an action has to wait for."""

    id: strawberry.ID = given("The action that waits.", id_of="act")
    expected_version: int = version_field()
    prerequisite_id: strawberry.ID = given("The action to be done before.", id_of="act")


@strawberry.input(description="What an open action need not wait for any more.")
class ActionDependencyRemoveInput:
    """What an action need not wait for."""

    id: strawberry.ID = given("The action that waits.", id_of="act")
    expected_version: int = version_field()
    prerequisite_id: strawberry.ID = given("The action it waits for.", id_of="act")


@strawberry.input(description="Open actions for one user, in whatever version they are.")
class ActionsAssignInput:
    """Actions for one user."""

    ids: list[strawberry.ID] = given("The actions; at most 100.")
    owner_id: strawberry.ID = given("Who does them from now on.", id_of="usr")
    reason: str | None = given(_WHY, most=2000, default=None)
    idempotency_key: str | None = key_field()


@strawberry.input(description="One of the actions to reschedule.")
class ActionsRescheduleItemInput:
    """One action to reschedule."""

    id: strawberry.ID = given("The action.", id_of="act")
    expected_version: int = version_field()
    new_due_on: date = given("The day until which it is to be done now; another than before.")
    reason: str = given(_WHY, most=2000)


@strawberry.input(description="Other due days for open actions.")
class ActionsRescheduleInput:
    """Other due days."""

    items: list[ActionsRescheduleItemInput] = given("What to move and where; at most 100.")
    idempotency_key: str | None = key_field()


_OTHER = {"prerequisite": Beside(action_by_id, "prerequisite_id", "The one to be done before.")}

action_create = create(
    Action,
    policy.CREATE,
    service.create,
    returns=action_by_id,
    description="Give somebody something to do.",
)
action_update = update(
    Action,
    policy.MANAGE,
    service.update,
    returns=action_by_id,
    description="Change what is to be done; owner and due day have commands of their own.",
)
action_report = command(
    service.report,
    takes=ActionReportInput,
    may=policy.WORK,
    returns=action_by_id,
    description="Say how far your own action is.",
)
action_transitions = mutations_of(workflow.ACTION, action_by_id)
action_reassign = command(
    service.reassign,
    takes=ActionReassignInput,
    may=policy.MANAGE,
    returns=action_by_id,
    description="Give an open action to somebody else.",
)
action_reschedule = command(
    service.reschedule,
    takes=ActionRescheduleInput,
    may=policy.MANAGE,
    returns=action_by_id,
    description="Move the due day of an open action; `originalDueOn` stays.",
)
action_dependency_add = command(
    service.wait_for,
    takes=ActionDependencyAddInput,
    may=policy.MANAGE,
    returns=action_by_id,
    description="Let an action wait until another is done; circles are refused.",
    beside=_OTHER,
)
action_dependency_remove = command(
    service.wait_no_more,
    takes=ActionDependencyRemoveInput,
    may=policy.MANAGE,
    returns=action_by_id,
    description="Let an action no longer wait for another.",
    beside=_OTHER,
)
actions_import = sheet(
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
    takes=ActionsAssignInput,
    rows="ids",
    description="Give up to 100 open actions to one user, each for itself.",
)
actions_reschedule = bulk(
    action_reschedule,
    takes=ActionsRescheduleInput,
    rows="items",
    description="Move the due days of up to 100 open actions, each for itself.",
)
