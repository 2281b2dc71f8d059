"""How other modules reach audits, their teams, answers and samples."""

from qgp.audits.model import (
    Audit,
    AuditAuditee,
    AuditClause,
    AuditResponse,
    AuditStandard,
    AuditTeamMember,
    SampleItem,
    SampleSet,
)
from qgp.audits.model.terms import AuditStatus
from qgp.audits.policy import (
    READ,
    READ_AUDITEES,
    READ_CLAUSES,
    READ_ITEMS,
    READ_RESPONSES,
    READ_SAMPLES,
    READ_STANDARDS,
    READ_TEAM,
)
from qgp.kit.loader import Register, many, one
from qgp.kit.subjects import subject

audit_by_id = subject(one(Audit, READ))
audit_by_reference = one(Audit, READ, by=Audit.reference)
audit_standard_by_id = one(AuditStandard, READ_STANDARDS)
audit_auditee_by_id = one(AuditAuditee, READ_AUDITEES)
standing_audit_of_item = one(
    Audit,
    READ,
    by=Audit.programme_item_id,
    where=(Audit.status != AuditStatus.CANCELLED,),
)
audit_clause_by_id = one(AuditClause, READ_CLAUSES)
audit_team_member_by_id = one(AuditTeamMember, READ_TEAM)
audit_response_by_id = subject(one(AuditResponse, READ_RESPONSES))
sample_set_by_id = one(SampleSet, READ_SAMPLES)
sample_item_by_id = one(SampleItem, READ_ITEMS)
team_of_audit = many(
    AuditTeamMember, READ_TEAM, by=AuditTeamMember.audit_id, order=(AuditTeamMember.id,)
)

audits = Register(Audit, READ, ("planned_start_on",))
audit_clauses = Register(AuditClause, READ_CLAUSES, ("audit_id", "clause_id"))
audit_standards = Register(AuditStandard, READ_STANDARDS, ("audit_id", "standard_id"))
audit_auditees = Register(AuditAuditee, READ_AUDITEES, ("created_at",))
audit_team_members = Register(AuditTeamMember, READ_TEAM, ("created_at",))
audit_responses = Register(AuditResponse, READ_RESPONSES, ("created_at",))
sample_sets = Register(SampleSet, READ_SAMPLES, ("created_at",))
sample_items = Register(SampleItem, READ_ITEMS, ("sample_set_id", "position"))
