"""Findings from a file."""

from qgp.audits.loaders import audit_by_reference
from qgp.findings import model, policy, service
from qgp.findings.inputs import FindingCreateInput
from qgp.findings.loaders import cause_category_by_code, finding_by_reference
from qgp.kit.gql import Named, by_code, by_email, by_reference, sheet
from qgp.organizations.loaders import department_by_code, site_by_code
from qgp.processes.loaders import process_by_code
from qgp.standards.loaders import clause_as_cited
from qgp.users.loaders import user_by_email

_CITED = "Write it as `ISO9001:2015 8.4.1`."
FINDINGS = sheet(
    model.Finding,
    service.create,
    takes=FindingCreateInput,
    may=policy.CREATE,
    names={
        "detected_by_id": by_email(user_by_email, "detectedBy"),
        "owner_id": by_email(user_by_email, "owner"),
        "site_id": by_code(site_by_code, "site", "BER"),
        "department_id": by_code(department_by_code, "department", "QA"),
        "process_id": by_code(process_by_code, "process", "BUY"),
        "audit_id": by_reference(audit_by_reference, "audit", "AUD-2026-0001"),
        "primary_clause_id": Named(
            clause_as_cited,
            ("primaryClause.clause.standard.code", "primaryClause.clause.number"),
            _CITED,
        ),
        "clause_ids": Named(clause_as_cited, (), _CITED),
        "cause_category_id": by_code(cause_category_by_code, "causeCategory", "METHOD"),
        "repeat_of_id": by_reference(finding_by_reference, "repeatOf", "NC-2026-0001"),
    },
    untold={"response_id"},  # an answer has no name that a person would write
)
