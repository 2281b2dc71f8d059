"""How CAPAs and their analyses move, who moves them, and what the row itself says before."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from qgp.capas.terms import ENDED, AnalysisStatus, CapaPriority, CapaStatus
from qgp.kit import clock
from qgp.kit.errors import Blocker
from qgp.kit.policy import QUALITY, Role
from qgp.kit.signing import Meaning
from qgp.kit.workflow import Facts, Separation, Transition, Workflow

if TYPE_CHECKING:
    from qgp.capas.model import Capa

WORKERS = QUALITY | {Role.HSE_MANAGER, Role.PROCESS_OWNER}
URGENT = frozenset({CapaPriority.HIGH, CapaPriority.CRITICAL})


async def owned(_: Facts, capa: "Capa") -> Sequence[Blocker]:
    """Guard OWNER: what is issued has somebody who answers for it."""
    if capa.owner_id is not None:
        return []
    return [Blocker("OWNER", "Nobody answers for it. Name an owner.", capa.public_id)]


async def approved(facts: Facts, capa: "Capa") -> Sequence[Blocker]:
    """Guard QM_APPROVAL: where much is at stake, quality has the plan carried out."""
    if capa.priority not in URGENT or facts.caller.role in QUALITY:
        return []
    told = (
        f"The priority is {capa.priority.value}, so quality approves the plan. "
        "Ask a quality manager to take this step."
    )
    return [Blocker("QM_APPROVAL", told, capa.public_id, is_denial=True)]


async def risks_reviewed(_: Facts, capa: "Capa") -> Sequence[Blocker]:
    """Guard RISK_REVIEWED: the plan knows the risks anew (ISO 9001:2015, 10.2.1 e)."""
    if capa.risk_review_note or not capa.is_risk_review_required:
        return []
    told = "The risks are to be reviewed before. Review them, and say in riskReviewNote what came "
    return [Blocker("RISK_REVIEWED", told + "of it.", capa.public_id)]


async def published(_: Facts, capa: "Capa") -> Sequence[Blocker]:
    """Guard DOCS_PUBLISHED: what is written down says the same (ISO 9001:2015, 10.2.1 f)."""
    if capa.document_change_note or not capa.is_document_change_required:
        return []
    told = "Documents are to be changed. Publish them, and say in documentChangeNote which."
    return [Blocker("DOCS_PUBLISHED", told, capa.public_id)]


async def trained(_: Facts, capa: "Capa") -> Sequence[Blocker]:
    """Guard TRAINING_DONE: who works with it knows of it (ISO 9001:2015, 7.2 c and 10.2.1 f)."""
    if capa.training_note or not capa.is_training_required:
        return []
    told = "People are to be trained. Train them, and say in trainingNote whom and when."
    return [Blocker("TRAINING_DONE", told, capa.public_id)]


async def measurable(_: Facts, capa: "Capa") -> Sequence[Blocker]:
    """Guard EFFECTIVENESS_DEFINED: how it will be judged is said before it is done."""
    if capa.effectiveness_criteria and capa.effectiveness_metric:
        return []
    told = "Nothing says how effectiveness will be judged. Fill in its criteria and metric."
    return [Blocker("EFFECTIVENESS_DEFINED", told, capa.public_id)]


async def elapsed(facts: Facts, capa: "Capa") -> Sequence[Blocker]:
    """Guard WINDOW_ELAPSED: time has shown it, or somebody says why it need not."""
    due = capa.effectiveness_due_on
    if capa.waiver_reason or due is None or due <= clock.today(facts.caller.zone):
        return []
    told = (
        f"The window of effectiveness ends on {due.isoformat()}. "
        "Wait until then, or give a waiverReason."
    )
    return [Blocker("WINDOW_ELAPSED", told, capa.public_id)]


CAPA_STEPS = Workflow(
    {CapaStatus.DRAFT},
    Transition(
        "capaOpen",
        frozenset({CapaStatus.DRAFT}),
        CapaStatus.OPEN,
        WORKERS,
        guards=(owned, "SOURCE"),
    ),
    Transition(
        "capaAnalyze",
        frozenset({CapaStatus.OPEN}),
        CapaStatus.ANALYSIS,
        WORKERS,
        owners=("owner_id",),
    ),
    Transition(
        "capaPlan",
        frozenset({CapaStatus.ANALYSIS}),
        CapaStatus.PLANNED,
        WORKERS,
        guards=("RCA_COMPLETED",),
        owners=("owner_id",),
    ),
    Transition(
        "capaImplement",
        frozenset({CapaStatus.PLANNED}),
        CapaStatus.IMPLEMENTING,
        WORKERS,
        guards=("ACTIONS_PLANNED", measurable, approved, risks_reviewed),
        owners=("owner_id",),
    ),
    Transition(
        "capaVerify",
        frozenset({CapaStatus.IMPLEMENTING}),
        CapaStatus.VERIFICATION,
        WORKERS,
        guards=("ACTIONS_DONE", published, trained),
        owners=("owner_id",),
    ),
    Transition(
        "capaCheckEffectiveness",
        frozenset({CapaStatus.VERIFICATION}),
        CapaStatus.EFFECTIVENESS,
        QUALITY,
        guards=("ACTIONS_DONE", "VERIFIER_DIFFERS", "EVIDENCE"),
        separation=Separation(
            "VERIFIER_DIFFERS",
            ("owner_id",),
            "You own this CAPA. Let somebody else verify it.",
        ),
    ),
    Transition(
        "capaClose",
        frozenset({CapaStatus.EFFECTIVENESS}),
        CapaStatus.CLOSED,
        QUALITY,
        guards=("ACTIONS_DONE", "EVIDENCE", elapsed, "NO_RECURRENCE", "SIGNATURE"),
        signature=Meaning.VERIFIED,
    ),
    Transition(
        "capaFail",
        frozenset({CapaStatus.EFFECTIVENESS}),
        CapaStatus.ANALYSIS,
        QUALITY,
    ),
    Transition(
        "capaCancel",
        frozenset(CapaStatus) - ENDED,
        CapaStatus.CANCELLED,
        QUALITY,
        guards=("OPEN_MAJOR_SOURCE",),
        is_explained=True,
    ),
    Transition(
        "capaReopen",
        frozenset({CapaStatus.CLOSED}),
        CapaStatus.ANALYSIS,
        QUALITY,
        is_explained=True,
    ),
)

ANALYSIS_STEPS = Workflow(
    {AnalysisStatus.DRAFT},
    Transition(
        "rootCauseAnalysisComplete",
        frozenset({AnalysisStatus.DRAFT}),
        AnalysisStatus.COMPLETED,
        WORKERS,
        guards=("ROOT_CAUSE_MARKED",),
    ),
)
