"""Statements about CAPAs and what they rest on, for many at once."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from qgp.capas.model import Capa, CapaFinding, CapaRound, CauseNode, RootCauseAnalysis
from qgp.capas.model.terms import ENDED, AnalysisStatus, CapaStatus
from qgp.capas.policy import READ
from qgp.findings.facts import majors_unfiltered, with_primary_clause_unfiltered
from qgp.kit.facts import Supplied, batch_rows
from qgp.kit.loader import KeyIn

SETTLED = frozenset({CapaStatus.EFFECTIVENESS, CapaStatus.CLOSED, CapaStatus.CANCELLED})
# The states in which a CAPA takes no actions, each with the way out. What is in verification takes
# what is missing: there is no step back from there, and its next step waits for it.
TAKES_NO_ACTIONS = {
    CapaStatus.EFFECTIVENESS: "Say first that this round was ineffective (capaRecordIneffective).",
    CapaStatus.CLOSED: "Reopen it first (capaReopen).",
    CapaStatus.CANCELLED: "Choose a CAPA that goes on.",
}


def ended_unfiltered() -> Any:
    """Return a table `id`, `reference` of the CAPAs that have ended."""
    return sa.select(Capa.id, Capa.reference).where(Capa.status.in_(ENDED)).subquery()


def closed_unfiltered() -> Any:
    """Return a table `id` of the CAPAs that are CLOSED."""
    return sa.select(Capa.id).where(Capa.status == CapaStatus.CLOSED).subquery()


def with_id_unfiltered(id: Any) -> sa.Select[Any]:
    """Select the id of the CAPA that has it, to lock the row."""
    return sa.select(Capa.id).where(Capa.id == id)


def _sources(key_in: KeyIn) -> Any:
    return sa.select(CapaFinding.capa_id, CapaFinding.finding_id).where(key_in(CapaFinding.capa_id))


def _beginnings(key_in: KeyIn) -> Any:
    """Select when the present round of each CAPA began, but for a first one."""
    statement = sa.select(CapaRound.capa_id, sa.func.max(CapaRound.created_at))
    return statement.where(key_in(CapaRound.capa_id)).group_by(CapaRound.capa_id)


def _going_on(key_in: KeyIn) -> Any:
    """Select the CAPAs of each finding whose implementation is not verified yet."""
    of_finding: Any = CapaFinding.finding_id
    rows = sa.select(of_finding, sa.literal(Capa.prefix, sa.Text), Capa.id, Capa.reference)
    rows = rows.join(Capa, Capa.id == CapaFinding.capa_id)
    rows = rows.where(key_in(of_finding), Capa.status.not_in(SETTLED))
    return rows.order_by(Capa.reference)


def _completed(key_in: KeyIn) -> Any:
    rounds = sa.select(RootCauseAnalysis.capa_id, RootCauseAnalysis.round).distinct()
    is_completed = RootCauseAnalysis.status == AnalysisStatus.COMPLETED
    return rounds.where(key_in(RootCauseAnalysis.capa_id), is_completed)


def _roots(key_in: KeyIn) -> Any:
    keyed = sa.select(CauseNode.analysis_id).distinct()
    return keyed.where(key_in(CauseNode.analysis_id), CauseNode.is_root)


def _majors(key_in: KeyIn) -> Any:
    """Select the sources that are major nonconformities."""
    return _major_sources(key_in)


def _open_majors(key_in: KeyIn) -> Any:
    """Select the sources that no CAPA may be cancelled under."""
    return _major_sources(key_in, is_open=True)


def _major_sources(key_in: KeyIn, *, is_open: bool = False) -> Any:
    major, link = majors_unfiltered(), CapaFinding
    same = _same(link.organization_id, major.c, major.c.id == link.finding_id)
    rows = sa.select(link.capa_id, major.c.id, major.c.reference).join(major, same)
    limits = [sa.not_(major.c.has_ended)] if is_open else []
    return rows.where(key_in(link.capa_id), *limits).order_by(major.c.reference)


def _behind(key_in: KeyIn) -> Any:
    """Select clause, process and cause of what is behind each CAPA, and since when it is gone."""
    own, link, source = Capa.organization_id, CapaFinding, with_primary_clause_unfiltered()
    rows = (
        sa.select(Capa.organization_id, Capa.id, Capa.implemented_on)
        .add_columns(source.c.clause_id, source.c.process_id, source.c.cause_category_id)
        .join(link, _same(own, link, link.capa_id == Capa.id))
        .join(source, _same(own, source.c, source.c.id == link.finding_id))
    )
    # Told apart, so that a database that does not know its rows yet multiplies nothing.
    return rows.where(key_in(Capa.id)).cte("behind").prefix_with("MATERIALIZED")


def _recurrences(key_in: KeyIn) -> Any:
    """Select the findings detected since the implementation that are like a source."""
    behind, link, findings = (
        _behind(key_in).c,
        aliased(CapaFinding),
        with_primary_clause_unfiltered(),
    )
    other = findings.c
    alike = (other.process_id.is_not(None), other.cause_category_id.is_not(None))
    rows = sa.select(behind.id, other.id, other.reference, other.detected_on, *alike).distinct()
    rows = rows.join(
        findings, _same(behind.organization_id, other, other.clause_id == behind.clause_id)
    )
    sources = sa.select(link.finding_id).where(link.capa_id == behind.id).correlate(behind.id.table)
    return rows.where(
        other.is_problem,
        other.detected_on >= behind.implemented_on,
        other.process_id.is_not_distinct_from(behind.process_id),
        other.cause_category_id.is_not_distinct_from(behind.cause_category_id),
        other.id.not_in(sources),
    ).order_by(other.detected_on, other.reference)


def _same(own: Any, other: Any, points: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.and_(other.organization_id == own, points)


sources = batch_rows(READ, _sources)
beginnings = batch_rows(READ, _beginnings)
completed_rounds = batch_rows(READ, _completed)
marked_roots = batch_rows(READ, _roots)
majors = batch_rows(READ, _majors)
open_majors = batch_rows(READ, _open_majors)
recurrences = batch_rows(READ, _recurrences)
capas_going_on_unfiltered = batch_rows(READ, _going_on)

# Actions come later in the flow; their module supplies what is told of them.
evidence = Supplied()  # each item that stands, about the CAPA or one of its actions
# Of each action: prefix, id, reference, when it was completed, its owner, who completed it, and
# whether its verification is missing, it is open, or it is cancelled.
actions = Supplied()
