"""Guards of the finding workflow, and the evidence that a closed finding requires."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from qgp.audits.facts import related, report_rows
from qgp.evidence.facts import not_withdrawn_unfiltered
from qgp.findings.facts import linked_capas, unfinished_actions
from qgp.findings.facts.evidence import evidence_of_round_unfiltered, shows_round_unfiltered
from qgp.findings.facts.of_audits import (
    drafts_of_audit_unfiltered,
    findings_of_audit,
    findings_of_audit_unfiltered,
    listed_of_audit,
    open_findings_of_audit_unfiltered,
)
from qgp.findings.model import NONCONFORMITIES, Finding, FindingClause, FindingStatus
from qgp.findings.policy import READ
from qgp.kit import ids
from qgp.kit.facts import LoaderBindings, batch_rows
from qgp.kit.loader import KeyIn
from qgp.kit.required_evidence import RequiredEvidence
from qgp.kit.shared_terms import FindingGrade
from qgp.kit.transitions import GuardContext, Missing, filled, guard


def _primary_clause(key_in: KeyIn) -> Any:
    rows: Any = sa.select(FindingClause.finding_id, FindingClause.id)
    return rows.where(key_in(FindingClause.finding_id), FindingClause.is_primary)


_primary = batch_rows(READ, _primary_clause)

loader_bindings = LoaderBindings(
    {
        related.findings: findings_of_audit_unfiltered,
        related.findings_drafted: drafts_of_audit_unfiltered,
        related.findings_going_on: open_findings_of_audit_unfiltered,
        report_rows.visible_findings: findings_of_audit,
        report_rows.listed_findings: listed_of_audit,
    }
)

has_statement = filled("STATEMENT", "statement")

has_evidence_text = filled("EVIDENCE_TEXT", "evidence_text")

has_owner = filled("OWNER", "owner_id")

has_containment = filled("CONTAINMENT", "containment_text", "no_containment_reason", either=True)


@guard("ROOT_CAUSE")
async def has_root_cause(_: GuardContext, finding: Finding) -> str | None:
    """The root cause of a nonconformity is recorded (ISO 9001:2015, 10.2.1 b)."""
    if finding.root_cause or not finding.is_nonconformity:
        return None
    return (
        f"{finding.reference} is a nonconformity without a root cause. Corrective action requires "
        "one. Record rootCause."
    )


@guard("CAUSE_CATEGORY")
async def has_cause_category(_: GuardContext, finding: Finding) -> str | None:
    """The root cause of a nonconformity has a cause category."""
    if finding.cause_category_id is not None or not finding.is_nonconformity:
        return None
    return (
        f"{finding.reference} is a nonconformity without a cause category. Choose causeCategoryId "
        "among `causeCategories`; if none fits, ask a quality manager to add one "
        "(causeCategoryCreate)."
    )


@guard("NC_VERIFICATION")
async def nonconformity_is_verified(_: GuardContext, finding: Finding) -> str | None:
    """A nonconformity is closed from VERIFICATION only."""
    if finding.status is not FindingStatus.OPEN or not finding.is_nonconformity:
        return None
    return (
        f"{finding.reference} is a nonconformity and still OPEN. A nonconformity is closed from "
        "VERIFICATION only. Record its containment first (findingRecordContainment)."
    )


@guard("PRIMARY_CLAUSE")
async def has_primary_clause(facts: GuardContext, finding: Finding) -> str | None:
    """The primary clause of a nonconformity is set (ISO 9000:2015, 3.6.9)."""
    if not finding.is_nonconformity:
        return None
    if await facts.load(_primary, finding.id):
        return None
    return (
        f"{finding.reference} is a nonconformity without a primary clause. Set primaryClauseId to "
        "the requirement that is not fulfilled (findingUpdate)."
    )


@guard("ACTIONS_DONE")
async def actions_are_done(facts: GuardContext, finding: Finding) -> Missing:
    """Each action is done, verified where that is required, or cancelled."""
    unverified = "{} is done, but not verified. Ask another person to verify it (actionVerify)."
    open_ = "{} is not done. Complete or cancel it first."
    return [
        (
            (unverified if row.is_unverified else open_).format(row.reference),
            ids.encode(row.prefix, row.id),
        )
        for row in await facts.load(unfinished_actions, finding.id)
    ]


@guard("EVIDENCE")
async def has_evidence(facts: GuardContext, finding: Finding) -> str | None:
    """Objective evidence shows the result of the corrective action (ISO 9001:2015, 10.2.2).

    What was collected before the finding was last reopened shows that of an earlier one, and so
    does the same file collected again.
    """
    if not finding.is_nonconformity or await facts.load(evidence_of_round_unfiltered, finding.id):
        return None
    since = " since it was reopened" if finding.reopen_count else ""
    return (
        f"{finding.reference} has no objective evidence of its corrective action{since}. Collect "
        "evidence about the finding first (evidenceItemCreate)."
    )


@guard("CAPA_IN_EFFECTIVENESS_OR_CLOSED")
async def capas_are_confirmed(facts: GuardContext, finding: Finding) -> Missing:
    """Each linked CAPA is in EFFECTIVENESS or has ended."""
    if finding.status is not FindingStatus.VERIFICATION:
        return []
    message = (
        "The implementation of {} is not confirmed. Bring it to EFFECTIVENESS "
        "(capaConfirmImplementation), cancel it (capaCancel), or unlink the finding "
        "(capaUnlinkFinding)."
    )
    return [
        (message.format(row.reference), ids.encode(row.prefix, row.id))
        for row in await facts.load(linked_capas, finding.id)
        if not row.is_confirmed
    ]


def _finding_with_id(id: UUID) -> sa.Select[Any]:
    return sa.select(Finding.id).where(Finding.id == id)


def _is_last(item: Any) -> sa.ColumnElement[bool]:
    """Return the condition that a closed nonconformity has no other evidence than this item.

    Evidence that the verifier of a MAJOR added does not count, nor what was collected before the
    finding was last reopened: it was not closed on that.
    """
    finding, other = aliased(Finding), not_withdrawn_unfiltered().c
    closed = sa.select(finding.id).where(
        finding.id == item.subject_id,
        finding.status == FindingStatus.CLOSED,
        finding.grade.in_(NONCONFORMITIES),
    )
    verified = aliased(Finding)
    by_verifier = sa.select(verified.id).where(
        verified.id == other.subject_id,
        verified.grade == FindingGrade.MAJOR,
        verified.verified_by_id == other.collected_by_id,
    )
    further = sa.select(other.id).where(
        other.subject_id == item.subject_id,
        other.id != item.id,
        shows_round_unfiltered(other),
        sa.not_(by_verifier.exists()),
    )
    return sa.and_(closed.exists(), sa.not_(further.exists()))


REQUIRED_EVIDENCE = (
    RequiredEvidence("fnd", _is_last, "reopen the finding (findingReopen)", _finding_with_id),
)
