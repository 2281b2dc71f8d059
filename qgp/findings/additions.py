"""The findings that audits bring to light, shown by them."""

from qgp.audits.loaders import audit_by_id, audit_response_by_id
from qgp.findings.loaders import findings
from qgp.findings.model import Finding
from qgp.findings.refs import FindingRef
from qgp.kit.gql import Connection, adds_to, listing


@adds_to(audit_by_id)
class OfAudit:
    """What an audit shows of findings."""

    findings: Connection[FindingRef] = listing(
        findings,
        "What it brought to light, the oldest first; drafts are opened with the report.",
        parent=Finding.audit_id,
    )


@adds_to(audit_response_by_id)
class OfResponse:
    """What an answer shows of findings."""

    findings: Connection[FindingRef] = listing(
        findings, "What was found about it, the oldest first.", parent=Finding.response_id
    )
