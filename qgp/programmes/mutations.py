"""Writing audit programmes, approving them and carrying them out."""

from datetime import date

import strawberry

from qgp.audits.refs import AuditTypeRef
from qgp.kit.gql import (
    PROSE,
    REASON,
    Input,
    command,
    command_input,
    create,
    input_field,
    mutations_of,
    update,
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

    standard_ids: list[strawberry.ID] = input_field(_STANDARDS, id_of="std", default_factory=list)


class AuditProgrammeUpdateFields:
    """Fields of a change beside those of the type."""

    standard_ids: strawberry.Maybe[list[strawberry.ID]] = input_field(_STANDARDS, id_of="std")
    reason: str | None = input_field(_REASON, most=2000, default=None)


class ProgrammeItemCreateFields:
    """Fields of a new record beside those of its type."""

    reason: str | None = input_field(_REASON, most=2000, default=None)


class ProgrammeItemUpdateFields:
    """Fields of a change beside those of the type."""

    reason: str | None = input_field(_REASON, most=2000, default=None)


audit_programme_create = create(
    AuditProgramme,
    policy.CREATE,
    programmes.create,
    description="Draft an audit programme.",
    more=AuditProgrammeCreateFields,
)
audit_programme_update = update(
    AuditProgramme,
    policy.UPDATE,
    programmes.change,
    description="Change a programme that is DRAFT or, for a reason, ACTIVE: its owner, the lead "
    "auditor who wrote it, or quality.",
    more=AuditProgrammeUpdateFields,
)
audit_programme_transitions = mutations_of(workflow.PROGRAMME)
programme_item_create = create(
    ProgrammeItem,
    policy.UPDATE,
    items.add,
    description="Plan that something is audited; it counts as a change of the programme.",
    more=ProgrammeItemCreateFields,
)
programme_item_update = update(
    ProgrammeItem,
    policy.UPDATE,
    items.change,
    description="Change an item that was not dropped; it counts as a change of the programme.",
    more=ProgrammeItemUpdateFields,
)
programme_item_remove = command(
    items.remove,
    input=command_input(id_of="pgi"),
    permission=policy.UPDATE,
    result=programme_by_id,
    description="Take an item out of a DRAFT; the programme comes back.",
    deletes=True,
)
programme_item_drop = command(
    items.drop,
    input=command_input(REASON),
    permission=policy.UPDATE,
    result=programme_item_by_id,
    description="Decide that an item of an ACTIVE programme will not be audited; it stays, with "
    "the reason.",
)
programme_item_plan_audit = command(
    audit_assignment.plan_audit,
    input=command_input(
        Input(
            "title",
            "Title; else the programme's title with what the item looks at.",
            required=False,
        ),
        Input(
            "type",
            "Type; else PROCESS where the item names a process, or SYSTEM.",
            AuditTypeRef,
            required=False,
        ),
        Input("scope", "Scope.", max_length=PROSE, required=False),
        Input(
            "planned_start_on",
            "First day; else the first of the planned month.",
            date,
            required=False,
        ),
        Input(
            "planned_end_on", "Last day; else the last of the planned month.", date, required=False
        ),
        Input(
            "template_version_id",
            "PUBLISHED template version of its checklist.",
            id_of="tpv",
            required=False,
        ),
        Input(
            "lead_auditor_id",
            "Lead auditor; nobody of the audited department, nor the owner of the process.",
            id_of="usr",
            required=False,
        ),
    ),
    permission=policy.PLAN,
    result=programme_item_by_id,
    description="Plan the audit that carries out an item of an ACTIVE programme; if it is "
    "CANCELLED, another one can follow. Clause, site, department (else the process's) "
    "and process come from the item, the standard from the clause, else all of the "
    "programme, the method from the programme; what is left open can be filled in "
    "later (auditUpdate).",
)
programme_item_link_audit = command(
    audit_assignment.link_audit,
    input=command_input(
        Input("audit_id", "Audit that is PLANNED and that you may change.", id_of="aud")
    ),
    permission=policy.PLAN,
    result=programme_item_by_id,
    description="Let an audit that is planned already carry out an item of an ACTIVE programme.",
)
programme_item_unlink_audit = command(
    audit_assignment.unlink_audit,
    permission=policy.PLAN,
    result=programme_item_by_id,
    description="Let the audit of an item, while it is PLANNED, stand for itself again.",
)
