"""Writing findings down, and what becomes of them."""

from qgp.audits.loaders import audit_by_id, audit_by_reference
from qgp.audits.policy import DRAFT_FINDINGS
from qgp.findings import drafting, policy, progress, service
from qgp.findings.inputs import (
    FindingAcceptInput,
    FindingActInput,
    FindingCloseInput,
    FindingContainInput,
    FindingCreateFields,
    FindingRegradeInput,
    FindingUpdateFields,
)
from qgp.findings.loaders import (
    cause_category_by_code,
    cause_category_by_id,
    finding_by_id,
    finding_by_reference,
)
from qgp.findings.types import CauseCategory, Finding
from qgp.kit.gql import Named, by_code, by_email, by_reference, command, create, sheet, step, update
from qgp.organizations.loaders import department_by_code, site_by_code
from qgp.processes.loaders import process_by_code
from qgp.standards.loaders import clause_as_cited
from qgp.users.loaders import user_by_email

_CITED = "Write it as `ISO9001:2015 8.4.1`."
finding_create = create(
    Finding,
    policy.CREATE,
    service.create,
    returns=finding_by_id,
    description="Write down what was found, as a draft.",
    more=FindingCreateFields,
)
audit_findings_draft = command(
    drafting.draft,
    takes=step("aud"),
    may=DRAFT_FINDINGS,
    returns=audit_by_id,
    description="Draft a finding for each failing answer whose question asks for one "
    "(`isFindingCreatedOnFail`) and that has none of its `failGrade` or heavier yet, at most 100 "
    "at once; where there is none to draft, nothing is done. Title and statement come from "
    "question, answer and comment, the clauses from the question, site, department and process "
    "from the audit; the owner is its auditee, if there is one alone. The team, but for observers, "
    "and quality, while the audit is IN_PROGRESS or FIELDWORK_DONE.",
)
findings_import = sheet(
    finding_create,
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
finding_update = update(
    Finding,
    policy.UPDATE,
    service.change,
    returns=finding_by_id,
    description="Change a finding that is not CLOSED, ACCEPTED or VOID; employees and risk "
    "managers change drafts that they wrote themselves.",
    more=FindingUpdateFields,
)
finding_regrade = command(
    service.regrade,
    takes=FindingRegradeInput,
    may=policy.REGRADE,
    returns=finding_by_id,
    description="Grade a finding anew; due days follow, the reference stays.",
)
finding_open = command(
    progress.open,
    takes=step("fnd"),
    may=policy.MOVE,
    returns=finding_by_id,
    description="Issue a draft; its due days count from today.",
)
finding_contain = command(
    progress.contain,
    takes=FindingContainInput,
    may=policy.MOVE,
    returns=finding_by_id,
    description="Say that the effects are under control, or why they need no control.",
)
finding_analyze = command(
    progress.analyze,
    takes=step("fnd"),
    may=policy.MOVE,
    returns=finding_by_id,
    description="Begin to look for the cause.",
)
finding_act = command(
    progress.act,
    takes=FindingActInput,
    may=policy.MOVE,
    returns=finding_by_id,
    description="Begin to remove the cause, which a nonconformity has to name and to place in "
    "one of `causeCategories`; quality adds those (`causeCategoryCreate`).",
)
finding_verify = command(
    progress.verify,
    takes=step("fnd"),
    may=policy.MOVE,
    returns=finding_by_id,
    description="Hand over to verification; this verifies nothing yet. What its actions were to "
    "do is done, and evidence shows it; `findingClose` or `findingReject` follows.",
)
finding_close = command(
    progress.close,
    takes=FindingCloseInput,
    may=policy.VERIFY,
    returns=finding_by_id,
    description="Close what somebody else than its owner verified, or answer an observation. "
    "A MAJOR nonconformity needs a `signature` (VERIFIED); no other grade does. A MAJOR needs no "
    "CAPA of its own, but every CAPA linked to a finding in VERIFICATION is in EFFECTIVENESS or "
    "has ended.",
)
finding_reject = command(
    progress.reject,
    takes=step("fnd", explained=True),
    may=policy.VERIFY,
    returns=finding_by_id,
    description="Send a finding back from verification to action.",
)
finding_accept = command(
    progress.accept,
    takes=FindingAcceptInput,
    may=policy.DECIDE,
    returns=finding_by_id,
    description="Leave an open finding as it is until a given day, by signature (APPROVED).",
)
finding_revoke = command(
    progress.revoke,
    takes=step("fnd", explained=True),
    may=policy.DECIDE,
    returns=finding_by_id,
    description="Take back the concession of a finding, which is open again.",
)
finding_void = command(
    progress.void,
    takes=step("fnd", explained=True),
    may=policy.DECIDE,
    returns=finding_by_id,
    description="Say that it was no finding; it stays for the record.",
)
finding_reopen = command(
    progress.reopen,
    takes=step("fnd", explained=True),
    may=policy.DECIDE,
    returns=finding_by_id,
    description="Take up a closed finding again, with its analysis.",
)
cause_category_create = create(CauseCategory, policy.MANAGE_CAUSES, returns=cause_category_by_id)
cause_category_update = update(CauseCategory, policy.MANAGE_CAUSES, returns=cause_category_by_id)
