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

_EMAIL = "Write the e-mail address, such as eva@example.com."
_CITED = "Write it as `ISO9001:2015 8.4.1`."
FINDINGS = sheet(
    model.Finding,
    service.create,
    takes=FindingCreateInput,
    may=policy.CREATE,
    names={
        "detected_by_id": Named(user_by_email, ("detectedBy.email",), _EMAIL, str.lower),
        "owner_id": Named(user_by_email, ("owner.email",), _EMAIL, str.lower),
        "site_id": Named(site_by_code, ("site.code",), "Write its code, such as BER."),
        "department_id": Named(
            department_by_code, ("department.code",), "Write its code, such as QA."
        ),
        "process_id": Named(process_by_code, ("process.code",), "Write its code, such as BUY."),
        "audit_id": Named(
            audit_by_reference,
            ("audit.reference",),
            "Write its reference, such as AUD-2026-0001.",
            str.upper,
        ),
        "primary_clause_id": Named(
            clause_as_cited,
            ("primaryClause.clause.standard.code", "primaryClause.clause.number"),
            _CITED,
        ),
        "clause_ids": Named(clause_as_cited, (), _CITED),
        "cause_category_id": Named(
            cause_category_by_code, ("causeCategory.code",), "Write its code, such as METHOD."
        ),
        "repeat_of_id": Named(
            finding_by_reference,
            ("repeatOf.reference",),
            "Write its reference, such as NC-2026-0001.",
            str.upper,
        ),
    },
    untold={"response_id"},  # an answer has no name that a person would write
)
