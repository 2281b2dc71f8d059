"""Carrying assessments over to the clauses that follow others: a newer edition, a division."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.kit.work import Work
from qgp.standards.commands.assessments import FACTS, broken_rule
from qgp.standards.model import Clause, ClauseAssessment, ClauseMapping, Standard
from qgp.standards.model.terms import (
    ChangeKind,
    Conformity,
    Implementation,
    MappingBasis,
    MappingStatus,
    StandardStatus,
)
from qgp.users.facts import is_fit_to_work

Successors = Mapping[UUID, Sequence[UUID]]  # of clauses, each with the clauses that follow it
_KEPT = (ChangeKind.UNCHANGED, ChangeKind.RENUMBERED)
_WORST_FIRST = (
    *(Conformity.MAJOR_GAP, Conformity.MINOR_GAP),
    *(Conformity.NOT_ASSESSED, Conformity.CONFORM),
)


async def supersede(work: Work, standard: Standard) -> Standard:
    """Supersede an edition, and carry its assessments over to the editions that supersede it."""
    moved = await work.move(standard, "standardSupersede")
    newer = sa.select(Standard).where(
        Standard.supersedes_id == standard.id, Standard.status != StandardStatus.WITHDRAWN
    )
    for edition in await work.rows(newer.order_by(Standard.id)):
        await carry_to_edition(work, edition)
    return moved


async def carry_to_edition(work: Work, newer: Standard) -> None:
    """Carry over the assessments of the edition that it supersedes, once that is SUPERSEDED.

    Carried are those of UNCHANGED and RENUMBERED clauses, by the clause mappings between the two
    editions that are not REJECTED.
    """
    superseded = sa.select(Standard.id).where(
        Standard.id == newer.supersedes_id, Standard.status == StandardStatus.SUPERSEDED
    )
    change: Any = sa.select(ClauseMapping.from_clause_id, ClauseMapping.to_clause_id).where(
        ClauseMapping.from_standard_id.in_(superseded),
        ClauseMapping.to_standard_id == newer.id,
        ClauseMapping.basis == MappingBasis.EDITION_CHANGE,
        ClauseMapping.change_kind.in_(_KEPT),
        ClauseMapping.status != MappingStatus.REJECTED,
    )
    successors: dict[UUID, list[UUID]] = {}
    for start, end in await work.tuples(change):
        successors.setdefault(start, []).append(end)
    await carry_over(work, successors)


async def carry_over(work: Work, successors: Successors) -> None:
    """Copy the assessments of clauses to those that follow them, each to be reviewed.

    Where several would come to one clause and site, the least favourable one does. A clause that is
    assessed already keeps its assessment; one that does not allow the former assessment gets none.
    """
    ends = {end for of_clause in successors.values() for end in of_clause}
    in_use = sa.select(Clause).where(Clause.id.in_(ends), Clause.is_requirement)
    targets = {row.id: row for row in await work.rows(in_use.where(Clause.withdrawn_at.is_(None)))}
    taken = {(row.clause_id, row.site_id) for row in await _assessments_of(work, targets)}
    carried = dict[tuple[UUID, UUID | None], ClauseAssessment]()
    for source in sorted(await _assessments_of(work, successors), key=_worst_first):
        for clause_id in successors[source.clause_id]:
            place, facts = (clause_id, source.site_id), {n: getattr(source, n) for n in FACTS}
            target = targets.get(clause_id)
            if target is None or place in taken | carried.keys() or broken_rule(target, facts):
                continue
            carried[place] = _copy(source, target, facts)
    await _clear_unfit_owners(work, carried.values())
    if carried:
        await work.add(*carried.values())


async def _assessments_of(work: Work, clause_ids: Iterable[UUID]) -> Sequence[ClauseAssessment]:
    of_clauses = sa.select(ClauseAssessment).where(ClauseAssessment.clause_id.in_([*clause_ids]))
    return await work.rows(of_clauses.order_by(ClauseAssessment.id))


def _worst_first(assessment: ClauseAssessment) -> tuple[int, int]:
    degrees = [*Implementation]
    return (
        _WORST_FIRST.index(assessment.conformity),
        degrees.index(assessment.implementation),
    )


def _copy(source: ClauseAssessment, target: Clause, facts: Mapping[str, Any]) -> ClauseAssessment:
    return ClauseAssessment(
        clause_id=target.id,
        site_id=source.site_id,
        assessed_at=source.assessed_at,
        is_review_required=True,
        carried_from_id=source.id,
        **{**facts, "justification_basis": [*source.justification_basis]},
    )


async def _clear_unfit_owners(work: Work, assessments: Iterable[ClauseAssessment]) -> None:
    """Leave the owner open where the former one cannot be assigned work any more."""
    fitness: dict[UUID, bool] = {}
    for assessment in assessments:
        if (owner_id := assessment.owner_id) is None:
            continue
        if owner_id not in fitness:
            fitness[owner_id] = await is_fit_to_work(work, owner_id)
        if not fitness[owner_id]:
            assessment.owner_id = None
