"""Loaders of findings, their clauses and cause categories."""

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from qgp.findings.model import CauseCategory, Finding, FindingClause, FindingStatus
from qgp.findings.policy import READ, READ_CAUSES, READ_CLAUSES, READ_CONTEXT
from qgp.kit.loader import KeyIn, Register, excerpt, linked, one
from qgp.kit.policy import Principal
from qgp.kit.subjects import subject

MOST_CLAUSES = 50
MOST_SIMILAR = 20
_WITHIN = sa.func.make_interval(0, 24)


def _primary_first(caller: Principal, key_in: KeyIn) -> sa.FromClause:
    """Rank the clauses of each finding, the primary one first."""
    order = (FindingClause.is_primary.desc(), FindingClause.id)
    rank = sa.func.row_number().over(partition_by=FindingClause.finding_id, order_by=order)
    links = sa.select(
        FindingClause.finding_id.label("key"), FindingClause.id.label("id"), rank.label("place")
    )
    return links.where(key_in(FindingClause.finding_id), *READ_CLAUSES.visible(caller)).subquery()


def _similar(caller: Principal, key_in: KeyIn) -> sa.FromClause:
    """Rank the findings that share primary clause, site and, once it is set, cause category."""
    finding, cited, citing = aliased(Finding), aliased(FindingClause), aliased(FindingClause)
    own_clause = sa.and_(
        cited.organization_id == finding.organization_id, cited.finding_id == finding.id
    )
    same_clause = sa.and_(
        citing.organization_id == cited.organization_id, citing.clause_id == cited.clause_id
    )
    other = sa.and_(
        Finding.organization_id == citing.organization_id, Finding.id == citing.finding_id
    )
    alike = (
        sa.select(finding.id.label("key"), Finding.id.label("id"), Finding.detected_on)
        .join(cited, own_clause)
        .join(citing, same_clause)
        .join(Finding, other)
        .where(
            key_in(finding.id),
            cited.is_primary,
            citing.is_primary,
            Finding.id != finding.id,
            Finding.status != FindingStatus.VOID,
            Finding.site_id.is_not_distinct_from(finding.site_id),
            sa.or_(
                finding.cause_category_id.is_(None),
                Finding.cause_category_id == finding.cause_category_id,
            ),
            Finding.detected_on.between(
                finding.detected_on - _WITHIN, finding.detected_on + _WITHIN
            ),
            *READ.visible(caller),
        )
    )
    rows = alike.subquery()
    order = (rows.c.detected_on.desc(), rows.c.id.desc())
    rank = sa.func.row_number().over(partition_by=rows.c.key, order_by=order)
    ranked = sa.select(rows.c.key, rows.c.id, rank.label("place")).subquery()
    return sa.select(ranked).where(ranked.c.place <= MOST_SIMILAR).subquery()


finding_by_id = subject(one(Finding, READ))
parent_finding = excerpt(Finding, READ_CONTEXT)
finding_by_reference = one(Finding, READ, by=Finding.reference, example="NC-2026-0001")
cause_category_by_id = one(CauseCategory, READ_CAUSES)
cause_category_by_code = one(CauseCategory, READ_CAUSES, by=CauseCategory.code, example="METHOD")
finding_clause_by_id = one(FindingClause, READ_CLAUSES)
clauses_of_finding = linked(FindingClause, READ_CLAUSES, _primary_first)
primary_clause_of_finding = one(
    FindingClause,
    READ_CLAUSES,
    by=FindingClause.finding_id,
    where=(sa.and_(FindingClause.is_primary),),
)
similar_findings = linked(Finding, READ, _similar, most=MOST_SIMILAR)

findings = Register(Finding, READ, ("detected_on",))
finding_clauses = Register(FindingClause, READ_CLAUSES, ("finding_id", "clause_id"))
cause_categories = Register(CauseCategory, READ_CAUSES, ("code",))
