"""Writing audit programmes, approving them and carrying them out."""

from qgp.kit.gql import command, create, mutations_of, step, update
from qgp.programmes import carrying, items, policy, service, workflow
from qgp.programmes.inputs import (
    AuditProgrammeCreateFields,
    AuditProgrammeUpdateFields,
    ProgrammeItemCreateFields,
    ProgrammeItemLinkAuditInput,
    ProgrammeItemPlanAuditInput,
    ProgrammeItemUpdateFields,
)
from qgp.programmes.loaders import programme_by_id, programme_item_by_id
from qgp.programmes.types import AuditProgramme, ProgrammeItem

audit_programme_create = create(
    AuditProgramme,
    policy.CREATE,
    service.create,
    returns=programme_by_id,
    description="Draft an audit programme.",
    more=AuditProgrammeCreateFields,
)
audit_programme_update = update(
    AuditProgramme,
    policy.UPDATE,
    service.change,
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
    carrying.plan_audit,
    takes=ProgrammeItemPlanAuditInput,
    may=policy.PLAN,
    returns=programme_item_by_id,
    description="Plan the audit that carries an item out; if it is CANCELLED, another one can "
    "follow.",
)
programme_item_link_audit = command(
    carrying.link_audit,
    takes=ProgrammeItemLinkAuditInput,
    may=policy.PLAN,
    returns=programme_item_by_id,
    description="Let an audit that is planned already carry an item out.",
)
programme_item_unlink_audit = command(
    carrying.unlink_audit,
    takes=step("pgi"),
    may=policy.PLAN,
    returns=programme_item_by_id,
    description="Let the audit of an item, while it is PLANNED, stand for itself again.",
)
