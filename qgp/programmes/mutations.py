"""Mutations of audit programmes and their items."""

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

_STANDARDS = "All standards that the programme covers; at most 50."
_REASON = "Reason for the change, for the audit trail; required while the programme is ACTIVE."


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
    description="Creates an audit programme, which is a DRAFT.",
    more=AuditProgrammeCreateFields,
)
audit_programme_update = update(
    AuditProgramme,
    policy.UPDATE,
    programmes.change,
    description="Changes an audit programme that is DRAFT or, with a reason, ACTIVE. The "
    "caller must be its owner, be the LEAD_AUDITOR who created it, or have a quality role.",
    more=AuditProgrammeUpdateFields,
)
audit_programme_transitions = mutations_of(workflow.PROGRAMME)
programme_item_create = create(
    ProgrammeItem,
    policy.UPDATE,
    items.add,
    description="Adds an item to an audit programme that is DRAFT or, with a reason, ACTIVE; "
    "raises the programme's `version`. At most 500 items.",
    more=ProgrammeItemCreateFields,
)
programme_item_update = update(
    ProgrammeItem,
    policy.UPDATE,
    items.change,
    description="Changes a programme item that was not dropped; raises the programme's "
    "`version`. The target is fixed while the item has an audit.",
    more=ProgrammeItemUpdateFields,
)
programme_item_remove = command(
    items.remove,
    input=command_input(id_of="pgi"),
    permission=policy.UPDATE,
    result=programme_by_id,
    description="Removes an item from a DRAFT programme; returns the programme.",
    deletes=True,
)
programme_item_drop = command(
    items.drop,
    input=command_input(REASON),
    permission=policy.UPDATE,
    result=programme_item_by_id,
    description="Drops an item of an ACTIVE programme, which is kept with the reason and not "
    "audited. Requires an item without an audit.",
)
programme_item_plan_audit = command(
    audit_assignment.plan_audit,
    input=command_input(
        Input(
            "title",
            "Title; if absent, the programme's title with the item's target.",
            required=False,
        ),
        Input(
            "type",
            "Type; if absent, PROCESS if the item names a process, else SYSTEM.",
            AuditTypeRef,
            required=False,
        ),
        Input("scope", "Scope.", max_length=PROSE, required=False),
        Input(
            "planned_start_on",
            "Planned first day; if absent, the first of the planned month.",
            date,
            required=False,
        ),
        Input(
            "planned_end_on",
            "Planned last day; if absent, the last of the planned month.",
            date,
            required=False,
        ),
        Input(
            "template_version_id",
            "PUBLISHED template version that provides the checklist.",
            id_of="tpv",
            required=False,
        ),
        Input(
            "lead_auditor_id",
            "Lead auditor, who neither belongs to the audited department nor owns the audited "
            "process.",
            id_of="usr",
            required=False,
        ),
    ),
    permission=policy.PLAN,
    result=programme_item_by_id,
    description="Plans the audit of an item of an ACTIVE programme. Requires an item whose "
    "audits, if any, are all CANCELLED. The audit takes clause, site, department "
    "(or else the process's) and process from the item, the standards from the "
    "clause (or else the programme), and the method from the programme; other "
    "fields can be set later (auditUpdate).",
)
programme_item_link_audit = command(
    audit_assignment.link_audit,
    input=command_input(
        Input("audit_id", "Audit that is PLANNED, and that you may change.", id_of="aud")
    ),
    permission=policy.PLAN,
    result=programme_item_by_id,
    description="Links an audit that is PLANNED to an item of an ACTIVE programme. Requires "
    "an item whose audits, if any, are all CANCELLED.",
)
programme_item_unlink_audit = command(
    audit_assignment.unlink_audit,
    permission=policy.PLAN,
    result=programme_item_by_id,
    description="Unlinks the audit, while it is PLANNED, from its programme item.",
)
