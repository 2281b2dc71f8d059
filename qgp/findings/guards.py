"""What a finding's steps ask of other rows than its own."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from qgp.actions.model import OPEN as UNFINISHED
from qgp.actions.model import Action
from qgp.capas.model import Capa, CapaFinding
from qgp.capas.model.terms import CapaStatus
from qgp.evidence.model import EvidenceItem
from qgp.findings.model import NONCONFORMITIES, Finding, FindingClause, FindingGrade, FindingStatus
from qgp.findings.policy import READ
from qgp.kit import ids
from qgp.kit.errors import Blocker
from qgp.kit.loader import Among, gathered
from qgp.kit.required_evidence import RequiredEvidence
from qgp.kit.signing import Meaning, unsigned
from qgp.kit.transitions import Facts, filled, guard

SETTLED = frozenset({CapaStatus.EFFECTIVENESS, CapaStatus.CLOSED, CapaStatus.CANCELLED})


def _actions(among: Among) -> Any:
    found: Any = sa.select(Action.finding_id, Action.id, Action.reference)
    found = found.where(among(Action.finding_id), Action.status.in_(UNFINISHED))
    return found.order_by(Action.reference)


def _capas(among: Among) -> Any:
    found: Any = sa.select(CapaFinding.finding_id, Capa.id, Capa.reference)
    found = found.join(Capa, Capa.id == CapaFinding.capa_id)
    found = found.where(among(CapaFinding.finding_id), Capa.status.not_in(SETTLED))
    return found.order_by(Capa.reference)


def _evidence(among: Among) -> Any:
    found: Any = sa.select(EvidenceItem.subject_id, EvidenceItem.id)
    return found.where(among(EvidenceItem.subject_id), EvidenceItem.withdrawn_at.is_(None))


def _primary_clause(among: Among) -> Any:
    found: Any = sa.select(FindingClause.finding_id, FindingClause.id)
    return found.where(among(FindingClause.finding_id), FindingClause.is_primary)


_primary = gathered(READ, _primary_clause)
_unfinished = gathered(READ, _actions)
_proof = gathered(READ, _evidence)
_unsettled = gathered(READ, _capas)

stated = filled("STATEMENT", "statement")

evidenced = filled("EVIDENCE_TEXT", "evidence_text")

owned = filled("OWNER", "owner_id")

contained = filled("CONTAINMENT", "containment_text", "no_containment_reason", either=True)


@guard("ROOT_CAUSE")
async def explained(_: Facts, finding: Finding) -> Sequence[Blocker]:
    """The root cause of a nonconformity is set (ISO 9001:2015, 10.2.1 b)."""
    if finding.root_cause or not finding.is_nonconformity:
        return []
    message = "Action needs a cause. Write down the root cause."
    return [Blocker("ROOT_CAUSE", message, finding.public_id)]


@guard("CAUSE_CATEGORY")
async def categorized(_: Facts, finding: Finding) -> Sequence[Blocker]:
    """The cause category of a nonconformity is set."""
    if finding.cause_category_id is not None or not finding.is_nonconformity:
        return []
    message = (
        "The cause has no category. Choose one of `causeCategories`; where none fits, "
        "ask quality to add one (causeCategoryCreate)."
    )
    return [Blocker("CAUSE_CATEGORY", message, finding.public_id)]


@guard("NC_VERIFICATION")
async def verified(_: Facts, finding: Finding) -> Sequence[Blocker]:
    """A nonconformity is closed after verification only."""
    if finding.status is not FindingStatus.OPEN or not finding.is_nonconformity:
        return []
    message = "A nonconformity closes after verification. Contain, analyze, act and verify first."
    return [Blocker("NC_VERIFICATION", message, finding.public_id)]


@guard("SIGNATURE")
async def signed(facts: Facts, finding: Finding) -> Sequence[Blocker]:
    """A major nonconformity is closed by signature (21 CFR 11.50)."""
    if finding.grade is not FindingGrade.MAJOR:
        return []
    return unsigned(facts, finding, Meaning.VERIFIED)


@guard("PRIMARY_CLAUSE")
async def has_primary_clause(facts: Facts, finding: Finding) -> Sequence[Blocker]:
    """The primary clause of a nonconformity is set (ISO 9000:2015, 3.6.9)."""
    if not finding.is_nonconformity:
        return []
    if await facts.load(_primary, finding.id):
        return []
    told = "A nonconformity names the clause that is not met. Choose its primary clause."
    return [Blocker("PRIMARY_CLAUSE", told, finding.public_id)]


@guard("ACTIONS_DONE")
async def actions_done(facts: Facts, finding: Finding) -> Sequence[Blocker]:
    """Each action is done, verified where that is required, or cancelled."""
    told = "{} is not done. Complete or cancel it first."
    return [
        Blocker("ACTIONS_DONE", told.format(reference), ids.encode(Action.prefix, id))
        for id, reference in await facts.load(_unfinished, finding.id)
    ]


@guard("EVIDENCE")
async def is_evidenced(facts: Facts, finding: Finding) -> Sequence[Blocker]:
    """Evidence shows what was done (ISO 9001:2015, 10.2.2)."""
    if not finding.is_nonconformity or await facts.load(_proof, finding.id):
        return []
    told = (
        "Nothing shows what was done. Collect evidence about the finding first "
        "(evidenceItemCreate)."
    )
    return [Blocker("EVIDENCE", told, finding.public_id)]


@guard("CAPA_IN_EFFECTIVENESS_OR_CLOSED")
async def capas_settled(facts: Facts, finding: Finding) -> Sequence[Blocker]:
    """Each linked CAPA is in EFFECTIVENESS or has ended."""
    if finding.status is not FindingStatus.VERIFICATION:
        return []
    told = (
        "{} is not carried out yet. Bring it to EFFECTIVENESS, cancel it (capaCancel), or take "
        "the finding off it (capaUnlinkFinding)."
    )
    code = "CAPA_IN_EFFECTIVENESS_OR_CLOSED"
    return [
        Blocker(code, told.format(reference), ids.encode(Capa.prefix, id))
        for id, reference in await facts.load(_unsettled, finding.id)
    ]


def _itself(id: UUID) -> sa.Select[Any]:
    return sa.select(Finding.id).where(Finding.id == id)


def _is_last(item: Any) -> sa.ColumnElement[bool]:
    """Return the condition that a closed nonconformity rests on this evidence alone."""
    own, other = aliased(Finding), aliased(EvidenceItem)
    closed = sa.select(own.id).where(
        own.id == item.subject_id,
        own.status == FindingStatus.CLOSED,
        own.grade.in_(NONCONFORMITIES),
    )
    further = sa.select(other.id).where(
        other.subject_id == item.subject_id, other.id != item.id, other.withdrawn_at.is_(None)
    )
    return sa.and_(closed.exists(), sa.not_(further.exists()))


REQUIRED_EVIDENCE = (
    RequiredEvidence(Finding, _is_last, "reopen the finding (findingReopen)", _itself),
)
