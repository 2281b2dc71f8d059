"""What the mutations of CAPAs and their analyses take."""

from datetime import date

import strawberry

from qgp.capas.enums import (
    AnalysisConfidence,
    AnalysisMethod,
    CapaKind,
    CapaPriority,
    CapaResult,
    CauseNodeCategory,
    CauseNodeKind,
    EffectivenessMetric,
)
from qgp.kit.gql import PROSE, SignatureInput, given, key_field, signature_field, version_field


@strawberry.input(description="A CAPA, to be written down as a draft.")
class CapaCreateInput:
    """A CAPA to write down."""

    kind: CapaKind = given("What it is for.", default=CapaKind.CORRECTIVE)
    title: str = given("What it is about, 1 to 200 characters.")
    problem_statement: str = given("What the problem is: what, where, when, how much.", most=PROSE)
    priority: CapaPriority = given("How much is at stake.", default=CapaPriority.MEDIUM)
    finding_ids: list[strawberry.ID] = given(
        "The findings behind it; at most 50.", id_of="fnd", default_factory=list
    )
    source_justification: str | None = given(
        "Why it is needed, where no finding is behind it.", most=PROSE, default=None
    )
    supplier_name: str | None = given(
        "The supplier it is asked of; its reference is then SCAR-.", default=None
    )
    due_on: date = given("When it is to be implemented.")
    owner_id: strawberry.ID | None = given(
        "Who answers for it; needed before it is opened.", id_of="usr", default=None
    )
    sponsor_id: strawberry.ID | None = given(
        "Who provides what it needs.", id_of="usr", default=None
    )
    site_id: strawberry.ID | None = given("The site it is about.", id_of="sit", default=None)
    department_id: strawberry.ID | None = given(
        "The department it is about.", id_of="dep", default=None
    )
    process_id: strawberry.ID | None = given("The process it is about.", id_of="prc", default=None)
    cause_known_reason: str | None = given(
        "Why the cause needs no analysis.", most=PROSE, default=None
    )
    root_cause_summary: str | None = given("Why it came to be.", most=PROSE, default=None)
    cause_category_id: strawberry.ID | None = given(
        "What sort of cause it has.", id_of="cau", default=None
    )
    effectiveness_criteria: str | None = given(
        "What has to be seen to call it effective; needed before it is implemented.",
        most=PROSE,
        default=None,
    )
    effectiveness_metric: EffectivenessMetric | None = given(
        "What effectiveness is judged by; needed before it is implemented.", default=None
    )
    window_days: int = given("Days for which the effect is watched; 1 to 730.", default=90)
    is_risk_review_required: bool = given(
        "Whether the risks are to be reviewed before the plan is carried out.", default=False
    )
    is_document_change_required: bool = given(
        "Whether documents are to be changed with it.", default=False
    )
    is_training_required: bool = given("Whether people are to be trained for it.", default=False)
    idempotency_key: str | None = key_field()


@strawberry.input(description="Changes to a CAPA; what you leave out stays, null clears.")
class CapaUpdateInput:
    """Changes to a CAPA."""

    id: strawberry.ID = given("The CAPA.", id_of="cap")
    expected_version: int = version_field()
    kind: strawberry.Maybe[CapaKind] = given("What it is for.")
    title: strawberry.Maybe[str] = given("What it is about, 1 to 200 characters.")
    problem_statement: strawberry.Maybe[str] = given("What the problem is.", most=PROSE)
    priority: strawberry.Maybe[CapaPriority] = given(
        "How much is at stake; once opened, only quality lowers HIGH and CRITICAL."
    )
    source_justification: strawberry.Maybe[str | None] = given(
        "Why it is needed, where no finding is behind it.", most=PROSE
    )
    supplier_name: strawberry.Maybe[str | None] = given(
        "The supplier it is asked of; the reference stays."
    )
    due_on: strawberry.Maybe[date] = given(
        "When it is to be implemented; once opened, say the `reason` too."
    )
    owner_id: strawberry.Maybe[strawberry.ID | None] = given(
        "Who answers for it; cannot be cleared once opened.", id_of="usr"
    )
    sponsor_id: strawberry.Maybe[strawberry.ID | None] = given(
        "Who provides what it needs.", id_of="usr"
    )
    site_id: strawberry.Maybe[strawberry.ID | None] = given("The site it is about.", id_of="sit")
    department_id: strawberry.Maybe[strawberry.ID | None] = given(
        "The department it is about.", id_of="dep"
    )
    process_id: strawberry.Maybe[strawberry.ID | None] = given(
        "The process it is about.", id_of="prc"
    )
    cause_known_reason: strawberry.Maybe[str | None] = given(
        "Why the cause needs no analysis; until it is PLANNED.", most=PROSE
    )
    root_cause_summary: strawberry.Maybe[str | None] = given("Why it came to be.", most=PROSE)
    cause_category_id: strawberry.Maybe[strawberry.ID | None] = given(
        "What sort of cause it has.", id_of="cau"
    )
    effectiveness_criteria: strawberry.Maybe[str | None] = given(
        "What has to be seen to call it effective; until it is IMPLEMENTING.", most=PROSE
    )
    effectiveness_metric: strawberry.Maybe[EffectivenessMetric | None] = given(
        "What effectiveness is judged by; until it is IMPLEMENTING."
    )
    window_days: strawberry.Maybe[int] = given(
        "Days for which the effect is watched, 1 to 730; until it is IMPLEMENTING."
    )
    is_risk_review_required: strawberry.Maybe[bool] = given(
        "Whether the risks are to be reviewed before the plan is carried out; until then."
    )
    risk_review_note: strawberry.Maybe[str | None] = given(
        "What reviewing the risks came to; until it is IMPLEMENTING.", most=PROSE
    )
    is_document_change_required: strawberry.Maybe[bool] = given(
        "Whether documents are to be changed with it; until VERIFICATION."
    )
    document_change_note: strawberry.Maybe[str | None] = given(
        "Which documents were published, in which version; until VERIFICATION.", most=PROSE
    )
    is_training_required: strawberry.Maybe[bool] = given(
        "Whether people are to be trained for it; until VERIFICATION."
    )
    training_note: strawberry.Maybe[str | None] = given(
        "Who was trained, and when; until VERIFICATION.", most=PROSE
    )
    reason: str | None = given("Why, for the trail.", most=2000, default=None)


@strawberry.input(description="A finding to link to a CAPA as its source.")
class CapaLinkFindingInput:
    """A finding to link."""

    id: strawberry.ID = given("The CAPA.", id_of="cap")
    expected_version: int = version_field()
    finding_id: strawberry.ID = given("The finding behind it.", id_of="fnd")
    idempotency_key: str | None = key_field()


@strawberry.input(description="A finding that is not behind a CAPA after all.")
class CapaUnlinkFindingInput:
    """A finding to unlink."""

    id: strawberry.ID = given("The CAPA.", id_of="cap")
    expected_version: int = version_field()
    finding_id: strawberry.ID = given("The finding that is linked.", id_of="fnd")
    idempotency_key: str | None = key_field()


@strawberry.input(description="The Capa to close, and how effective it was.")
class CapaCloseInput:
    """A CAPA to close."""

    id: strawberry.ID = given("The CAPA.", id_of="cap")
    expected_version: int = version_field()
    result: CapaResult = given("EFFECTIVE, or PARTIAL with a note; for INEFFECTIVE use `capaFail`.")
    result_note: str | None = given("What was seen.", most=PROSE, default=None)
    waiver_reason: str | None = given(
        "Why the end of the window need not be awaited.", most=2000, default=None
    )
    signature: SignatureInput | None = signature_field(default=None)
    idempotency_key: str | None = key_field()


@strawberry.input(description="The Capa that did not work, and what was seen.")
class CapaFailInput:
    """A CAPA that did not work."""

    id: strawberry.ID = given("The CAPA.", id_of="cap")
    expected_version: int = version_field()
    result_note: str = given("What was seen, 1 to 2000 characters.", most=2000)
    idempotency_key: str | None = key_field()


@strawberry.input(description="A search for the root causes behind a CAPA.")
class RootCauseAnalysisCreateInput:
    """A search for root causes."""

    capa_id: strawberry.ID = given("The CAPA, which has not ended.", id_of="cap")
    method: AnalysisMethod = given("How it is made.")
    confidence: AnalysisConfidence | None = given("How sure it is.", default=None)
    idempotency_key: str | None = key_field()


@strawberry.input(description="Changes to an analysis; what you leave out stays, null clears.")
class RootCauseAnalysisUpdateInput:
    """Changes to an analysis."""

    id: strawberry.ID = given("The analysis, a draft.", id_of="rca")
    expected_version: int = version_field()
    method: strawberry.Maybe[AnalysisMethod] = given("How it is made.")
    confidence: strawberry.Maybe[AnalysisConfidence | None] = given("How sure it is.")


@strawberry.input(description="A cause for the tree of an analysis.")
class CauseNodeCreateInput:
    """A cause for a tree."""

    analysis_id: strawberry.ID = given("The analysis, a draft.", id_of="rca")
    parent_id: strawberry.ID | None = given(
        "The cause that this one explains; leave out for a topmost one. At most 20 levels.",
        id_of="cno",
        default=None,
    )
    kind: CauseNodeKind = given("What it stands for.", default=CauseNodeKind.WHY)
    category: CauseNodeCategory | None = given("Where the cause lies.", default=None)
    text: str = given("What it says, 1 to 2000 characters.", most=2000)
    is_root: bool = given("Whether it is a root cause.", default=False)
    position: int = given("Its place among those with the same parent, from 0.", default=0)
    idempotency_key: str | None = key_field()


@strawberry.input(description="Changes to a cause; what you leave out stays, null clears.")
class CauseNodeUpdateInput:
    """Changes to a cause."""

    id: strawberry.ID = given("The cause, in a draft.", id_of="cno")
    expected_version: int = version_field()
    parent_id: strawberry.Maybe[strawberry.ID | None] = given(
        "The cause above; what lies below moves along. Null makes it a topmost one.", id_of="cno"
    )
    kind: strawberry.Maybe[CauseNodeKind] = given("What it stands for.")
    category: strawberry.Maybe[CauseNodeCategory | None] = given("Where the cause lies.")
    text: strawberry.Maybe[str] = given("What it says, 1 to 2000 characters.", most=2000)
    is_root: strawberry.Maybe[bool] = given("Whether it is a root cause.")
    position: strawberry.Maybe[int] = given("Its place among those with the same parent.")
