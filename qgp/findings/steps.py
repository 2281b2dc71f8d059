"""How a finding moves, who moves it, and what the row itself has to say before."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from qgp.findings.terms import FindingGrade, FindingStatus
from qgp.kit.errors import Blocker
from qgp.kit.policy import QUALITY, Role
from qgp.kit.signing import Meaning, unsigned
from qgp.kit.workflow import Facts, Separation, Transition, Workflow

if TYPE_CHECKING:
    from qgp.findings.model import Finding

ISSUERS = QUALITY | {Role.LEAD_AUDITOR, Role.HSE_MANAGER}
WORKERS = QUALITY | {Role.HSE_MANAGER, Role.PROCESS_OWNER}
VERIFIERS = QUALITY | {Role.LEAD_AUDITOR}


async def stated(_: Facts, finding: "Finding") -> Sequence[Blocker]:
    """Guard STATEMENT: what is issued says what is the matter."""
    if finding.statement:
        return []
    told = "Nothing says what the matter is. Fill in the statement."
    return [Blocker("STATEMENT", told, finding.public_id)]


async def evidenced(_: Facts, finding: "Finding") -> Sequence[Blocker]:
    """Guard EVIDENCE_TEXT: what is issued says what was seen."""
    if finding.evidence_text:
        return []
    told = "Nothing says what was seen. Fill in the evidence."
    return [Blocker("EVIDENCE_TEXT", told, finding.public_id)]


async def owned(_: Facts, finding: "Finding") -> Sequence[Blocker]:
    """Guard OWNER: what is issued has somebody who answers for it."""
    if finding.owner_id is not None:
        return []
    return [Blocker("OWNER", "Nobody answers for it. Name an owner.", finding.public_id)]


async def contained(_: Facts, finding: "Finding") -> Sequence[Blocker]:
    """Guard CONTAINMENT: effects are dealt with first (ISO 9001:2015, 10.2.1 a)."""
    if finding.containment_text or finding.no_containment_reason:
        return []
    told = "Say what keeps the effects in check, or why nothing has to."
    return [Blocker("CONTAINMENT", told, finding.public_id)]


async def explained(_: Facts, finding: "Finding") -> Sequence[Blocker]:
    """Guard ROOT_CAUSE: a nonconformity has a cause before action (ISO 9001:2015, 10.2.1 b)."""
    if finding.root_cause or not finding.is_nonconformity:
        return []
    told = "Action needs a cause. Write down the root cause."
    return [Blocker("ROOT_CAUSE", told, finding.public_id)]


async def categorized(_: Facts, finding: "Finding") -> Sequence[Blocker]:
    """Guard CAUSE_CATEGORY: the cause of a nonconformity counts in the statistics."""
    if finding.cause_category_id is not None or not finding.is_nonconformity:
        return []
    told = (
        "The cause has no category. Choose one of `causeCategories`; where none fits, "
        "ask quality to add one (causeCategoryCreate)."
    )
    return [Blocker("CAUSE_CATEGORY", told, finding.public_id)]


async def verified(_: Facts, finding: "Finding") -> Sequence[Blocker]:
    """Guard NC_VERIFICATION: a nonconformity is closed from VERIFICATION alone."""
    if finding.status is not FindingStatus.OPEN or not finding.is_nonconformity:
        return []
    told = "A nonconformity closes after verification. Contain, analyze, act and verify first."
    return [Blocker("NC_VERIFICATION", told, finding.public_id)]


async def signed(facts: Facts, finding: "Finding") -> Sequence[Blocker]:
    """Guard SIGNATURE: a major nonconformity is closed by signature (21 CFR 11.50)."""
    if finding.grade is not FindingGrade.MAJOR:
        return []
    return unsigned(facts, finding, Meaning.VERIFIED)


async def conceded(facts: Facts, finding: "Finding") -> Sequence[Blocker]:
    """Guard SIGNATURE: a concession is given by signature (ISO 9001:2015, 8.7.2 d)."""
    return unsigned(facts, finding, Meaning.APPROVED)


FINDING_STEPS = Workflow(
    {FindingStatus.DRAFT},
    Transition(
        "findingOpen",
        frozenset({FindingStatus.DRAFT}),
        FindingStatus.OPEN,
        ISSUERS,
        guards=(stated, evidenced, "PRIMARY_CLAUSE", owned),
        owners=("created_by_id",),
    ),
    Transition(
        "findingContain",
        frozenset({FindingStatus.OPEN}),
        FindingStatus.CONTAINED,
        WORKERS,
        guards=(contained,),
        owners=("owner_id",),
    ),
    Transition(
        "findingAnalyze",
        frozenset({FindingStatus.CONTAINED}),
        FindingStatus.ANALYSIS,
        WORKERS,
        owners=("owner_id",),
    ),
    Transition(
        "findingAct",
        frozenset({FindingStatus.ANALYSIS}),
        FindingStatus.ACTION,
        WORKERS,
        guards=(explained, categorized),
        owners=("owner_id",),
    ),
    Transition(
        "findingVerify",
        frozenset({FindingStatus.ACTION}),
        FindingStatus.VERIFICATION,
        WORKERS,
        guards=("ACTIONS_DONE", "EVIDENCE"),
        owners=("owner_id",),
    ),
    Transition(
        "findingClose",
        frozenset({FindingStatus.OPEN, FindingStatus.VERIFICATION}),
        FindingStatus.CLOSED,
        VERIFIERS,
        guards=(
            verified,
            "ACTIONS_DONE",
            "EVIDENCE",
            "CAPA_IN_EFFECTIVENESS_OR_CLOSED",
            signed,
        ),
        signature=Meaning.VERIFIED,
        separation=Separation(
            "VERIFIER_DIFFERS",
            ("owner_id",),
            "You own this finding. Let somebody else verify and close it.",
        ),
    ),
    Transition(
        "findingReject",
        frozenset({FindingStatus.VERIFICATION}),
        FindingStatus.ACTION,
        VERIFIERS,
        is_explained=True,
    ),
    Transition(
        "findingAccept",
        frozenset({FindingStatus.OPEN}),
        FindingStatus.ACCEPTED,
        QUALITY,
        guards=(conceded,),
        signature=Meaning.APPROVED,
        separation=Separation(
            "APPROVER_DIFFERS",
            ("created_by_id",),
            "You wrote this finding down. Let somebody else approve the concession.",
        ),
        is_explained=True,
    ),
    Transition(
        "findingRevoke",
        frozenset({FindingStatus.ACCEPTED}),
        FindingStatus.OPEN,
        QUALITY,
        is_explained=True,
    ),
    Transition(
        "findingVoid",
        frozenset(
            {
                FindingStatus.DRAFT,
                FindingStatus.OPEN,
                FindingStatus.CONTAINED,
                FindingStatus.ANALYSIS,
                FindingStatus.ACTION,
            }
        ),
        FindingStatus.VOID,
        QUALITY,
        is_explained=True,
    ),
    Transition(
        "findingReopen",
        frozenset({FindingStatus.CLOSED}),
        FindingStatus.ANALYSIS,
        QUALITY,
        is_explained=True,
    ),
)
