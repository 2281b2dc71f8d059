"""Queries of audits, audit teams, responses and sample sets."""

import strawberry

from qgp.audits import loaders, types
from qgp.kit.gql import Connection, listing, lookup


@strawberry.type
class Query:
    """Root queries."""

    audit: types.Audit | None = lookup(
        "One audit.", id=loaders.audit_by_id, reference=loaders.audit_by_reference
    )
    audits: Connection[types.Audit] | None = listing(
        loaders.audits,
        "Audits by `plannedStartOn`. EMPLOYEE sees those with them as auditee or on the audit "
        "team.",
    )
    audit_clause: types.AuditClause | None = lookup(
        "One clause of the criteria of an audit.", id=loaders.audit_clause_by_id
    )
    audit_clauses: Connection[types.AuditClause] | None = listing(
        loaders.audit_clauses, "Clauses of the criteria of all audits, by audit."
    )
    audit_standard: types.AuditStandard | None = lookup(
        "One standard of the criteria of an audit.", id=loaders.audit_standard_by_id
    )
    audit_standards: Connection[types.AuditStandard] | None = listing(
        loaders.audit_standards, "Standards of the criteria of all audits, by audit."
    )
    audit_auditee: types.AuditAuditee | None = lookup(
        "One auditee of an audit.", id=loaders.audit_auditee_by_id
    )
    audit_auditees: Connection[types.AuditAuditee] | None = listing(
        loaders.audit_auditees, "Auditees of all audits, oldest first."
    )
    audit_team_member: types.AuditTeamMember | None = lookup(
        "One member of an audit team.", id=loaders.audit_team_member_by_id
    )
    audit_team_members: Connection[types.AuditTeamMember] | None = listing(
        loaders.audit_team_members, "Members of all audit teams, oldest first."
    )
    audit_response: types.AuditResponse | None = lookup(
        "One response.", id=loaders.audit_response_by_id
    )
    audit_responses: Connection[types.AuditResponse] | None = listing(
        loaders.audit_responses, "Responses of all audits, oldest first."
    )
    sample_set: types.SampleSet | None = lookup("One sample set.", id=loaders.sample_set_by_id)
    sample_sets: Connection[types.SampleSet] | None = listing(
        loaders.sample_sets, "Sample sets of all audits, oldest first."
    )
    sample_item: types.SampleItem | None = lookup(
        "One item of a sample set.", id=loaders.sample_item_by_id
    )
    sample_items: Connection[types.SampleItem] | None = listing(
        loaders.sample_items, "Items of all sample sets, by sample set."
    )
