"""Loaders and registers of audits, audit teams, responses and sample sets."""

from qgp.audits import model, policy
from qgp.audits.model.terms import AuditStatus
from qgp.kit.loader import Register, excerpt, many, one
from qgp.kit.subjects import subject

audit_by_id = subject(one(model.Audit, policy.READ))
audit_context = excerpt(model.Audit, policy.READ_CONTEXT)
audit_by_reference = one(
    model.Audit, policy.READ, by=model.Audit.reference, example="AUD-2026-0001"
)
audit_standard_by_id = one(model.AuditStandard, policy.READ_STANDARDS)
audit_auditee_by_id = one(model.AuditAuditee, policy.READ_AUDITEES)
standing_audit_of_item = one(
    model.Audit,
    policy.READ,
    by=model.Audit.programme_item_id,
    where=(model.Audit.status != AuditStatus.CANCELLED,),
)
audit_clause_by_id = one(model.AuditClause, policy.READ_CLAUSES)
audit_team_member_by_id = one(model.AuditTeamMember, policy.READ_TEAM)
audit_response_by_id = subject(one(model.AuditResponse, policy.READ_RESPONSES))
sample_set_by_id = one(model.SampleSet, policy.READ_SAMPLES)
sample_item_by_id = one(model.SampleItem, policy.READ_ITEMS)
team_of_audit = many(
    model.AuditTeamMember,
    policy.READ_TEAM,
    by=model.AuditTeamMember.audit_id,
    order=(model.AuditTeamMember.id,),
)

audits = Register(model.Audit, policy.READ, ("planned_start_on",))
audit_clauses = Register(model.AuditClause, policy.READ_CLAUSES, ("audit_id", "clause_id"))
audit_standards = Register(model.AuditStandard, policy.READ_STANDARDS, ("audit_id", "standard_id"))
audit_auditees = Register(model.AuditAuditee, policy.READ_AUDITEES, ("created_at",))
audit_team_members = Register(model.AuditTeamMember, policy.READ_TEAM, ("created_at",))
audit_responses = Register(model.AuditResponse, policy.READ_RESPONSES, ("created_at",))
sample_sets = Register(model.SampleSet, policy.READ_SAMPLES, ("created_at",))
sample_items = Register(model.SampleItem, policy.READ_ITEMS, ("sample_set_id", "position"))
