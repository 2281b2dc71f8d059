"""Commands on clauses; withdrawn clauses and standards cannot be changed."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from qgp.kit import clock
from qgp.kit.errors import Invalid
from qgp.kit.hierarchy import below_itself
from qgp.kit.names import to_camel
from qgp.kit.work import Work
from qgp.standards.commands.numbering import sort_key
from qgp.standards.model import MOST_LEVELS, Clause, ClauseAssessment, Standard
from qgp.standards.model.terms import ClauseExclusion, StandardOrigin, StandardStatus

SHIPPED = ("is_requirement", "level", "exclusion", "control_theme")
_PLACE = ("number", "parent_id")
_FIXED: Mapping[StandardOrigin, Sequence[str]] = {
    StandardOrigin.OWN: (),
    StandardOrigin.IMPORTED: _PLACE,
    StandardOrigin.CATALOGUE: (*_PLACE, *SHIPPED),
}


async def create_clause(
    work: Work,
    *,
    standard_id: UUID,
    parent_id: UUID | None,
    number: str,
    control_types: list[str],
    security_properties: list[str],
    **values: Any,
) -> Clause:
    """Add a clause to a standard of origin OWN.

    Raises:
        Invalid: the standard is withdrawn or not of origin OWN; the parent is
            withdrawn, another standard's, or on the lowest level.
        AlreadyExists: the standard has the number already.
    """
    standard = await work.get(Standard, standard_id, path="standardId")
    refuse_withdrawn(standard, "standardId")
    if standard.origin is not StandardOrigin.OWN:
        message = (
            f"{standard.code} was adopted or imported. Clauses are added to standards of origin "
            "OWN only; choose another standard."
        )
        raise Invalid(message, "standardId")
    return await work.add(
        Clause(
            standard_id=standard_id,
            parent_id=parent_id,
            number=number,
            sort_key=sort_key(number),
            depth=await _depth_below(work, parent_id, standard_id, height=0),
            control_types=list(control_types),
            security_properties=list(security_properties),
            **values,
        )
    )


async def update_clause(work: Work, *, id: UUID, expected_version: int, **changes: Any) -> Clause:
    """Change a clause; adopted and imported ones keep their number and place.

    Raises:
        Invalid: it is withdrawn; what the origin of its standard fixes; `exclusion` NEVER of a
            clause that an assessment excludes; a parent that is withdrawn, another standard's, too
            deep, or below the clause.
        AlreadyExists: the standard has the number already.
    """
    clause = await work.get(Clause, id, expected_version=expected_version)
    standard = await _used_standard(work, clause, "id")
    for name in ("control_types", "security_properties"):
        if name in changes:
            changes[name] = list(changes[name])
    changes = {name: value for name, value in changes.items() if value != getattr(clause, name)}
    _refuse_fixed(standard, changes)
    if changes.get("exclusion") is ClauseExclusion.NEVER:
        await _refuse_excluded(work, clause)
    if "number" in changes:
        changes["sort_key"] = sort_key(changes["number"])
    if "parent_id" in changes:
        await _settle(work, clause, changes["parent_id"])
    return await work.change(clause, changes)


async def withdraw_clause(work: Work, *, id: UUID, expected_version: int) -> Clause:
    """Withdraw a clause; its assessments are kept.

    Raises:
        Invalid: it is withdrawn already, or its standard is; or it is of a shipped edition, whose
            clauses are excluded by an assessment, if at all.
    """
    clause = await work.get(Clause, id, expected_version=expected_version)
    standard = await _used_standard(work, clause, "id")
    if standard.origin is StandardOrigin.CATALOGUE:
        message = (
            f"{standard.code} was adopted from the catalogue, whose clauses are not withdrawn. "
            "Where `exclusion` is JUSTIFIED, assess the clause as not applicable, with a "
            "justification (clauseAssess)."
        )
        raise Invalid(message, "id")
    return await work.change(clause, {"withdrawn_at": clock.now()})


async def in_use(work: Work, id: UUID, path: str) -> Clause:
    """Return the clause, locked; `path` locates its id.

    Raises:
        NotFound: no such clause in this organization.
        Invalid: it is withdrawn, or its standard is.
    """
    clause = await work.get(Clause, id, path=path)
    await _used_standard(work, clause, path)
    return clause


def refuse_withdrawn(standard: Standard, path: str) -> None:
    """Raise Invalid if the standard is withdrawn; that is final."""
    if standard.status is StandardStatus.WITHDRAWN:
        raise Invalid(
            f"{standard.code} is WITHDRAWN and cannot be changed. Withdrawal is final; create a "
            "new standard (standardCreate).",
            path,
        )


def _refuse_fixed(standard: Standard, changes: Mapping[str, Any]) -> None:
    """Refuse to change what the origin of a standard fixes."""
    for name in _FIXED[standard.origin]:
        if name in changes:
            message = (
                f"{standard.code} is of origin {standard.origin.value}, which fixes this field of "
                "its clauses. Leave it out."
            )
            raise Invalid(message, to_camel(name))


async def _refuse_excluded(work: Work, clause: Clause) -> None:
    """Refuse that a clause may not be excluded as long as an assessment excludes it."""
    excluding = sa.select(ClauseAssessment.id).where(
        ClauseAssessment.clause_id == clause.id, ~ClauseAssessment.is_applicable
    )
    if await work.rows(excluding.limit(1)):
        message = (
            f"Clause {clause.number} is assessed as not applicable, which exclusion NEVER does not "
            "allow. Reassess it first (clauseAssessmentUpdate)."
        )
        raise Invalid(message, "exclusion")


async def _used_standard(work: Work, clause: Clause, path: str) -> Standard:
    """Return the standard, not locked: assessing one clause does not wait for another."""
    if clause.withdrawn_at is not None:
        raise Invalid(
            f"Clause {clause.number} is withdrawn and cannot be changed. Withdrawal is final; "
            "choose a clause in use.",
            path,
        )
    standard: Standard
    (standard,) = await work.rows(sa.select(Standard).where(Standard.id == clause.standard_id))
    refuse_withdrawn(standard, path)
    return standard


async def _depth_below(
    work: Work, parent_id: UUID | None, standard_id: UUID, *, height: int
) -> int:
    """Return the depth of a clause below the parent, with `height` levels below itself."""
    if parent_id is None:
        return 0
    parent = await in_use(work, parent_id, "parentId")
    if parent.standard_id != standard_id:
        raise Invalid(
            "The parent clause belongs to another standard. Parent and clause are of one "
            "standard; choose a clause of it.",
            "parentId",
        )
    if parent.depth + 1 + height >= MOST_LEVELS:
        message = (
            f"The clause would be below level {MOST_LEVELS}. A standard has at most {MOST_LEVELS} "
            "levels; choose a parent further up."
        )
        raise Invalid(message, "parentId")
    return parent.depth + 1


async def _settle(work: Work, clause: Clause, parent_id: UUID | None) -> None:
    """Set the depth of the clause and all below it under a new parent."""
    await work.get(Standard, clause.standard_id)  # one move at a time, so that none makes a circle
    below = await _below(work, clause)
    if parent_id in {clause.id, *(each.id for each in below)}:
        raise below_itself("clause")
    height = max((each.depth for each in below), default=clause.depth) - clause.depth
    depth = await _depth_below(work, parent_id, clause.standard_id, height=height)
    for each in below:
        each.depth += depth - clause.depth
    clause.depth = depth


async def _below(work: Work, clause: Clause) -> Sequence[Clause]:
    tree: Any = sa.select(Clause.id).where(Clause.parent_id == clause.id)
    tree = tree.cte("tree", recursive=True)
    further = aliased(Clause)
    tree = tree.union_all(sa.select(further.id).join(tree, further.parent_id == tree.c.id))
    return await work.rows(sa.select(Clause).where(Clause.id.in_(sa.select(tree.c.id))))
