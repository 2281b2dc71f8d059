"""Reading audits."""

import strawberry

from qgp.audits import loaders
from qgp.audits.loaders import (
    audit_auditee_by_id,
    audit_by_id,
    audit_by_reference,
    audit_clause_by_id,
    audit_response_by_id,
    audit_standard_by_id,
    audit_team_member_by_id,
    sample_item_by_id,
    sample_set_by_id,
)
from qgp.audits.types import (
    Audit,
    AuditAuditee,
    AuditClause,
    AuditResponse,
    AuditStandard,
    AuditTeamMember,
    SampleItem,
    SampleSet,
)
from qgp.kit.gql import Connection, find, listing


@strawberry.type
class Query:
    """Root reads."""

    audit: Audit | None = find("One audit.", id=audit_by_id, reference=audit_by_reference)
    audits: Connection[Audit] | None = listing(
        loaders.audits,
        "The audits, by the first day as planned; employees see those that they are audited in or "
        "on the team of.",
    )
    audit_clause: AuditClause | None = find(
        "One clause that an audit covers.", id=audit_clause_by_id
    )
    audit_clauses: Connection[AuditClause] | None = listing(
        loaders.audit_clauses, "Which clauses audits cover, audit by audit."
    )
    audit_standard: AuditStandard | None = find(
        "One standard that an audit is held against.", id=audit_standard_by_id
    )
    audit_standards: Connection[AuditStandard] | None = listing(
        loaders.audit_standards, "Which standards audits are held against, audit by audit."
    )
    audit_auditee: AuditAuditee | None = find("One who is audited.", id=audit_auditee_by_id)
    audit_auditees: Connection[AuditAuditee] | None = listing(
        loaders.audit_auditees, "Who is audited where, the oldest first."
    )
    audit_team_member: AuditTeamMember | None = find(
        "One member of a team.", id=audit_team_member_by_id
    )
    audit_team_members: Connection[AuditTeamMember] | None = listing(
        loaders.audit_team_members, "Who audits what, the oldest first."
    )
    audit_response: AuditResponse | None = find("One answer.", id=audit_response_by_id)
    audit_responses: Connection[AuditResponse] | None = listing(
        loaders.audit_responses, "The answers of all audits, the oldest first."
    )
    sample_set: SampleSet | None = find("One sample.", id=sample_set_by_id)
    sample_sets: Connection[SampleSet] | None = listing(
        loaders.sample_sets, "The samples of all audits, the oldest first."
    )
    sample_item: SampleItem | None = find("One item of a sample.", id=sample_item_by_id)
    sample_items: Connection[SampleItem] | None = listing(
        loaders.sample_items, "The items of all samples, sample by sample."
    )
