"""Mutations of findings and cause categories."""

from datetime import date
from typing import Any

import strawberry

from qgp.audits.loaders import audit_by_id, audit_by_reference
from qgp.findings import policy, workflow
from qgp.findings.commands import content, drafts, findings, grading
from qgp.findings.commands.reschedule import reschedule
from qgp.findings.loaders import (
    cause_category_by_code,
    finding_by_id,
    finding_by_reference,
)
from qgp.findings.model import CONTENT, FindingStatus
from qgp.findings.types import CauseCategory, Finding
from qgp.kit.gql import (
    OPTIONAL_REASON,
    REASON,
    History,
    Input,
    bulk,
    command,
    command_input,
    create,
    csv_import,
    input_field,
    mutations_of,
    update,
)
from qgp.kit.shared_terms import FindingGrade
from qgp.organizations.loaders import department_by_code, site_by_code
from qgp.processes.loaders import process_by_code
from qgp.standards.loaders import clause_as_cited
from qgp.users.loaders import user_by_email


class FindingCreateFields:
    """Input fields of a new finding beside those of its type."""

    detected_on: date | None = input_field(
        "Date of detection, today or earlier; today if left out.", default=None
    )
    detected_by_id: strawberry.ID | None = input_field(
        "User who detected the finding; you if left out.", id_of="usr", default=None
    )
    primary_clause_id: strawberry.ID | None = input_field(
        "Primary clause, which statistics count. MAJOR and MINOR require it before `findingOpen`. "
        "If left out, the first clause of the response's question, or the only clause of the "
        "audit.",
        id_of="cls",
        default=None,
    )
    clause_ids: list[strawberry.ID] = input_field(
        "Further cited clauses, without the primary one; at most 49.",
        id_of="cls",
        default_factory=list,
    )

    reason: str | None = input_field(
        "Reason, stored in the audit trail; 1 to 2000 characters. Required of a supplement to the "
        "report of a REPORTED audit.",
        most=2000,
        default=None,
    )


def _primary_clause() -> Any:
    return input_field(
        "Primary clause, which statistics count; replaces the previous one.", id_of="cls"
    )


def _clauses() -> Any:
    return input_field(
        "All further cited clauses, without the primary one; at most 49. Replaces the previous "
        "ones.",
        id_of="cls",
    )


class FindingUpdateFields:
    """Input fields of a changed finding beside those of its type."""

    primary_clause_id: strawberry.Maybe[strawberry.ID | None] = _primary_clause()
    clause_ids: strawberry.Maybe[list[strawberry.ID]] = _clauses()


class FindingCorrectFields:
    """Input fields of a correction beside those of the finding's type."""

    primary_clause_id: strawberry.Maybe[strawberry.ID | None] = _primary_clause()
    clause_ids: strawberry.Maybe[list[strawberry.ID]] = _clauses()
    reason: str = input_field(REASON.description, most=REASON.max_length)


finding_create = create(
    Finding,
    policy.CREATE,
    findings.create,
    description="Records a finding as DRAFT. Of a REPORTED audit, its lead auditor records a late "
    "finding with a `reason`: a supplement, which the report lists apart.",
    more=FindingCreateFields,
)
audit_findings_draft = command(
    drafts.draft,
    permission="audit:draftFindings",
    result=audit_by_id,
    description="Drafts a finding for each failing response whose question requires one "
    "(`isFindingCreatedOnFail`) and that has none of the question's `failGrade` or heavier yet, at "
    "most 100 at once; changes nothing where none is missing. The title names the question, the "
    "objective evidence is the comment, and the statement is left to the auditor. The clauses come "
    "from the question, site, department and process from the audit; the owner is the auditee, if "
    "there is exactly one. The caller must be on the "
    "audit team, other than as an observer, or have a quality role, and the audit must be "
    "IN_PROGRESS or FIELDWORK_DONE.",
)
finding_update = update(
    Finding,
    policy.UPDATE,
    findings.change,
    description="Changes a finding that is not CLOSED, ACCEPTED or VOID. Its content — title, "
    "statement, objective evidence, requirement, clauses, severity, source, detected by and on — "
    "only as long as it is a DRAFT and its audit, if any, is not yet IN_REVIEW; `findingCorrect` "
    "changes it from then on. Employees and risk managers change only drafts that they created.",
    more=FindingUpdateFields,
)
findings_import = csv_import(
    finding_create,
    names={
        "detected_by_id": user_by_email,
        "owner_id": user_by_email,
        "site_id": site_by_code,
        "department_id": department_by_code,
        "process_id": process_by_code,
        "audit_id": audit_by_reference,
        "primary_clause_id": clause_as_cited,
        "clause_ids": clause_as_cited,
        "cause_category_id": cause_category_by_code,
        "repeat_of_id": finding_by_reference,
    },
    relations={"primary_clause_id": "primaryClause.clause"},
    update=finding_update,
    history=History(
        policy.IMPORT_ENDED,
        {FindingStatus.CLOSED: ("closed_on",), FindingStatus.VOID: ()},
        ("opened_on", "closed_on", "closing_comment"),
        apart_from=("audit_id",),
    ),
    # An answer has no name that a person would write; a supplement is a decision of its own.
    excluded={"response_id", "reason"},
)
finding_correct = update(
    Finding,
    policy.CORRECT,
    content.correct,
    description="Corrects the content of an issued finding: one that is not a DRAFT, or whose "
    "audit is IN_REVIEW or later. The caller must lead its audit or have a quality role; without "
    "an audit, quality alone corrects it. Nobody corrects a MAJOR nonconformity that they own or "
    "owned. Signatures that seal the content, such as those of the "
    "audit report, become SUPERSEDED. `findingRegrade` changes the grade.",
    more=FindingCorrectFields,
    only=CONTENT,
    verb="Correct",
)
finding_regrade = command(
    grading.regrade,
    input=command_input(Input("grade", "New grade.", FindingGrade), REASON),
    permission=policy.REGRADE,
    result=finding_by_id,
    description="Changes the grade of a finding that has not ended. One that was issued as MAJOR "
    "is graded down by `findingApproveRegrade`. The due dates follow the new grade; the reference "
    "stays, and a grade with another prefix adds an `alias`.",
)
finding_request_regrade = command(
    grading.request_regrade,
    input=command_input(Input("grade", "Requested grade, lower than MAJOR.", FindingGrade), REASON),
    permission=policy.REQUEST,
    result=finding_by_id,
    description="Requests that an issued MAJOR nonconformity is graded down, in place of a pending "
    "request about it. Another person approves it (`findingApproveRegrade`).",
)
finding_request_void = command(
    grading.request_void,
    input=command_input(REASON),
    permission=policy.REQUEST,
    result=finding_by_id,
    description="Requests that an issued MAJOR nonconformity is voided, in place of a pending "
    "request about it. Another person approves it (`findingVoid`).",
)
finding_request_concession = command(
    grading.request_concession,
    input=command_input(
        Input("accepted_until", "Last day of the concession, after today.", date),
        REASON,
        signature=False,
    ),
    permission=policy.REQUEST,
    result=finding_by_id,
    description="Requests a concession for an issued MAJOR nonconformity that is OPEN, in place of "
    "a pending request about it; with a `signature` (APPROVED) one for any OPEN finding whose "
    "concessions would last longer than the organization's `concessionMonths` from the first on. "
    "Another person approves it (`findingGrantConcession`).",
)
finding_approve_regrade = command(
    grading.approve_regrade,
    input=command_input(signature=True),
    permission=policy.REGRADE,
    result=finding_by_id,
    description="Grades an issued MAJOR nonconformity down as requested, with a signature "
    "(APPROVED). Segregation of duties: not for the person who requested it or its owners, former "
    "ones included. The due dates follow the new grade; the reference stays, and a grade with "
    "another prefix adds an `alias`.",
)
finding_reject_request = command(
    grading.reject_request,
    input=command_input(REASON),
    permission=policy.REQUEST,
    result=finding_by_id,
    description="Rejects the pending request about an issued MAJOR nonconformity, or withdraws it. "
    "The caller must have made it or have a quality role.",
)
finding_reschedule = command(
    reschedule,
    input=command_input(
        Input("new_response_due_on", "New `responseDueOn`.", date, required=False),
        Input("new_closure_due_on", "New `closureDueOn`.", date, required=False),
        REASON,
    ),
    permission=policy.DECIDE,
    result=finding_by_id,
    description="Changes due dates of an issued nonconformity that has not ended, with a reason; "
    "at least one of them, today or later, the response no later than the closure.",
)
finding_transitions = mutations_of(workflow.FINDING)
findings_assign = bulk(
    command(
        findings.assign,
        input=command_input(Input("owner_id", "New owner.", id_of="usr"), OPTIONAL_REASON),
        permission=policy.UPDATE,
        result=finding_by_id,
        description="Assigns a finding to another owner.",
    ),
    shared=("owner_id", "reason"),
    description="Assigns up to 100 findings that have not ended to one user, as `findingUpdate` "
    "does; each succeeds or fails on its own.",
)
findings_open = bulk(
    finding_transitions.command("findingOpen"),
    description="Issues up to 100 draft findings, as `findingOpen` does; each succeeds or fails on "
    "its own.",
)
findings_reschedule = bulk(
    finding_reschedule,
    description="Changes the due dates of up to 100 findings, as `findingReschedule` does; each "
    "succeeds or fails on its own.",
)
cause_category_create = create(CauseCategory, policy.MANAGE_CAUSES)
cause_category_update = update(CauseCategory, policy.MANAGE_CAUSES)
