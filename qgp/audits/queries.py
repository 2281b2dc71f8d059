"""Reading audits."""

import strawberry

from qgp.audits import loaders, types
from qgp.kit.gql import Connection, listing, lookup


@strawberry.type
class Query:
    """Root reads."""

    audit: types.Audit | None = lookup(
        "One audit.", id=loaders.audit_by_id, reference=loaders.audit_by_reference
    )
    audits: Connection[types.Audit] | None = listing(
        loaders.audits,
        "The audits, by the first day as planned; employees see those that they are audited in or "
        "on the team of.",
    )
    audit_clause: types.AuditClause | None = lookup(
        "One clause that an audit covers.", id=loaders.audit_clause_by_id
    )
    audit_clauses: Connection[types.AuditClause] | None = listing(
        loaders.audit_clauses, "Which clauses audits cover, audit by audit."
    )
    audit_standard: types.AuditStandard | None = lookup(
        "One standard that an audit is held against.", id=loaders.audit_standard_by_id
    )
    audit_standards: Connection[types.AuditStandard] | None = listing(
        loaders.audit_standards, "Which standards audits are held against, audit by audit."
    )
    audit_auditee: types.AuditAuditee | None = lookup(
        "One who is audited.", id=loaders.audit_auditee_by_id
    )
    audit_auditees: Connection[types.AuditAuditee] | None = listing(
        loaders.audit_auditees, "Who is audited where, the oldest first."
    )
    audit_team_member: types.AuditTeamMember | None = lookup(
        "One member of a team.", id=loaders.audit_team_member_by_id
    )
    audit_team_members: Connection[types.AuditTeamMember] | None = listing(
        loaders.audit_team_members, "Who audits what, the oldest first."
    )
    audit_response: types.AuditResponse | None = lookup(
        "One answer.", id=loaders.audit_response_by_id
    )
    audit_responses: Connection[types.AuditResponse] | None = listing(
        loaders.audit_responses, "The answers of all audits, the oldest first."
    )
    sample_set: types.SampleSet | None = lookup("One sample.", id=loaders.sample_set_by_id)
    sample_sets: Connection[types.SampleSet] | None = listing(
        loaders.sample_sets, "The samples of all audits, the oldest first."
    )
    sample_item: types.SampleItem | None = lookup(
        "One item of a sample.", id=loaders.sample_item_by_id
    )
    sample_items: Connection[types.SampleItem] | None = listing(
        loaders.sample_items, "The items of all samples, sample by sample."
    )
