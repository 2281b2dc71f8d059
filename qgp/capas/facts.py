"""Statements about CAPAs, their source findings, actions, evidence and recurrences."""

from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from qgp.capas.model import Capa, CapaFinding, CapaRound, CauseNode, RootCauseAnalysis, due
from qgp.capas.model.terms import ENDED, AnalysisStatus, CapaKind, CapaResult, CapaStatus
from qgp.capas.policy import READ
from qgp.findings.facts import (
    majors_unfiltered,
    reopened_at_unfiltered,
    with_primary_clause_unfiltered,
)
from qgp.kit.calendar_dates import CalendarDates, due_date
from qgp.kit.column_history import values_of_column
from qgp.kit.facts import LateBoundLoader, batch_rows
from qgp.kit.loader import KeyIn
from qgp.kit.status_history import last_entry
from qgp.standards.facts import citations_unfiltered

_PREFIX = sa.literal(Capa.prefix, sa.Text)
EFFECTIVENESS_DUE = "effectiveness_due"  # verb of the event of an effectiveness window that ends
calendar_dates = CalendarDates(
    [
        due_date(Capa, due, "due_on", (Capa.owner_id, Capa.sponsor_id)),
        due_date(
            Capa,
            due,
            "effectiveness_due_on",
            (Capa.owner_id, Capa.sponsor_id, Capa.verified_by_id),
            events={EFFECTIVENESS_DUE: 0},
        ),
    ]
)
# From the confirmed implementation on, and the ends.
CONFIRMED = frozenset({CapaStatus.EFFECTIVENESS, CapaStatus.CLOSED, CapaStatus.CANCELLED})
# The states in which a CAPA takes no new actions, each with the remedy. VERIFICATION takes them: it
# has no transition back to implementation.
TAKES_NO_ACTIONS = {
    CapaStatus.EFFECTIVENESS: "Record this round as ineffective first (capaRecordIneffective).",
    CapaStatus.CLOSED: "Reopen it first (capaReopen).",
    CapaStatus.CANCELLED: "Choose a CAPA that has not ended.",
}


class CapaAction(NamedTuple):
    """An action of a CAPA.

    Attributes:
        is_unverified: whether it is DONE and requires verification.
        is_open: whether it is neither done nor cancelled.
        is_follow_up: whether it verifies the work of others.
    """

    prefix: str
    id: UUID
    reference: str
    due_on: date
    completed_at: datetime | None
    owner_id: UUID
    completed_by_id: UUID | None
    is_unverified: bool
    is_open: bool
    is_cancelled: bool
    is_follow_up: bool


class CapaEvidence(NamedTuple):
    """Evidence of a CAPA's present round, about it or an action of it, that is not withdrawn."""

    id: UUID
    collected_at: datetime


class MajorSource(NamedTuple):
    """A MAJOR source finding of a CAPA."""

    id: UUID
    reference: str
    has_ended: bool
    is_closed: bool


class Recurrence(NamedTuple):
    """A finding like a source of a CAPA, detected since its implementation.

    Attributes:
        has_same_process, has_same_cause: whether process and cause category are set, and the same;
            the primary clause always is.
    """

    id: UUID
    reference: str
    detected_on: date
    has_same_process: bool
    has_same_cause: bool

    def sentence(self, name: str) -> str:
        """Return the recurrence as a sentence about `name`."""
        shared = ["clause"] + ["process"] * self.has_same_process + ["cause"] * self.has_same_cause
        *others, last = shared
        alike = f"{', '.join(others)} and {last}" if others else last
        return (
            f"{name} was detected on {self.detected_on.isoformat()}, since the implementation, "
            f"with the same {alike}."
        )


def clauses_unfiltered(capa: Any) -> Any:
    """Return SQL for the primary clauses of a CAPA's source findings, as a text; null if none."""
    link, sources, cited = (
        aliased(CapaFinding),
        with_primary_clause_unfiltered(),
        citations_unfiltered(),
    )
    comma: Any = sa.literal_column("', '", sa.Text)
    citation = cited.c.citation
    clauses = sa.func.string_agg(sa.distinct(citation), aggregate_order_by(comma, citation))
    statement: Any = sa.select(sa.type_coerce(clauses, sa.Text)).select_from(link)
    statement = statement.join(sources, sources.c.id == link.finding_id)
    statement = statement.join(cited, cited.c.id == sources.c.clause_id)
    of_capa = sa.and_(link.organization_id == capa.organization_id, link.capa_id == capa.id)
    return statement.where(of_capa).correlate(capa).scalar_subquery()


def linked_unfiltered() -> Any:
    """Return a table `finding_id`, `capa_id` of the sources of CAPAs that are not CANCELLED."""
    rows = sa.select(CapaFinding.finding_id, CapaFinding.capa_id)
    rows = rows.join(Capa, Capa.id == CapaFinding.capa_id)
    return rows.where(Capa.status != CapaStatus.CANCELLED).subquery()


def ended_unfiltered() -> Any:
    """Return a table `id`, `reference` of the CAPAs that have ended."""
    return sa.select(Capa.id, Capa.reference).where(Capa.status.in_(ENDED)).subquery()


def closed_unfiltered() -> Any:
    """Return a table `id`, `confirmed_at` of the CLOSED CAPAs.

    Without an instant of confirmation it is the start of the round; null in the first.
    """
    since = sa.func.coalesce(Capa.confirmed_at, round_start_unfiltered(Capa.id))
    rows = sa.select(Capa.id, since.label("confirmed_at"))
    return rows.where(Capa.status == CapaStatus.CLOSED).subquery()


def round_start_unfiltered(capa_id: Any) -> Any:
    """Return SQL for the start of the present round of a CAPA; null in the first round."""
    started: Any = sa.select(sa.func.max(CapaRound.created_at)).where(CapaRound.capa_id == capa_id)
    return started.correlate_except(CapaRound).scalar_subquery()


def with_id_unfiltered(id: Any) -> sa.Select[Any]:
    """Select the id of a CAPA, to lock its row."""
    return sa.select(Capa.id).where(Capa.id == id)


def _sources(key_in: KeyIn) -> Any:
    """Select the source findings of each CAPA."""
    return sa.select(CapaFinding.capa_id, CapaFinding.finding_id).where(key_in(CapaFinding.capa_id))


def _round_starts(key_in: KeyIn) -> Any:
    """Select the start of the present round of each CAPA; nothing in the first round."""
    statement = sa.select(CapaRound.capa_id, sa.func.max(CapaRound.created_at))
    return statement.where(key_in(CapaRound.capa_id)).group_by(CapaRound.capa_id)


def _linked(key_in: KeyIn) -> Any:
    """Select the CAPAs of each finding, as rows of `LinkedCapa`."""
    is_effective = sa.and_(
        Capa.status == CapaStatus.CLOSED,
        Capa.result.in_((CapaResult.EFFECTIVE, CapaResult.PARTIAL)),
    )
    status = sa.cast(Capa.status, sa.Text)
    entered = last_entry(Capa, Capa, Capa.id, lambda event: event.to_status == status)
    is_renewed = sa.func.coalesce(entered > reopened_at_unfiltered(CapaFinding), sa.true())
    rows = sa.select(
        *(CapaFinding.finding_id, _PREFIX, Capa.id, Capa.reference),
        *(Capa.kind == CapaKind.CORRECTIVE, Capa.status == CapaStatus.CANCELLED),
        *(Capa.status.in_(CONFIRMED), Capa.status == CapaStatus.EFFECTIVENESS, is_effective),
        is_renewed,
    )
    rows = rows.join(Capa, Capa.id == CapaFinding.capa_id)
    return rows.where(key_in(CapaFinding.finding_id)).order_by(Capa.reference)


def _owners_of_linked(key_in: KeyIn) -> Any:
    """Select the present and past owners of the CAPAs of each finding, as rows of `Participant`."""
    past = values_of_column(Capa.owner_id).c
    rows = sa.select(CapaFinding.finding_id, _PREFIX, Capa.id, Capa.reference, past.value)
    rows = rows.join(Capa, Capa.id == CapaFinding.capa_id).join(past.id.table, past.id == Capa.id)
    rows = rows.where(key_in(CapaFinding.finding_id), Capa.status != CapaStatus.CANCELLED)
    return rows.order_by(Capa.reference)


def _analyzed_rounds(key_in: KeyIn) -> Any:
    """Select the rounds of each CAPA that have a completed root cause analysis."""
    rounds = sa.select(RootCauseAnalysis.capa_id, RootCauseAnalysis.round).distinct()
    is_completed = RootCauseAnalysis.status == AnalysisStatus.COMPLETED
    return rounds.where(key_in(RootCauseAnalysis.capa_id), is_completed)


def _root_causes(key_in: KeyIn) -> Any:
    """Select the root cause analyses with a node marked as root cause."""
    keyed = sa.select(CauseNode.analysis_id).distinct()
    return keyed.where(key_in(CauseNode.analysis_id), CauseNode.is_root)


def _majors(key_in: KeyIn) -> Any:
    """Select the MAJOR source findings of each CAPA: id, reference, whether ended, and closed."""
    major, link = majors_unfiltered(), CapaFinding
    same = _same(link.organization_id, major.c, major.c.id == link.finding_id)
    rows = sa.select(link.capa_id, major.c.id, major.c.reference, major.c.has_ended)
    rows = rows.add_columns(major.c.is_closed).join(major, same)
    return rows.where(key_in(link.capa_id)).order_by(major.c.reference)


def _past_owners(key_in: KeyIn) -> Any:
    """Select the users who own or have owned each CAPA."""
    past = values_of_column(Capa.owner_id).c
    rows: Any = sa.select(past.id, past.value)
    return rows.where(key_in(past.id))


def _source_patterns(key_in: KeyIn) -> Any:
    """Select clause, process and cause category of each CAPA's sources, and its implementation."""
    organization_id, link = Capa.organization_id, CapaFinding
    source = with_primary_clause_unfiltered()
    rows = (
        sa.select(Capa.organization_id, Capa.id, Capa.implemented_on)
        .add_columns(source.c.clause_id, source.c.process_id, source.c.cause_category_id)
        .join(link, _same(organization_id, link, link.capa_id == Capa.id))
        .join(source, _same(organization_id, source.c, source.c.id == link.finding_id))
    )
    # A CTE of its own: without statistics, the planner would multiply the joins.
    return rows.where(key_in(Capa.id)).cte("source_patterns").prefix_with("MATERIALIZED")


def _recurrences(key_in: KeyIn) -> Any:
    """Select the findings like a source of each CAPA, detected since its implementation."""
    pattern, link = _source_patterns(key_in).c, aliased(CapaFinding)
    findings = with_primary_clause_unfiltered()
    other = findings.c
    alike = (other.process_id.is_not(None), other.cause_category_id.is_not(None))
    rows = sa.select(pattern.id, other.id, other.reference, other.detected_on, *alike).distinct()
    rows = rows.join(
        findings, _same(pattern.organization_id, other, other.clause_id == pattern.clause_id)
    )
    sources = (
        sa.select(link.finding_id).where(link.capa_id == pattern.id).correlate(pattern.id.table)
    )
    return rows.where(
        other.is_problem,
        other.detected_on >= pattern.implemented_on,
        other.process_id.is_not_distinct_from(pattern.process_id),
        other.cause_category_id.is_not_distinct_from(pattern.cause_category_id),
        other.id.not_in(sources),
    ).order_by(other.detected_on, other.reference)


def _same(
    organization_id: Any, other: Any, joined: sa.ColumnElement[bool]
) -> sa.ColumnElement[bool]:
    return sa.and_(other.organization_id == organization_id, joined)


sources = batch_rows(READ, _sources)
round_starts = batch_rows(READ, _round_starts)
analyzed_rounds = batch_rows(READ, _analyzed_rounds)
analyses_with_root_cause = batch_rows(READ, _root_causes)
majors = batch_rows(READ, _majors, MajorSource)
owners_ever_unfiltered = batch_rows(READ, _past_owners)
recurrences = batch_rows(READ, _recurrences, Recurrence)
capas_of_finding_unfiltered = batch_rows(READ, _linked)
owners_of_capas_unfiltered = batch_rows(READ, _owners_of_linked)

# Bound by later modules.
evidence = LateBoundLoader(CapaEvidence)
actions = LateBoundLoader(CapaAction)  # by reference
