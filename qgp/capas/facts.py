"""Statements about CAPAs and what they rest on, for many at once."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from qgp.actions.model import Action
from qgp.capas.model import Capa, CapaFinding, CapaRound, CauseNode, RootCauseAnalysis
from qgp.capas.model.terms import AnalysisStatus
from qgp.capas.policy import READ
from qgp.evidence.model import EvidenceItem
from qgp.findings.model import Finding, FindingClause, FindingGrade, FindingStatus
from qgp.kit.loader import Among, gathered

_SETTLED = (FindingStatus.CLOSED, FindingStatus.ACCEPTED, FindingStatus.VOID)


def _sources(among: Among) -> Any:
    return sa.select(CapaFinding.capa_id, CapaFinding.finding_id).where(among(CapaFinding.capa_id))


def _actions(among: Among) -> Any:
    told = (Action.capa_id, Action.id, Action.reference, Action.status)
    end = (Action.is_verification_required, Action.completed_at)
    wanted = sa.select(*told, *end, Action.owner_id, Action.completed_by_id)
    return wanted.where(among(Action.capa_id)).order_by(Action.reference)


def _beginnings(among: Among) -> Any:
    """Select when the present round of each CAPA began, but for a first one."""
    wanted = sa.select(CapaRound.capa_id, sa.func.max(CapaRound.created_at))
    return wanted.where(among(CapaRound.capa_id)).group_by(CapaRound.capa_id)


def _evidence(among: Among) -> Any:
    """Select the CAPAs that something stands for, itself or about one of their actions."""
    theirs = sa.select(Action.id).where(Action.capa_id == Capa.id).correlate(Capa)
    about = EvidenceItem.subject_id
    shown = sa.select(EvidenceItem.id).where(
        EvidenceItem.withdrawn_at.is_(None), sa.or_(about == Capa.id, about.in_(theirs))
    )
    return sa.select(Capa.id).where(among(Capa.id), shown.correlate(Capa).exists())


def _completed(among: Among) -> Any:
    rounds = sa.select(RootCauseAnalysis.capa_id, RootCauseAnalysis.round).distinct()
    is_completed = RootCauseAnalysis.status == AnalysisStatus.COMPLETED
    return rounds.where(among(RootCauseAnalysis.capa_id), is_completed)


def _roots(among: Among) -> Any:
    keyed = sa.select(CauseNode.analysis_id).distinct()
    return keyed.where(among(CauseNode.analysis_id), CauseNode.is_root)


def _majors(among: Among) -> Any:
    """Select the sources that are major nonconformities."""
    same = sa.and_(
        Finding.organization_id == CapaFinding.organization_id, Finding.id == CapaFinding.finding_id
    )
    wanted = sa.select(CapaFinding.capa_id, Finding.id, Finding.reference).join(Finding, same)
    is_major = Finding.grade == FindingGrade.MAJOR
    return wanted.where(among(CapaFinding.capa_id), is_major).order_by(Finding.reference)


def _open_majors(among: Among) -> Any:
    """Select the sources that no CAPA may be cancelled under."""
    return _majors(among).where(Finding.status.not_in(_SETTLED))


def _behind(among: Among) -> Any:
    """Select clause, process and cause of what is behind each CAPA, and since when it is gone."""
    own, link, source, clause = Capa.organization_id, CapaFinding, Finding, FindingClause
    wanted = (
        sa.select(Capa.organization_id, Capa.id, Capa.implemented_on)
        .add_columns(clause.clause_id, source.process_id, source.cause_category_id)
        .join(link, _same(own, link, link.capa_id == Capa.id))
        .join(source, _same(own, source, source.id == link.finding_id))
        .join(clause, _same(own, clause, clause.finding_id == source.id))
    )
    # Told apart, so that a database that does not know its rows yet multiplies nothing.
    return wanted.where(among(Capa.id), clause.is_primary).cte("behind").prefix_with("MATERIALIZED")


def _recurrences(among: Among) -> Any:
    """Select what was found since the implementation and is like a source."""
    behind, link = _behind(among).c, aliased(CapaFinding)
    own, found, clause = behind.organization_id, aliased(Finding), aliased(FindingClause)
    alike = (found.process_id.is_not(None), found.cause_category_id.is_not(None))
    wanted = (
        sa.select(behind.id, found.id, found.reference, found.detected_on, *alike)
        .distinct()
        .join(clause, _same(own, clause, clause.clause_id == behind.clause_id))
        .join(found, _same(own, found, found.id == clause.finding_id))
    )
    mine = sa.select(link.finding_id).where(link.capa_id == behind.id).correlate(behind.id.table)
    return wanted.where(
        clause.is_primary,
        found.detected_on >= behind.implemented_on,
        found.process_id.is_not_distinct_from(behind.process_id),
        found.cause_category_id.is_not_distinct_from(behind.cause_category_id),
        found.status != FindingStatus.VOID,
        found.grade != FindingGrade.GOOD_PRACTICE,
        found.id.not_in(mine),
    ).order_by(found.detected_on, found.reference)


def _same(own: Any, other: Any, points: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.and_(other.organization_id == own, points)


sources = gathered(READ, _sources)
actions = gathered(READ, _actions)
beginnings = gathered(READ, _beginnings)
evidence = gathered(READ, _evidence)
completed_rounds = gathered(READ, _completed)
marked_roots = gathered(READ, _roots)
majors = gathered(READ, _majors)
open_majors = gathered(READ, _open_majors)
recurrences = gathered(READ, _recurrences)
