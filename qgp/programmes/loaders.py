"""Loaders and registers of audit programmes and their items."""

from qgp.kit.loader import Register, one
from qgp.kit.subjects import subject
from qgp.programmes.model import AuditProgramme, AuditProgrammeStandard, ProgrammeItem
from qgp.programmes.policy import READ, READ_ITEMS, READ_STANDARDS

programme_by_id = subject(one(AuditProgramme, READ))
programme_by_reference = one(AuditProgramme, READ, by=AuditProgramme.reference)
programme_standard_by_id = one(AuditProgrammeStandard, READ_STANDARDS)
programme_item_by_id = one(ProgrammeItem, READ_ITEMS)

audit_programmes = Register(AuditProgramme, READ, ("period_start_on",))
audit_programme_standards = Register(
    AuditProgrammeStandard, READ_STANDARDS, ("programme_id", "standard_id")
)
programme_items = Register(ProgrammeItem, READ_ITEMS, ("planned_month",))
