"""Findings from a file."""

from qgp.audits.loaders import audit_by_reference
from qgp.findings import model, policy, service
from qgp.findings.inputs import FindingCreateInput
from qgp.findings.loaders import cause_category_by_code, finding_by_reference
from qgp.kit.gql import Named, sheet
from qgp.organizations.loaders import department_by_code, site_by_code
from qgp.processes.loaders import process_by_code
from qgp.standards.loaders import clause_as_cited
from qgp.users.loaders import user_by_email

FINDINGS = sheet(
    model.Finding,
    service.create,
    takes=FindingCreateInput,
    may=policy.CREATE,
    names={
        "detected_by_id": Named(user_by_email, ("detectedBy.email",), str.lower),
        "owner_id": Named(user_by_email, ("owner.email",), str.lower),
        "site_id": Named(site_by_code, ("site.code",)),
        "department_id": Named(department_by_code, ("department.code",)),
        "process_id": Named(process_by_code, ("process.code",)),
        "audit_id": Named(audit_by_reference, ("audit.reference",), str.upper),
        "primary_clause_id": Named(
            clause_as_cited, ("primaryClause.clause.standard.code", "primaryClause.clause.number")
        ),
        "clause_ids": Named(clause_as_cited, ()),
        "cause_category_id": Named(cause_category_by_code, ("causeCategory.code",)),
        "repeat_of_id": Named(finding_by_reference, ("repeatOf.reference",), str.upper),
    },
    untold={"response_id"},  # an answer has no name that a person would write
)
