"""Workflows of CAPAs and root cause analyses (ISO 9001:2015, 10.2.1)."""

from datetime import timedelta
from typing import Any

from qgp.capas import guards
from qgp.capas.commands import transitions
from qgp.capas.guards import effectiveness
from qgp.capas.model import Capa, RootCauseAnalysis
from qgp.capas.model.terms import ENDED, AnalysisStatus, CapaResult, CapaStatus
from qgp.capas.policy import DECIDE, MOVE, READ, READ_ANALYSES, UPDATE, WORKERS
from qgp.evidence import facts as evidence
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


def _window_end(facts: GuardContext, capa: Any) -> Any:
    return today(facts, capa) + timedelta(days=capa.window_days)


def _next_round(_: GuardContext, capa: Any) -> int:
    return int(capa.round) + 1


# A new round starts without the values of the round before.
_NEW_ROUND = {
    "round": _next_round,
    **cleared(
        "cause_known_reason",
        "risk_review_note",
        "document_change_note",
        "training_note",
        "implemented_on",
        "verified_by_id",
        "shortest_window_days",
        "confirmed_at",
        "effectiveness_due_on",
        "waiver_reason",
        "closed_on",
    ),
}

_PROBLEM = ("kind", "title", "problem_statement")
_PLAN = (
    *("priority", "root_cause_summary", "cause_category_id"),
    *("effectiveness_criteria", "effectiveness_metric", "window_days"),
    *("is_risk_review_required", "is_document_change_required", "is_training_required"),
)
_RESULT = ("result", "result_note", "waiver_reason", "closed_on")
_ACTIONS = (SealedRows("actions", "capa_id"),)
_EVIDENCED = (SealedRows("actions", "capa_id", rows=evidence.SEALED), *evidence.SEALED)

CAPA = Workflow(
    Capa,
    READ,
    {CapaStatus.DRAFT},
    Transition(
        "capaOpen",
        {CapaStatus.DRAFT},
        CapaStatus.OPEN,
        "Issues a draft CAPA to its owner. Requires an owner, and a source finding or a "
        "`sourceJustification`.",
        UPDATE,
        guards=(guards.has_owner, guards.has_source),
    ),
    Transition(
        "capaStartAnalysis",
        {CapaStatus.OPEN},
        CapaStatus.ANALYSIS,
        "Starts the root cause analysis of a CAPA (ISO 9001:2015, 10.2.1 b).",
        MOVE,
        WORKERS,
        owners=("owner_id",),
    ),
    Transition(
        "capaStartPlanning",
        {CapaStatus.ANALYSIS},
        CapaStatus.PLANNED,
        "Starts the planning of actions. Requires a completed root cause analysis of this round, "
        "or `causeKnownReason`.",
        MOVE,
        WORKERS,
        guards=(guards.root_cause_is_determined,),
        owners=("owner_id",),
    ),
    Transition(
        "capaReleasePlan",
        {CapaStatus.PLANNED},
        CapaStatus.IMPLEMENTING,
        "Releases the plan and starts its implementation; of priority HIGH or CRITICAL, only "
        "quality does, with a `signature` (APPROVED). Requires a planned action, effectiveness "
        "criteria and metric, and the risk review where one is required.",
        MOVE,
        WORKERS,
        guards=(
            guards.has_planned_action,
            guards.has_effectiveness_criteria,
            effectiveness.window_is_long_enough,
            guards.quality_releases_urgent_plan,
            guards.owner_approves_no_urgent_plan,
            guards.risk_review_is_recorded,
            guards.urgent_plan_requires_signature,
        ),
        owners=("owner_id",),
        signature=Meaning.APPROVED,
        seals=Seal((*_PROBLEM, *_PLAN), _ACTIONS),
        is_signature_optional=True,
        computes=transitions.keep_shortest_window,
    ),
    Transition(
        "capaSubmitForVerification",
        {CapaStatus.IMPLEMENTING},
        CapaStatus.VERIFICATION,
        "Submits a CAPA in IMPLEMENTING for independent verification. Requires each of its actions "
        "to be DONE (VERIFIED where `isVerificationRequired`) or CANCELLED, at least one of them "
        "completed in this round, and the document change and training where required. "
        "`capaConfirmImplementation` follows.",
        MOVE,
        WORKERS,
        guards=(
            guards.actions_are_done,
            guards.document_change_is_recorded,
            guards.training_is_recorded,
        ),
        owners=("owner_id",),
        sets={"implemented_on": today},
    ),
    Transition(
        "capaConfirmImplementation",
        {CapaStatus.VERIFICATION},
        CapaStatus.EFFECTIVENESS,
        "Confirms the implementation of the plan and starts the effectiveness window. Requires "
        "objective evidence. The caller must neither own nor have completed an action of the CAPA.",
        DECIDE,
        guards=(guards.actions_are_done, guards.verifier_is_independent, guards.has_evidence),
        separation=SegregationOfDuties("VERIFIER_DIFFERS", ("owner_id",)),
        sets={"confirmed_at": now, "effectiveness_due_on": _window_end, "verified_by_id": caller},
        computes=transitions.keep_shortest_window,
    ),
    Transition(
        "capaClose",
        {CapaStatus.EFFECTIVENESS},
        CapaStatus.CLOSED,
        "Records the effectiveness review and closes the CAPA, with the findings in VERIFICATION "
        "that nothing else keeps open. Requires evidence collected since "
        "`capaConfirmImplementation`, and the effectiveness window to have ended, or a "
        "`waiverReason` once its first `shortestWindowDays` have. Where a "
        "source finding is MAJOR, it requires a `signature` (VERIFIED) of a person who never owned "
        "the CAPA and carried out no action of it.",
        DECIDE,
        guards=(
            guards.actions_are_done,
            effectiveness.has_evidence_of_effect,
            effectiveness.effectiveness_window_has_ended,
            effectiveness.problem_has_not_recurred,
            effectiveness.reviewer_of_major_is_independent,
            effectiveness.major_source_requires_signature,
        ),
        signature=Meaning.VERIFIED,
        seals=Seal((*_PROBLEM, *_PLAN, *_RESULT), _EVIDENCED),
        is_signature_optional=True,
        inputs=(
            Input(
                "result",
                "Result of the effectiveness review: EFFECTIVE, or PARTIAL with a note; for "
                "INEFFECTIVE use `capaRecordIneffective`.",
                CapaResult,
            ),
            Input(
                "result_note",
                "Observed effect; required for PARTIAL.",
                max_length=PROSE,
                required=False,
            ),
            Input(
                "waiver_reason",
                "Reason to close before the effectiveness window ends, though not before the "
                "shortest window for the priority; not kept if it has ended.",
                max_length=2000,
                required=False,
            ),
        ),
        sets={"closed_on": today},
        service=transitions.close,
    ),
    Transition(
        "capaRecordIneffective",
        {CapaStatus.EFFECTIVENESS},
        CapaStatus.ANALYSIS,
        "Records an ineffective CAPA and starts another round with root cause analysis. Its CLOSED "
        "MAJOR and MINOR source findings are reopened, without owners who have left.",
        DECIDE,
        inputs=(
            Input(
                "result_note",
                "Observed effect, 1 to 2000 characters.",
                max_length=2000,
                is_reason=True,
            ),
        ),
        sets={"result": CapaResult.INEFFECTIVE, **_NEW_ROUND},
        service=transitions.record_ineffective,
        emits="ineffective",
    ),
    Transition(
        "capaCancel",
        frozenset(CapaStatus) - ENDED,
        CapaStatus.CANCELLED,
        "Cancels a CAPA. Requires that no MAJOR source finding is open, and in EFFECTIVENESS that "
        "none was CLOSED on the CAPA.",
        DECIDE,
        guards=(effectiveness.no_major_rests_on_it,),
        requires_reason=True,
    ),
    Transition(
        "capaReopen",
        {CapaStatus.CLOSED},
        CapaStatus.ANALYSIS,
        "Reopens a closed CAPA in another round with root cause analysis, and its CLOSED MAJOR and "
        "MINOR source findings, without owners of these who have left. If its own owner has left, "
        "it is to be assigned to another (capasAssign).",
        DECIDE,
        requires_reason=True,
        sets=_NEW_ROUND,
        service=transitions.reopen,
    ),
    seals=Seal(
        _PROBLEM,
        _ACTIONS,
        ("root_cause_summary", "effectiveness_criteria", "effectiveness_metric", *_RESULT),
    ),
    closed=ENDED,
)

ANALYSIS = Workflow(
    RootCauseAnalysis,
    READ_ANALYSES,
    {AnalysisStatus.DRAFT},
    Transition(
        "rootCauseAnalysisComplete",
        {AnalysisStatus.DRAFT},
        AnalysisStatus.COMPLETED,
        "Completes a root cause analysis, after which its causes cannot be changed. Requires a "
        "node marked as root cause.",
        UPDATE,
        guards=(guards.has_root_cause,),
        sets={"completed_on": today},
    ),
    closed={AnalysisStatus.COMPLETED},
    remedy="Create another analysis (rootCauseAnalysisCreate).",
)
