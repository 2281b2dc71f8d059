"""Findings of audits and of audit responses, as fields of theirs."""

from qgp.audits.loaders import audit_by_id, audit_response_by_id
from qgp.findings.loaders import findings
from qgp.findings.model import ENDED, Finding
from qgp.findings.policy import READ
from qgp.findings.refs import FindingRef
from qgp.kit.gql import Connection, adds_to, listing, number_of


@adds_to(audit_by_id)
class OfAudit:
    """Findings of an audit."""

    findings: Connection[FindingRef] = listing(
        findings,
        "Findings of the audit, the oldest first. Drafts are opened when the audit report is "
        "issued (`auditIssueReport`).",
        parent=Finding.audit_id,
    )
    open_findings: int = number_of(
        Finding,
        READ,
        "Number of findings of the audit, of those visible to you, that are not CLOSED, ACCEPTED "
        "or VOID; a finding that was reopened counts, and leaves its audit CLOSED.",
        by=Finding.audit_id,
        where=(Finding.status.not_in(sorted(ENDED)),),
    )


@adds_to(audit_response_by_id)
class OfResponse:
    """Findings of an audit response."""

    findings: Connection[FindingRef] = listing(
        findings, "Findings about the response, the oldest first.", parent=Finding.response_id
    )
