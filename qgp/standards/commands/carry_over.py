"""Carrying assessments over to the clauses that follow others: a newer edition, a division."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.kit.work import Work
from qgp.standards.commands.assessments import FACTS, broken_rule
from qgp.standards.commands.portions import PORTION, add_portion, read_in_portions
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


async def carry_to_edition(
    work: Work, newer: Standard, mapping: ClauseMapping | None = None
) -> None:
    """Carry over the assessments of the edition that it supersedes, once that is SUPERSEDED.

    Carried are those of UNCHANGED and RENUMBERED clauses, by the clause mappings between the two
    editions that are not REJECTED.

    Args:
        work: the unit of work.
        newer: the edition that takes the assessments.
        mapping: the one by which they are carried; None for all.
    """
    superseded = sa.select(Standard.id).where(
        Standard.id == newer.supersedes_id, Standard.status == StandardStatus.SUPERSEDED
    )
    change: Any = sa.select(
        ClauseMapping.id, ClauseMapping.from_clause_id, ClauseMapping.to_clause_id
    ).where(
        ClauseMapping.from_standard_id.in_(superseded),
        ClauseMapping.to_standard_id == newer.id,
        ClauseMapping.basis == MappingBasis.EDITION_CHANGE,
        ClauseMapping.change_kind.in_(_KEPT),
        ClauseMapping.status != MappingStatus.REJECTED,
        *([ClauseMapping.id == mapping.id] if mapping else ()),
    )
    successors: dict[UUID, list[UUID]] = {}
    for _, start, end in await read_in_portions(work, change):
        successors.setdefault(start, []).append(end)
    await carry_over(work, successors)


async def carry_over(work: Work, successors: Successors) -> None:
    """Copy the assessments of clauses to those that follow them, each to be reviewed.

    Where several would come to one clause and site, the least favourable one does. A clause that is
    assessed already keeps its assessment; one that does not allow the former assessment gets none.
    """
    predecessors: dict[UUID, list[UUID]] = {}
    for start, ends in successors.items():
        for end in ends:
            predecessors.setdefault(end, []).append(start)
    targets, fitness = sorted(predecessors), dict[UUID, bool]()
    for first in range(0, len(targets), PORTION):
        portion = {end: predecessors[end] for end in targets[first : first + PORTION]}
        copies = await _copies(work, portion)
        await _clear_unfit_owners(work, copies, fitness)
        for start_at in range(0, len(copies), PORTION):
            await add_portion(work, copies[start_at : start_at + PORTION])


async def _copies(
    work: Work, predecessors: Mapping[UUID, Sequence[UUID]]
) -> list[ClauseAssessment]:
    """Return the assessments that come to clauses, each with those that it follows."""
    requirements = sa.select(Clause).where(Clause.id.in_(predecessors), Clause.is_requirement)
    targets = await work.rows(requirements.where(Clause.withdrawn_at.is_(None)))
    taken = {(each.clause_id, each.site_id) for each in await _assessments_of(work, predecessors)}
    sources: dict[UUID, list[Any]] = {}
    for each in await _assessments_of(work, {id for ids in predecessors.values() for id in ids}):
        sources.setdefault(each.clause_id, []).append(each)
    copies = []
    for target in targets:
        former = [each for id in predecessors[target.id] for each in sources.get(id, ())]
        for source in sorted(former, key=_worst_first):
            place, facts = (target.id, source.site_id), {n: getattr(source, n) for n in FACTS}
            if place not in taken and not broken_rule(target, facts):
                taken.add(place)
                copies.append(_copy(source, target, facts))
    return copies


async def _assessments_of(work: Work, clause_ids: Iterable[UUID]) -> Sequence[Any]:
    """Return the facts of assessments: no objects, which take long to make and remove."""
    place = (ClauseAssessment.clause_id, ClauseAssessment.site_id, ClauseAssessment.assessed_at)
    facts = [getattr(ClauseAssessment, name) for name in FACTS]
    rows = sa.select(ClauseAssessment.id, *place, *facts)
    return await read_in_portions(work, rows.where(ClauseAssessment.clause_id.in_([*clause_ids])))


def _worst_first(assessment: Any) -> tuple[int, int]:
    degrees = [*Implementation]
    return (
        _WORST_FIRST.index(assessment.conformity),
        degrees.index(assessment.implementation),
    )


def _copy(source: Any, target: Clause, facts: Mapping[str, Any]) -> ClauseAssessment:
    return ClauseAssessment(
        clause_id=target.id,
        site_id=source.site_id,
        assessed_at=source.assessed_at,
        is_review_required=True,
        carried_from_id=source.id,
        **{**facts, "justification_basis": [*source.justification_basis]},
    )


async def _clear_unfit_owners(
    work: Work, assessments: Iterable[ClauseAssessment], fitness: dict[UUID, bool]
) -> None:
    """Leave the owner open where the former one cannot be assigned work any more.

    Args:
        work: the unit of work.
        assessments: new ones, which are changed.
        fitness: whether users can be assigned work, so far; changed in place.
    """
    for assessment in assessments:
        if (owner_id := assessment.owner_id) is None:
            continue
        if owner_id not in fitness:
            fitness[owner_id] = await is_fit_to_work(work, owner_id)
        if not fitness[owner_id]:
            assessment.owner_id = None
