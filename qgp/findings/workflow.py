"""Workflow of a finding (ISO 9001:2015, 10.2)."""

from datetime import date
from typing import Any

from qgp.evidence import facts as evidence
from qgp.findings import guards
from qgp.findings.commands import content, due_dates, transitions
from qgp.findings.guards import majors
from qgp.findings.model import CONTENT, ENDED, REQUEST_COLUMNS, Finding, FindingStatus
from qgp.findings.policy import DECIDE, ISSUERS, MOVE, READ, VERIFY, WORKERS
from qgp.kit.sealing import Seal, SealedRows
from qgp.kit.signing import Meaning
from qgp.kit.text_normalization import PROSE
from qgp.kit.transitions import (
    GuardContext,
    Input,
    SegregationOfDuties,
    Transition,
    caller,
    cleared,
    now,
    today,
)
from qgp.kit.workflow import Workflow

_CLAUSES = (SealedRows("finding_clauses", "finding_id", field="clauses"),)
_VERIFIED = (
    *("containment_text", "no_containment_reason", "root_cause", "cause_category_id"),
    *("disposition", "closing_comment", "closed_on", "verified_by_id"),
)


def _verifier(facts: GuardContext, finding: Any) -> Any:
    return caller(facts, finding) if finding.status is FindingStatus.VERIFICATION else None


def _is_unanswered(finding: Any) -> bool:
    """Whether an observation would be closed from OPEN without an answer."""
    is_observation = finding.status is FindingStatus.OPEN and not finding.is_nonconformity
    return is_observation and finding.closing_comment is None


def _is_uncontained(finding: Any) -> bool:
    return not (finding.containment_text or finding.no_containment_reason)


def _lacks_cause(finding: Any) -> bool:
    return finding.is_nonconformity and not finding.root_cause


def _lacks_category(finding: Any) -> bool:
    return finding.is_nonconformity and finding.cause_category_id is None


def _lacks_term(finding: Any) -> bool:
    return finding.accepted_until is None and finding.requested_until is None


_DECIDED = cleared(*REQUEST_COLUMNS)


def _next_count(_: GuardContext, finding: Any) -> int:
    return int(finding.reopen_count) + 1


FINDING = Workflow(
    Finding,
    READ,
    {FindingStatus.DRAFT},
    Transition(
        "findingOpen",
        {FindingStatus.DRAFT},
        FindingStatus.OPEN,
        "Issues a draft finding; its due dates count from today. Requires `statement`, "
        "`evidenceText`, an `owner`, and for a nonconformity a `primaryClause`.",
        MOVE,
        ISSUERS,
        guards=(
            guards.has_statement,
            guards.has_evidence_text,
            guards.has_primary_clause,
            guards.has_owner,
        ),
        owners=("created_by_id",),
        sets={"opened_on": today},
        computes=due_dates.from_today,
    ),
    Transition(
        "findingRecordContainment",
        {FindingStatus.OPEN},
        FindingStatus.CONTAINED,
        "Records the containment action against the effects of a finding (ISO 9001:2015, 10.2.1 "
        "a), or the reason why none is needed.",
        MOVE,
        WORKERS,
        guards=(guards.has_containment,),
        owners=("owner_id",),
        inputs=(
            Input(
                "containment_text",
                "Containment action; leave out to keep the recorded one.",
                max_length=PROSE,
                required=_is_uncontained,
            ),
            Input(
                "no_containment_reason",
                "Reason why no containment is needed, in place of `containmentText`.",
                max_length=PROSE,
                required=False,
            ),
        ),
        sets={"contained_at": now, "contained_by_id": caller},
        service=transitions.record_containment,
    ),
    Transition(
        "findingStartAnalysis",
        {FindingStatus.CONTAINED},
        FindingStatus.ANALYSIS,
        "Starts the root cause analysis of a contained finding (ISO 9001:2015, 10.2.1 b).",
        MOVE,
        WORKERS,
        owners=("owner_id",),
    ),
    Transition(
        "findingStartCorrectiveAction",
        {FindingStatus.ANALYSIS},
        FindingStatus.ACTION,
        "Starts the corrective action (ISO 9000:2015, 3.12.2). Requires of a nonconformity a root "
        "cause and one of `causeCategories`; quality adds categories (`causeCategoryCreate`).",
        MOVE,
        WORKERS,
        guards=(guards.has_root_cause, guards.has_cause_category),
        owners=("owner_id",),
        inputs=(
            Input(
                "root_cause",
                "Root cause; leave out to keep the recorded one.",
                max_length=PROSE,
                required=_lacks_cause,
            ),
            Input(
                "cause_category_id",
                "Category of the root cause; leave out to keep the recorded one.",
                id_of="cau",
                required=_lacks_category,
            ),
        ),
    ),
    Transition(
        "findingSubmitForVerification",
        {FindingStatus.ACTION},
        FindingStatus.VERIFICATION,
        "Submits a finding in ACTION for independent verification. Requires each of its actions to "
        "be DONE (VERIFIED where `isVerificationRequired`) or CANCELLED and, of a nonconformity, a "
        "record in `evidence`. `findingClose` or `findingRejectCorrectiveAction` follows.",
        MOVE,
        WORKERS,
        guards=(guards.actions_are_done, guards.has_evidence),
        owners=("owner_id",),
    ),
    Transition(
        "findingClose",
        {FindingStatus.OPEN, FindingStatus.VERIFICATION},
        FindingStatus.CLOSED,
        "Closes a finding as verified by a person other than its owner, of a nonconformity other "
        "than former owners too, or an observation with an answer. Each CAPA linked to a finding "
        "in VERIFICATION must be in EFFECTIVENESS or have ended. A MAJOR nonconformity requires a "
        "`signature` (VERIFIED), a corrective CAPA, each CAPA that is not CANCELLED to be CLOSED "
        "as EFFECTIVE or PARTIAL, after `findingReopen` a corrective one since, and a verifier who "
        "neither created it nor ever owned a CAPA or an action of it, completed none of its "
        "actions and added none of its evidence.",
        VERIFY,
        guards=(
            guards.nonconformity_is_verified,
            guards.actions_are_done,
            guards.has_evidence,
            majors.verifier_never_owned,
            guards.capas_are_confirmed,
            majors.has_capa,
            majors.capas_are_effective,
            majors.verifier_is_independent,
            majors.closure_requires_signature,
        ),
        separation=SegregationOfDuties("VERIFIER_DIFFERS", ("owner_id",)),
        signature=Meaning.VERIFIED,
        seals=Seal((*CONTENT, *_VERIFIED), (*_CLAUSES, *evidence.SEALED)),
        is_signature_optional=True,
        inputs=(
            Input(
                "comment",
                "Result of the verification, or the answer to an observation; required of an "
                "observation that is closed from OPEN.",
                max_length=2000,
                required=_is_unanswered,
                column="closing_comment",
                is_reason=True,
            ),
        ),
        sets={"closed_on": today, "verified_by_id": _verifier, **_DECIDED},
    ),
    Transition(
        "findingRejectCorrectiveAction",
        {FindingStatus.VERIFICATION},
        FindingStatus.ACTION,
        "Rejects the corrective action of a finding in VERIFICATION and returns the finding to "
        "ACTION.",
        VERIFY,
        requires_reason=True,
    ),
    Transition(
        "findingGrantConcession",
        {FindingStatus.OPEN},
        FindingStatus.ACCEPTED,
        "Grants a concession for an open finding until `acceptedUntil` (ISO 9001:2015, 8.7.1 d; "
        "ISO 9000:2015, 3.12.5), within the organization's `concessionMonths`, which renewals "
        "count from the first one. Requires a signature (APPROVED); and for a MAJOR "
        "nonconformity, or beyond these months, the request of another person "
        "(`findingRequestConcession`).",
        DECIDE,
        guards=(majors.CONCESSION_IS_REQUESTED, majors.CONCESSION_APPROVER),
        separation=SegregationOfDuties("APPROVER_DIFFERS", ("created_by_id",)),
        requires_reason=True,
        signature=Meaning.APPROVED,
        seals=Seal((*CONTENT, "accepted_until"), _CLAUSES),
        inputs=(
            Input(
                "accepted_until",
                "Last day of the concession, after today; the requested one if left out.",
                date,
                required=_lacks_term,
            ),
        ),
        sets=_DECIDED,
        service=transitions.grant_concession,
    ),
    Transition(
        "findingRevokeConcession",
        {FindingStatus.ACCEPTED},
        FindingStatus.OPEN,
        "Revokes the concession of a finding and returns it to OPEN.",
        DECIDE,
        requires_reason=True,
        sets=cleared("accepted_until"),
    ),
    Transition(
        "findingVoid",
        {
            FindingStatus.DRAFT,
            FindingStatus.OPEN,
            FindingStatus.CONTAINED,
            FindingStatus.ANALYSIS,
            FindingStatus.ACTION,
        },
        FindingStatus.VOID,
        "Voids a finding that was raised in error; the record is kept. An issued MAJOR "
        "nonconformity, from the review of its audit on and if it was graded down since, requires "
        "the request of another person (`findingRequestVoid`) and a `signature` (APPROVED).",
        DECIDE,
        guards=(
            majors.VOID_IS_REQUESTED,
            majors.VOID_APPROVER,
            majors.decision_requires_signature,
        ),
        requires_reason=True,
        signature=Meaning.APPROVED,
        is_signature_optional=True,
        sets=_DECIDED,
    ),
    Transition(
        "findingReopen",
        {FindingStatus.CLOSED},
        FindingStatus.ANALYSIS,
        "Reopens a closed finding for renewed root cause analysis. If its owner has left, it has "
        "none until it is assigned (findingsAssign).",
        DECIDE,
        requires_reason=True,
        sets={
            "reopen_count": _next_count,
            **cleared("closed_on", "verified_by_id", "closing_comment"),
        },
    ),
    load=content.load,
    seals=Seal(CONTENT, _CLAUSES),
    requires_evidence=guards.REQUIRED_EVIDENCE,
    closed=ENDED,
)
