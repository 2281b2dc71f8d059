"""The steps of a finding (ISO 9001:2015, 10.2)."""

from datetime import date
from typing import Any

from qgp.findings import guards
from qgp.findings.commands import transitions
from qgp.findings.model import ENDED, Finding, FindingStatus, due_days
from qgp.findings.policy import DECIDE, ISSUERS, MOVE, READ, VERIFY, WORKERS
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


def _response_due(facts: GuardContext, finding: Any) -> date | None:
    due: date | None = due_days(finding.grade, today(facts, finding))["response_due_on"]
    return due


def _closure_due(facts: GuardContext, finding: Any) -> date | None:
    due: date | None = due_days(finding.grade, today(facts, finding))["closure_due_on"]
    return due


def _verifier(facts: GuardContext, finding: Any) -> Any:
    return caller(facts, finding) if finding.status is FindingStatus.VERIFICATION else None


def _is_unanswered(finding: Any) -> bool:
    """Whether it would be closed without verification, and without an answer."""
    is_observation = finding.status is FindingStatus.OPEN and not finding.is_nonconformity
    return is_observation and finding.closing_comment is None


def _is_uncontained(finding: Any) -> bool:
    return not (finding.containment_text or finding.no_containment_reason)


def _lacks_cause(finding: Any) -> bool:
    return finding.is_nonconformity and not finding.root_cause


def _lacks_category(finding: Any) -> bool:
    return finding.is_nonconformity and finding.cause_category_id is None


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
        "Issues a draft; its due days count from today. Requires a statement, objective evidence, "
        "an owner, and for a nonconformity the primary clause.",
        MOVE,
        ISSUERS,
        guards=(guards.stated, guards.evidenced, guards.has_primary_clause, guards.owned),
        owners=("created_by_id",),
        sets={
            "opened_on": today,
            "response_due_on": _response_due,
            "closure_due_on": _closure_due,
        },
    ),
    Transition(
        "findingRecordContainment",
        {FindingStatus.OPEN},
        FindingStatus.CONTAINED,
        "Records the containment of the effects, or the reason why none is needed.",
        MOVE,
        WORKERS,
        guards=(guards.contained,),
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
        "Begins the root cause analysis.",
        MOVE,
        WORKERS,
        owners=("owner_id",),
    ),
    Transition(
        "findingStartCorrectiveAction",
        {FindingStatus.ANALYSIS},
        FindingStatus.ACTION,
        "Begins the corrective action. A nonconformity requires a root cause and one of "
        "`causeCategories`; quality adds those (`causeCategoryCreate`).",
        MOVE,
        WORKERS,
        guards=(guards.explained, guards.categorized),
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
        "Submits a finding for verification. Requires its actions to "
        "be done, with evidence; `findingClose` or `findingRejectCorrectiveAction` follows.",
        MOVE,
        WORKERS,
        guards=(guards.actions_done, guards.is_evidenced),
        owners=("owner_id",),
    ),
    Transition(
        "findingClose",
        {FindingStatus.OPEN, FindingStatus.VERIFICATION},
        FindingStatus.CLOSED,
        "Closes a verified finding, or an observation with its answer. A MAJOR nonconformity "
        "requires a `signature` (VERIFIED); no other grade does. A MAJOR needs no CAPA of its "
        "own, but every CAPA linked to a finding in VERIFICATION is in EFFECTIVENESS or has ended.",
        VERIFY,
        guards=(
            guards.verified,
            guards.actions_done,
            guards.is_evidenced,
            guards.capas_settled,
            guards.signed,
        ),
        separation=SegregationOfDuties("VERIFIER_DIFFERS", ("owner_id",)),
        signature=Meaning.VERIFIED,
        is_signature_optional=True,
        inputs=(
            Input(
                "comment",
                "How it was verified; the answer to an observation, which requires one straight "
                "from OPEN.",
                max_length=2000,
                required=_is_unanswered,
                column="closing_comment",
                is_reason=True,
            ),
        ),
        sets={"closed_on": today, "verified_by_id": _verifier},
    ),
    Transition(
        "findingRejectCorrectiveAction",
        {FindingStatus.VERIFICATION},
        FindingStatus.ACTION,
        "Returns a finding from verification to action.",
        VERIFY,
        requires_reason=True,
    ),
    Transition(
        "findingGrantConcession",
        {FindingStatus.OPEN},
        FindingStatus.ACCEPTED,
        "Grants a concession for an open finding until a given day, by signature (APPROVED).",
        DECIDE,
        separation=SegregationOfDuties("APPROVER_DIFFERS", ("created_by_id",)),
        requires_reason=True,
        signature=Meaning.APPROVED,
        inputs=(Input("accepted_until", "Last day of the concession, a day to come.", date),),
        service=transitions.grant_concession,
    ),
    Transition(
        "findingRevokeConcession",
        {FindingStatus.ACCEPTED},
        FindingStatus.OPEN,
        "Revokes the concession of a finding, which is open again.",
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
        "Voids a finding that was raised in error; it stays on record.",
        DECIDE,
        requires_reason=True,
    ),
    Transition(
        "findingReopen",
        {FindingStatus.CLOSED},
        FindingStatus.ANALYSIS,
        "Reopens a closed finding, with its analysis.",
        DECIDE,
        requires_reason=True,
        sets={
            "reopen_count": _next_count,
            **cleared("closed_on", "verified_by_id", "closing_comment"),
        },
    ),
    requires_evidence=guards.REQUIRED_EVIDENCE,
    closed=ENDED,
)
