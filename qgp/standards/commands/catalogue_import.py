"""Placing of standards from the shipped catalogue and of imported ones, and its repetition."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.kit import clock, ids
from qgp.kit.errors import AlreadyExists, Invalid
from qgp.kit.pace import Pace
from qgp.kit.work import Work
from qgp.standards.commands import catalogue
from qgp.standards.commands.catalogue import CatalogueClause, CatalogueMapping, CatalogueStandard
from qgp.standards.commands.clauses import refuse_withdrawn
from qgp.standards.commands.portions import (
    PORTION,
    Watch,
    add_portion,
    read_in_portions,
    unwatched,
)
from qgp.standards.model import Clause, ClauseMapping, Standard
from qgp.standards.model.terms import MappingStatus, StandardOrigin

_FACTS = (
    *("number", "sort_key", "title", "summary", "text", "depth", "is_requirement", "theme"),
    *("control_theme", "control_types", "security_properties", "withdrawn_at", "parent_id"),
    "former_keys",
)


@dataclass(frozen=True)
class Tally:
    """How many clauses were added, changed and withdrawn."""

    added: int = 0
    changed: int = 0
    withdrawn: int = 0


async def place(
    work: Work, source: CatalogueStandard, origin: StandardOrigin, watch: Watch = unwatched
) -> tuple[Standard, Tally]:
    """Add the standard, or update an imported one from its source.

    Args:
        work: the unit of work.
        source: the standard with its clauses.
        origin: of the standard.
        watch: called with the number of clauses done.

    Raises:
        AlreadyExists: the edition is adopted already.
        Invalid: the edition in the library is of another origin, or withdrawn.
    """
    standard = await _in_library(work, source)
    if standard is None:
        standard = await work.add(await _standard(work, source, origin))
    elif origin is StandardOrigin.CATALOGUE:
        raise AlreadyExists(
            "Your library has this edition already. Each edition is there once; use that one.",
            "edition",
        )
    elif standard.origin is not origin:
        raise Invalid(
            f"{standard.code} is in the library with origin {standard.origin.value}. Only an "
            "edition of origin IMPORTED is updated by an import; change the title or version in "
            "the file."
        )
    else:
        await _refresh(work, standard, source)
    return standard, await _keep_clauses(work, standard, source.clauses, watch)


async def relate(work: Work, standard: Standard) -> None:
    """Propose the shipped mappings between a standard and the others of the library.

    Those that it has already stay, and so do clauses that the library lacks without one.
    """
    edition = catalogue.edition(standard.family_code, standard.edition)
    shelf = {f"{s.family_code}:{s.edition}": s for s in await work.rows(sa.select(Standard))}
    if edition is None:
        return
    numbers = await _numbers(work, [s.id for s in shelf.values()])
    mappings = [
        mapping
        for other in catalogue.editions()
        if other.key in shelf and other.key != edition.key
        for mapping in catalogue.mappings_between(edition, other)
    ]
    proposed = [row for row in map(partial(_mapping, shelf, numbers), mappings) if row is not None]
    present = {_ends(row) for row in await work.rows(_mappings_of(standard))}
    if lacking := [row for row in proposed if _ends(row) not in present]:
        await work.add(*lacking)


def _mappings_of(standard: Standard) -> sa.Select[Any]:
    ends = (ClauseMapping.from_standard_id, ClauseMapping.to_standard_id)
    return sa.select(ClauseMapping).where(sa.or_(*(end == standard.id for end in ends)))


def _ends(mapping: ClauseMapping) -> tuple[Any, ...]:
    """Return what two mappings cannot have in common."""
    start, end = mapping.from_clause_id, mapping.to_clause_id
    return mapping.from_standard_id, start, mapping.to_standard_id, end, mapping.basis


async def _in_library(work: Work, source: CatalogueStandard) -> Standard | None:
    same = sa.select(Standard).where(
        Standard.family_code == source.family_code, Standard.edition == source.edition
    )
    return next(iter(await work.rows(same)), None)


async def _refresh(work: Work, standard: Standard, source: CatalogueStandard) -> None:
    refuse_withdrawn(standard, "edition")
    present = standard.document_ids
    if further := [each for each in source.document_ids if each not in present]:
        await work.change(standard, {"document_ids": [*present, *further]})


async def _standard(work: Work, source: CatalogueStandard, origin: StandardOrigin) -> Standard:
    former = sa.select(Standard.id).where(
        Standard.family_code == source.family_code, Standard.edition == source.supersedes
    )
    return Standard(
        family_code=source.family_code,
        edition=source.edition,
        title=source.title,
        kind=source.kind,
        origin=origin,
        status=source.status,
        publisher=source.publisher,
        published_on=source.published_on,
        transition_deadline=source.transition_deadline,
        licence_note=source.licence_note,
        document_ids=[*source.document_ids],
        supersedes_id=next(iter(await work.rows(former)), None),
    )


async def _keep_clauses(
    work: Work, standard: Standard, clauses: Sequence[CatalogueClause], watch: Watch
) -> Tally:
    """Add new clauses, change those that differ, withdraw those that are missing."""
    present = await _clauses_by_key(work, standard)
    await _release_numbers(work, present.values(), clauses)
    place_of, pace = dict[str, UUID](), Pace()
    for clause in clauses:
        row = present.get(clause.key)
        place_of[clause.number] = row.id if row else ids.uuid7()
        await pace()
    fresh, added, changed = list[Clause](), 0, 0
    for done, clause in enumerate(clauses, 1):
        row = present.pop(clause.key, None)
        if row is None:
            fresh.append(_clause(standard, clause, place_of))
        elif differing := dict(_differing(row, _facts(clause, place_of))):
            added += await add_portion(work, fresh)  # one of them may be its parent
            await work.change(await work.get(Clause, row.id), differing)
            changed += 1
        if done % PORTION == 0:
            added += await add_portion(work, fresh)
            await watch(done)
        await pace()
    added += await add_portion(work, fresh)
    leaving = [row for row in present.values() if row.withdrawn_at is None]
    for row in leaving:
        await work.change(await work.get(Clause, row.id), {"withdrawn_at": clock.now()})
    return Tally(added, changed, len(leaving))


async def _clauses_by_key(work: Work, standard: Standard) -> dict[str | None, Any]:
    """Return the present facts of the clauses: no objects, which take long to make and remove."""
    columns = [getattr(Clause, name) for name in _FACTS]
    rows = sa.select(Clause.id, Clause.source_key, *columns)
    listed = await read_in_portions(work, rows.where(Clause.standard_id == standard.id))
    return {row.source_key: row for row in listed}


async def _release_numbers(
    work: Work, present: Iterable[Any], clauses: Sequence[CatalogueClause]
) -> None:
    """Mark the numbers of clauses that leave them to others, since no two may have one number."""
    keys = {clause.number: clause.key for clause in clauses}
    for row in present:
        if row.source_key != keys.get(row.number, row.source_key):
            marked = {"number": f"{row.number}~{row.id.hex[-8:]}"}
            await work.change(await work.get(Clause, row.id), marked)


def new_clauses(
    standard: Standard, clauses: Sequence[CatalogueClause], present: Mapping[str, Clause]
) -> list[Clause]:
    """Make the clauses that a standard lacks, except below withdrawn ones.

    Args:
        standard: in the library.
        clauses: all that it should have, parents before their children.
        present: its clauses by number.
    """
    place_of = {number: clause.id for number, clause in present.items()}
    withdrawn = {number for number, clause in present.items() if clause.withdrawn_at is not None}
    rows = []
    for clause in clauses:
        if clause.parent in withdrawn:
            withdrawn.add(clause.number)
        elif clause.number not in present:
            place_of[clause.number] = ids.uuid7()
            rows.append(_clause(standard, clause, place_of))
    return rows


def _clause(standard: Standard, clause: CatalogueClause, place_of: Mapping[str, UUID]) -> Clause:
    return Clause(
        id=place_of[clause.number],
        standard_id=standard.id,
        source_key=clause.key,
        level=clause.level,
        exclusion=clause.exclusion,
        **_facts(clause, place_of),
    )


def _facts(clause: CatalogueClause, place_of: Mapping[str, UUID]) -> dict[str, Any]:
    """Return what the source says of a clause; level and exclusion of imported ones it does not."""
    return {
        "number": clause.number,
        "sort_key": clause.sort_key,
        "title": clause.title,
        "summary": clause.guidance or None,
        "text": clause.text,
        "depth": clause.depth,
        "is_requirement": clause.is_requirement,
        "theme": clause.theme,
        "control_theme": clause.control_theme,
        "control_types": [kind.value for kind in clause.control_types],
        "security_properties": [kind.value for kind in clause.security_properties],
        "former_keys": [*clause.former_keys],
        "withdrawn_at": None,
        "parent_id": place_of[clause.parent] if clause.parent else None,
    }


def _differing(clause: Any, facts: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    return ((name, value) for name, value in facts.items() if getattr(clause, name) != value)


async def _numbers(work: Work, standards: Sequence[UUID]) -> Mapping[tuple[UUID, str], UUID]:
    statement: Any = sa.select(Clause.standard_id, Clause.number, Clause.id)
    rows = await work.tuples(statement.where(Clause.standard_id.in_(standards)))
    return {(standard_id, number): id for standard_id, number, id in rows}


def _mapping(
    shelf: Mapping[str, Standard],
    numbers: Mapping[tuple[UUID, str], UUID],
    mapping: CatalogueMapping,
) -> ClauseMapping | None:
    """Return the mapping of two clauses of the library; None where it lacks one of them."""
    start, end = shelf[mapping.from_standard].id, shelf[mapping.to_standard].id
    from_clause_id = numbers.get((start, mapping.from_number or ""))
    to_clause_id = numbers.get((end, mapping.to_number or ""))
    is_whole = (from_clause_id is not None) == (mapping.from_number is not None)
    if not is_whole or (to_clause_id is not None) != (mapping.to_number is not None):
        return None
    return ClauseMapping(
        from_standard_id=start,
        from_clause_id=from_clause_id,
        to_standard_id=end,
        to_clause_id=to_clause_id,
        relation=mapping.relation,
        strength=mapping.strength,
        basis=mapping.basis,
        change_kind=mapping.change_kind,
        note=mapping.note,
        status=MappingStatus.PROPOSED,
    )
