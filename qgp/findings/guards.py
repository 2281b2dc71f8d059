"""What a finding's steps ask of other rows than its own."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from qgp.audits.facts import related
from qgp.evidence.facts import evidence_of_subject_unfiltered, standing_unfiltered
from qgp.findings.facts import (
    actions_going_on,
    capas_going_on,
    drafts_of_audit_unfiltered,
    findings_going_on_unfiltered,
    findings_of_audit,
    findings_of_audit_unfiltered,
    listed_of_audit,
    references_of_audit_unfiltered,
)
from qgp.findings.model import NONCONFORMITIES, Finding, FindingClause, FindingStatus
from qgp.findings.policy import READ
from qgp.kit import ids
from qgp.kit.facts import Supplies, batch_rows
from qgp.kit.loader import KeyIn
from qgp.kit.required_evidence import RequiredEvidence
from qgp.kit.shared_terms import FindingGrade
from qgp.kit.signing import Meaning, unsigned
from qgp.kit.transitions import GuardContext, Missing, filled, guard


def _primary_clause(key_in: KeyIn) -> Any:
    found: Any = sa.select(FindingClause.finding_id, FindingClause.id)
    return found.where(key_in(FindingClause.finding_id), FindingClause.is_primary)


_primary = batch_rows(READ, _primary_clause)

supplies = Supplies(
    {
        related.findings: findings_of_audit_unfiltered,
        related.findings_drafted: drafts_of_audit_unfiltered,
        related.findings_going_on: findings_going_on_unfiltered,
        related.finding_references: references_of_audit_unfiltered,
        related.visible_findings: findings_of_audit,
        related.listed_findings: listed_of_audit,
    }
)

stated = filled("STATEMENT", "statement")

evidenced = filled("EVIDENCE_TEXT", "evidence_text")

owned = filled("OWNER", "owner_id")

contained = filled("CONTAINMENT", "containment_text", "no_containment_reason", either=True)


@guard("ROOT_CAUSE")
async def explained(_: GuardContext, finding: Finding) -> str | None:
    """The root cause of a nonconformity is set (ISO 9001:2015, 10.2.1 b)."""
    if finding.root_cause or not finding.is_nonconformity:
        return None
    return "Action needs a cause. Write down the root cause."


@guard("CAUSE_CATEGORY")
async def categorized(_: GuardContext, finding: Finding) -> str | None:
    """The cause category of a nonconformity is set."""
    if finding.cause_category_id is not None or not finding.is_nonconformity:
        return None
    return (
        "The cause has no category. Choose one of `causeCategories`; where none fits, "
        "ask quality to add one (causeCategoryCreate)."
    )


@guard("NC_VERIFICATION")
async def verified(_: GuardContext, finding: Finding) -> str | None:
    """A nonconformity is closed after verification only."""
    if finding.status is not FindingStatus.OPEN or not finding.is_nonconformity:
        return None
    return "A nonconformity closes after verification. Contain, analyze, act and verify first."


@guard("SIGNATURE")
async def signed(facts: GuardContext, finding: Finding) -> str | None:
    """A major nonconformity is closed by signature (21 CFR 11.50)."""
    if finding.grade is not FindingGrade.MAJOR:
        return None
    return unsigned(facts, Meaning.VERIFIED)


@guard("PRIMARY_CLAUSE")
async def has_primary_clause(facts: GuardContext, finding: Finding) -> str | None:
    """The primary clause of a nonconformity is set (ISO 9000:2015, 3.6.9)."""
    if not finding.is_nonconformity:
        return None
    if await facts.load(_primary, finding.id):
        return None
    return "A nonconformity names the clause that is not met. Choose its primary clause."


@guard("ACTIONS_DONE")
async def actions_done(facts: GuardContext, finding: Finding) -> Missing:
    """Each action is done, verified where that is required, or cancelled."""
    told = "{} is not done. Complete or cancel it first."
    return [
        (told.format(reference), ids.encode(prefix, id))
        for prefix, id, reference in await facts.load(actions_going_on, finding.id)
    ]


@guard("EVIDENCE")
async def is_evidenced(facts: GuardContext, finding: Finding) -> str | None:
    """Evidence shows what was done (ISO 9001:2015, 10.2.2)."""
    if not finding.is_nonconformity or await facts.load(evidence_of_subject_unfiltered, finding.id):
        return None
    return (
        "Nothing shows what was done. Collect evidence about the finding first "
        "(evidenceItemCreate)."
    )


@guard("CAPA_IN_EFFECTIVENESS_OR_CLOSED")
async def capas_settled(facts: GuardContext, finding: Finding) -> Missing:
    """Each linked CAPA is in EFFECTIVENESS or has ended."""
    if finding.status is not FindingStatus.VERIFICATION:
        return []
    told = (
        "{} is not carried out yet. Bring it to EFFECTIVENESS, cancel it (capaCancel), or take "
        "the finding off it (capaUnlinkFinding)."
    )
    return [
        (told.format(reference), ids.encode(prefix, id))
        for prefix, id, reference in await facts.load(capas_going_on, finding.id)
    ]


def _itself(id: UUID) -> sa.Select[Any]:
    return sa.select(Finding.id).where(Finding.id == id)


def _is_last(item: Any) -> sa.ColumnElement[bool]:
    """Return the condition that a closed nonconformity rests on this evidence alone."""
    own, other = aliased(Finding), standing_unfiltered().c
    closed = sa.select(own.id).where(
        own.id == item.subject_id,
        own.status == FindingStatus.CLOSED,
        own.grade.in_(NONCONFORMITIES),
    )
    further = sa.select(other.id).where(other.subject_id == item.subject_id, other.id != item.id)
    return sa.and_(closed.exists(), sa.not_(further.exists()))


REQUIRED_EVIDENCE = (
    RequiredEvidence("fnd", _is_last, "reopen the finding (findingReopen)", _itself),
)
