"""Changes of clauses between two editions, as the organization declares them."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.kit.errors import Invalid, Required
from qgp.kit.row_locks import locked
from qgp.kit.work import Work
from qgp.standards.commands.carry_over import carry_to_edition
from qgp.standards.commands.clauses import in_use
from qgp.standards.model import Clause, ClauseMapping, Standard
from qgp.standards.model.terms import ChangeKind, MappingBasis, MappingStatus, StandardStatus


async def declare_change(
    work: Work,
    *,
    from_clause_id: UUID | None,
    to_clause_id: UUID | None,
    change_kind: ChangeKind,
    **values: Any,
) -> ClauseMapping:
    """Propose how a clause changed between two editions, and carry its assessments over.

    Proposed mappings by which one of two clauses is NEW or REMOVED are removed.

    Raises:
        Required, Invalid: an end is missing or too many; a clause is withdrawn or no requirement;
            the one edition does not supersede the other.
        AlreadyExists: the change is declared already.
    """
    start = await _end(work, from_clause_id, "fromClauseId", change_kind, none=ChangeKind.NEW)
    end = await _end(work, to_clause_id, "toClauseId", change_kind, none=ChangeKind.REMOVED)
    older_id, newer = await _editions(work, start, end)
    await work.get(Standard, older_id)  # locked, so that it is not superseded meanwhile
    ends = {"from_clause_id": from_clause_id, "to_clause_id": to_clause_id}
    if start is not None and end is not None:
        await _withdraw_one_ended(work, older_id, newer.id, **ends)
    mapping = await work.add(
        ClauseMapping(
            from_standard_id=older_id,
            to_standard_id=newer.id,
            basis=MappingBasis.EDITION_CHANGE,
            change_kind=change_kind,
            status=MappingStatus.PROPOSED,
            **ends,
            **values,
        )
    )
    await carry_to_edition(work, newer, mapping)
    return mapping


async def _end(
    work: Work, id: UUID | None, path: str, kind: ChangeKind, *, none: ChangeKind
) -> Clause | None:
    """Return a clause of the change; the kind `none` has no clause at this end."""
    if kind is none:
        if id is None:
            return None
        message = f"{path} is sent, and a clause that is {kind.value} has no counterpart there."
        raise Invalid(f"{message} Leave it out, or send another changeKind.", path)
    if id is None:
        message = f"{path} is missing. A clause that is {kind.value} has one"
        raise Required(f"{message}; send it.", path)
    clause = await in_use(work, id, path)
    if not clause.is_requirement:
        message = f"Clause {clause.number} is no requirement. Changes are of requirements and"
        raise Invalid(f"{message} controls; choose a clause below it.", path)
    return clause


async def _editions(work: Work, start: Clause | None, end: Clause | None) -> tuple[UUID, Standard]:
    """Return the id of the older edition, and the newer one, which supersedes it.

    Raises:
        Invalid: no edition supersedes the other, or several do.
    """
    newer = sa.select(Standard).where(Standard.status != StandardStatus.WITHDRAWN)
    if end is not None:
        newer = newer.where(Standard.id == end.standard_id, Standard.supersedes_id.is_not(None))
    if start is not None:
        newer = newer.where(Standard.supersedes_id == start.standard_id)
    editions = await work.rows(newer.limit(2))
    if len(editions) != 1 or editions[0].supersedes_id is None:
        message = (
            "A change of a clause is between two editions, one of which `supersedes` the other. "
            "Set supersedesId of the newer one (standardUpdate), or choose another clause."
        )
        raise Invalid(message, "toClauseId" if end is not None else "fromClauseId")
    return editions[0].supersedes_id, editions[0]


async def _withdraw_one_ended(
    work: Work,
    older_id: UUID,
    newer_id: UUID,
    *,
    from_clause_id: UUID | None,
    to_clause_id: UUID | None,
) -> None:
    """Remove the proposals that one of the clauses has no counterpart."""
    start, end = ClauseMapping.from_clause_id, ClauseMapping.to_clause_id
    one_ended = sa.select(ClauseMapping).where(
        ClauseMapping.from_standard_id == older_id,
        ClauseMapping.to_standard_id == newer_id,
        ClauseMapping.basis == MappingBasis.EDITION_CHANGE,
        ClauseMapping.status == MappingStatus.PROPOSED,
        sa.or_(
            sa.and_(start == from_clause_id, end.is_(None)),
            sa.and_(start.is_(None), end == to_clause_id),
        ),
    )
    if rows := await work.rows(locked(one_ended)):
        await work.remove(*rows)
