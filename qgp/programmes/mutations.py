"""Writing audit programmes, approving them and carrying them out."""

import datetime

import strawberry

from qgp.audits.refs import AuditTypeRef
from qgp.kit.gql import (
    PROSE,
    command,
    create,
    given,
    key_field,
    mutations_of,
    step,
    update,
    version_field,
)
from qgp.programmes import policy, workflow
from qgp.programmes.commands import audit_assignment, items, programmes
from qgp.programmes.loaders import programme_by_id, programme_item_by_id
from qgp.programmes.types import AuditProgramme, ProgrammeItem

_STANDARDS = "All standards whose requirements it covers; at most 50."
_MONTH = "The first day of the month it is planned for, e.g. 2027-03-01; within the period."
_REASON = "Why, for the trail; needed while the programme is ACTIVE."


class AuditProgrammeCreateFields:
    """Fields of a new record beside those of its type."""

    standard_ids: list[strawberry.ID] = given(_STANDARDS, id_of="std", default_factory=list)


class AuditProgrammeUpdateFields:
    """Fields of a change beside those of the type."""

    standard_ids: strawberry.Maybe[list[strawberry.ID]] = given(_STANDARDS, id_of="std")
    reason: str | None = given(_REASON, most=2000, default=None)


class ProgrammeItemCreateFields:
    """Fields of a new record beside those of its type."""

    reason: str | None = given(_REASON, most=2000, default=None)


class ProgrammeItemUpdateFields:
    """Fields of a change beside those of the type."""

    reason: str | None = given(_REASON, most=2000, default=None)


@strawberry.input(
    description="The audit that carries an item out. Clause, site, department (else the "
    "process's) and process come from the item, the standard from the clause, else all of the "
    "programme, the method from the programme; what is left open can be filled in later "
    "(auditUpdate)."
)
class ProgrammeItemPlanAuditInput:
    """The audit that carries an item out."""

    id: strawberry.ID = given("The item, of an ACTIVE programme.", id_of="pgi")
    expected_version: int = version_field()
    title: str | None = given(
        "What it is about; else the programme's title with what the item looks at.", default=None
    )
    type: AuditTypeRef | None = given(
        "What is audited; else PROCESS where the item names a process, or SYSTEM.", default=None
    )
    scope: str | None = given("What it looks at.", most=PROSE, default=None)
    planned_start_on: datetime.date | None = given(
        "Its first day; the first of the planned month else.", default=None
    )
    planned_end_on: datetime.date | None = given(
        "Its last day; the last of the planned month else.", default=None
    )
    template_version_id: strawberry.ID | None = given(
        "The checklist it goes by; PUBLISHED.", id_of="tpv", default=None
    )
    lead_auditor_id: strawberry.ID | None = given(
        "Who leads it; nobody of the audited department, nor the owner of the process.",
        id_of="usr",
        default=None,
    )
    idempotency_key: str | None = key_field()


@strawberry.input(description="An audit that is planned already, to carry an item out.")
class ProgrammeItemLinkAuditInput:
    """An audit that is planned already."""

    id: strawberry.ID = given("The item, of an ACTIVE programme.", id_of="pgi")
    expected_version: int = version_field()
    audit_id: strawberry.ID = given("The audit, PLANNED and yours to change.", id_of="aud")
    idempotency_key: str | None = key_field()


audit_programme_create = create(
    AuditProgramme,
    policy.CREATE,
    programmes.create,
    returns=programme_by_id,
    description="Draft an audit programme.",
    more=AuditProgrammeCreateFields,
)
audit_programme_update = update(
    AuditProgramme,
    policy.UPDATE,
    programmes.change,
    returns=programme_by_id,
    description="Change a programme that is DRAFT or, for a reason, ACTIVE: its owner, the lead "
    "auditor who wrote it, or quality.",
    more=AuditProgrammeUpdateFields,
)
audit_programme_transitions = mutations_of(workflow.PROGRAMME, programme_by_id)
programme_item_create = create(
    ProgrammeItem,
    policy.UPDATE,
    items.add,
    returns=programme_item_by_id,
    description="Plan that something is audited; it counts as a change of the programme.",
    more=ProgrammeItemCreateFields,
)
programme_item_update = update(
    ProgrammeItem,
    policy.UPDATE,
    items.change,
    returns=programme_item_by_id,
    description="Change an item that was not dropped; it counts as a change of the programme.",
    more=ProgrammeItemUpdateFields,
)
programme_item_remove = command(
    items.remove,
    takes=step("pgi"),
    may=policy.UPDATE,
    returns=programme_by_id,
    description="Take an item out of a DRAFT; the programme comes back.",
    deletes=True,
)
programme_item_drop = command(
    items.drop,
    takes=step("pgi", explained=True),
    may=policy.UPDATE,
    returns=programme_item_by_id,
    description="Decide that an item of an ACTIVE programme will not be audited; it stays, with "
    "the reason.",
)
programme_item_plan_audit = command(
    audit_assignment.plan_audit,
    takes=ProgrammeItemPlanAuditInput,
    may=policy.PLAN,
    returns=programme_item_by_id,
    description="Plan the audit that carries an item out; if it is CANCELLED, another one can "
    "follow.",
)
programme_item_link_audit = command(
    audit_assignment.link_audit,
    takes=ProgrammeItemLinkAuditInput,
    may=policy.PLAN,
    returns=programme_item_by_id,
    description="Let an audit that is planned already carry an item out.",
)
programme_item_unlink_audit = command(
    audit_assignment.unlink_audit,
    takes=step("pgi"),
    may=policy.PLAN,
    returns=programme_item_by_id,
    description="Let the audit of an item, while it is PLANNED, stand for itself again.",
)
