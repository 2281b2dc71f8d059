"""Clause mappings between two editions of an imported standard, by the ids of the controls."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from qgp.kit.pace import Pace
from qgp.kit.work import Work
from qgp.standards.commands.portions import PORTION, add_portion, read_in_portions
from qgp.standards.model import Clause, ClauseMapping, Standard
from qgp.standards.model.terms import (
    ChangeKind,
    MappingBasis,
    MappingRelation,
    MappingStatus,
    StandardOrigin,
)

Ends = tuple[UUID | None, UUID | None]  # ids of the older and the newer clause

_RELATION: Final = {
    ChangeKind.UNCHANGED: (MappingRelation.EQUAL, 100),
    ChangeKind.RENUMBERED: (MappingRelation.EQUAL, 100),
    ChangeKind.EXTENDED: (MappingRelation.INTERSECT, 60),
    ChangeKind.NEW: (MappingRelation.NONE, 0),
    ChangeKind.REMOVED: (MappingRelation.NONE, 0),
}


async def map_editions(work: Work, newer: Standard) -> None:
    """Propose the mappings of an imported edition from the one that it supersedes.

    Mappings that are decided, or that the organization declared, stay; those that the ids of the
    controls gave follow the clauses.
    """
    if newer.supersedes_id is None or newer.origin is not StandardOrigin.IMPORTED:
        return
    changes = await _changes(work, newer.supersedes_id, newer.id)
    in_use = {id for ends in changes for id in ends}
    present = {_ends(row): row for row in await read_in_portions(work, _mappings(newer))}
    settled, pace, fresh = set[UUID | None](), Pace(), list[ClauseMapping]()
    for ends, row in present.items():
        is_declared = None not in ends and ends not in changes and {*ends} <= in_use
        is_confirmed = row.status is MappingStatus.CONFIRMED
        if is_confirmed or (is_declared and row.status is MappingStatus.PROPOSED):
            settled |= {*ends} - {None}
        elif row.status is MappingStatus.PROPOSED:
            await _follow(work, row, changes.get(ends))
        await pace()
    for ends, kind in changes.items():
        if ends not in present and not (None in ends and settled & {*ends}):
            fresh.append(_mapping(newer, ends, kind))
        if len(fresh) == PORTION:
            await add_portion(work, fresh)
        await pace()
    await add_portion(work, fresh)


async def _follow(work: Work, mapping: Any, kind: ChangeKind | None) -> None:
    """Change a proposed mapping to the present change of its clauses; None removes it."""
    if mapping.change_kind is kind:
        return
    row = await work.get(ClauseMapping, mapping.id)
    if kind is None:
        await work.remove(row)
    else:
        await work.change(row, _values(kind))


def _mappings(newer: Standard) -> Any:
    """Select columns, since 20,000 objects take long to make and remove."""
    columns: Any = sa.select(ClauseMapping.id, ClauseMapping.from_clause_id)
    columns = columns.add_columns(
        ClauseMapping.to_clause_id, ClauseMapping.status, ClauseMapping.change_kind
    )
    return columns.where(
        ClauseMapping.from_standard_id == newer.supersedes_id,
        ClauseMapping.to_standard_id == newer.id,
        ClauseMapping.basis == MappingBasis.EDITION_CHANGE,
    )


def _ends(mapping: Any) -> Ends:
    return mapping.from_clause_id, mapping.to_clause_id


async def _changes(work: Work, older_id: UUID, newer_id: UUID) -> Mapping[Ends, ChangeKind]:
    """Return the change of each control of either edition; headings have none.

    A control is followed by the one with its id, letter case apart where no other has it, and by
    those that it was moved to or incorporated into.
    """
    older, newer = await _controls(work, older_id), await _controls(work, newer_id)
    ids_by_letters = {key.casefold(): key for key in older if key not in newer}
    changes, followed, pace = dict[Ends, ChangeKind](), set[str](), Pace()
    for key, clause in newer.items():
        await pace()
        former_keys = {key if key in older else ids_by_letters.get(key.casefold(), key)}
        former_keys = (former_keys | {*clause.former_keys}) & older.keys()
        followed |= former_keys
        for former in [older[each] for each in sorted(former_keys)] or [None]:
            changes[former and former.id, clause.id] = _kind(former, clause)
    for key, clause in older.items():
        if key not in followed:
            changes[clause.id, None] = ChangeKind.REMOVED
    return changes


async def _controls(work: Work, standard_id: UUID) -> Mapping[str, Any]:
    columns = (Clause.source_key, Clause.number, Clause.title, Clause.text, Clause.former_keys)
    controls = sa.select(Clause.id, *columns).where(
        Clause.standard_id == standard_id, Clause.is_requirement, Clause.withdrawn_at.is_(None)
    )
    rows = await read_in_portions(work, controls)
    return {row.source_key or str(row.id): row for row in rows}


def _kind(former: Any, clause: Any) -> ChangeKind:
    if former is None:
        return ChangeKind.NEW
    if _requirement(former) != _requirement(clause):
        return ChangeKind.EXTENDED
    return ChangeKind.UNCHANGED if former.number == clause.number else ChangeKind.RENUMBERED


def _requirement(clause: Any) -> list[str]:
    """Return the words of the statement, else of the title."""
    words: list[str] = (clause.text or clause.title).split()
    return words


def _values(kind: ChangeKind) -> dict[str, Any]:
    relation, strength = _RELATION[kind]
    return {"change_kind": kind, "relation": relation, "strength": strength}


def _mapping(newer: Standard, ends: Ends, kind: ChangeKind) -> ClauseMapping:
    return ClauseMapping(
        from_standard_id=newer.supersedes_id,
        from_clause_id=ends[0],
        to_standard_id=newer.id,
        to_clause_id=ends[1],
        basis=MappingBasis.EDITION_CHANGE,
        status=MappingStatus.PROPOSED,
        note=None,
        **_values(kind),
    )
