"""The steps of a CAPA and of its analyses (ISO 9001:2015, 10.2.1)."""

from datetime import timedelta
from typing import Any

from qgp.capas import guards
from qgp.capas.commands import transitions
from qgp.capas.model import Capa, RootCauseAnalysis
from qgp.capas.model.terms import ENDED, AnalysisStatus, CapaResult, CapaStatus
from qgp.capas.policy import DECIDE, MOVE, READ, READ_ANALYSES, UPDATE, WORKERS
from qgp.kit.signing import Meaning
from qgp.kit.text_normalization import PROSE
from qgp.kit.transitions import (
    GuardContext,
    Input,
    SegregationOfDuties,
    Transition,
    caller,
    cleared,
    today,
)
from qgp.kit.workflow import Workflow


def _window_end(facts: GuardContext, capa: Any) -> Any:
    return today(facts, capa) + timedelta(days=capa.window_days)


def _next_round(_: GuardContext, capa: Any) -> int:
    return int(capa.round) + 1


# What a round leaves behind in its record, or has to find again.
_AFRESH = {
    "round": _next_round,
    **cleared(
        "cause_known_reason",
        "risk_review_note",
        "document_change_note",
        "training_note",
        "implemented_on",
        "verified_by_id",
        "effectiveness_due_on",
        "waiver_reason",
        "closed_on",
    ),
}

CAPA = Workflow(
    Capa,
    READ,
    {CapaStatus.DRAFT},
    Transition(
        "capaOpen",
        {CapaStatus.DRAFT},
        CapaStatus.OPEN,
        "Issues a draft to its owner. Requires an owner, and a source or a justification.",
        UPDATE,
        guards=(guards.owned, guards.has_source),
    ),
    Transition(
        "capaStartAnalysis",
        {CapaStatus.OPEN},
        CapaStatus.ANALYSIS,
        "Begins the root cause analysis.",
        MOVE,
        WORKERS,
        owners=("owner_id",),
    ),
    Transition(
        "capaStartPlanning",
        {CapaStatus.ANALYSIS},
        CapaStatus.PLANNED,
        "Begins the planning of actions. Requires a completed root cause analysis of this round, "
        "or `causeKnownReason`.",
        MOVE,
        WORKERS,
        guards=(guards.cause_is_known,),
        owners=("owner_id",),
    ),
    Transition(
        "capaReleasePlan",
        {CapaStatus.PLANNED},
        CapaStatus.IMPLEMENTING,
        "Approves the plan and begins its implementation; for HIGH and CRITICAL, only quality "
        "does. Requires an action, effectiveness criteria and a risk review where it is due.",
        MOVE,
        WORKERS,
        guards=(guards.has_plan, guards.measurable, guards.approved, guards.risks_reviewed),
        owners=("owner_id",),
    ),
    Transition(
        "capaSubmitForVerification",
        {CapaStatus.IMPLEMENTING},
        CapaStatus.VERIFICATION,
        "Submits an implemented CAPA for verification; "
        "`capaConfirmImplementation` confirms the implementation.",
        MOVE,
        WORKERS,
        guards=(guards.plan_is_done, guards.published, guards.trained),
        owners=("owner_id",),
        sets={"implemented_on": today},
    ),
    Transition(
        "capaConfirmImplementation",
        {CapaStatus.VERIFICATION},
        CapaStatus.EFFECTIVENESS,
        "Confirms that the plan was implemented and begins the effectiveness window. Not for the "
        "owners of its actions either.",
        DECIDE,
        guards=(guards.plan_is_done, guards.took_no_part, guards.is_evidenced),
        separation=SegregationOfDuties("VERIFIER_DIFFERS", ("owner_id",)),
        sets={"effectiveness_due_on": _window_end, "verified_by_id": caller},
    ),
    Transition(
        "capaClose",
        {CapaStatus.EFFECTIVENESS},
        CapaStatus.CLOSED,
        "Closes a CAPA as effective once its window has ended. Requires a `signature` (VERIFIED) "
        "where a MAJOR finding is behind it, whatever its priority, and none elsewhere.",
        DECIDE,
        guards=(
            guards.plan_is_done,
            guards.is_evidenced,
            guards.elapsed,
            guards.stayed_away,
            guards.is_signed_for,
        ),
        signature=Meaning.VERIFIED,
        is_signature_optional=True,
        inputs=(
            Input(
                "result",
                "EFFECTIVE, or PARTIAL with a note; for INEFFECTIVE use `capaRecordIneffective`.",
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
                "Reason to close before the window ends.",
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
        "Records that a CAPA was ineffective: the root cause is analyzed again, in another round.",
        DECIDE,
        inputs=(
            Input(
                "result_note",
                "Observed effect, 1 to 2000 characters.",
                max_length=2000,
                is_reason=True,
            ),
        ),
        sets={"result": CapaResult.INEFFECTIVE, **_AFRESH},
        service=transitions.record_ineffective,
    ),
    Transition(
        "capaCancel",
        frozenset(CapaStatus) - ENDED,
        CapaStatus.CANCELLED,
        "Cancels a CAPA. Not while a MAJOR source is open.",
        DECIDE,
        guards=(guards.majors_are_settled,),
        requires_reason=True,
    ),
    Transition(
        "capaReopen",
        {CapaStatus.CLOSED},
        CapaStatus.ANALYSIS,
        "Reopens a closed CAPA, in another round.",
        DECIDE,
        requires_reason=True,
        sets=_AFRESH,
        service=transitions.reopen,
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
        "Completes an analysis; its causes stay as they are. Requires a root cause.",
        UPDATE,
        guards=(guards.has_root,),
        sets={"completed_on": today},
    ),
    closed={AnalysisStatus.COMPLETED},
    remedy="Begin another analysis (rootCauseAnalysisCreate).",
)
