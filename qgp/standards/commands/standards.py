"""Commands on standards and clause mappings."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.kit.errors import Invalid, NotFound, Required
from qgp.kit.row_locks import locked
from qgp.kit.work import Work
from qgp.standards.commands import catalogue
from qgp.standards.commands.carry_over import carry_to_edition
from qgp.standards.commands.catalogue_import import place, relate
from qgp.standards.commands.clauses import in_use, refuse_withdrawn
from qgp.standards.commands.declared_changes import declare_change
from qgp.standards.commands.edition_changes import map_editions
from qgp.standards.commands.refresh import refresh_family
from qgp.standards.model import Clause, ClauseMapping, Standard
from qgp.standards.model.terms import (
    ChangeKind,
    MappingBasis,
    MappingStatus,
    StandardOrigin,
    StandardStatus,
)


async def adopt(work: Work, *, family_code: str, edition: str) -> Standard:
    """Copy a shipped edition, its clauses, and its mappings to what the library holds.

    The editions of its family that the library holds are refreshed, so that all map. Where it
    supersedes an edition that is SUPERSEDED already, the assessments of that one are
    carried over.

    Raises:
        NotFound: the catalogue has no such edition.
        AlreadyExists: the library holds it already.
    """
    source = catalogue.edition(family_code, edition)
    if source is None:
        message = (
            "The catalogue has no such edition. Send familyCode and edition of an entry of "
            "`standardCatalogue`."
        )
        raise NotFound(message, "edition")
    standard, _ = await place(work, source, StandardOrigin.CATALOGUE)
    await _link_newer(work, standard)
    await refresh_family(work, family_code)
    await relate(work, standard)
    await carry_to_edition(work, standard)
    return standard


async def _link_newer(work: Work, standard: Standard) -> None:
    """Enter a former edition as superseded by the newer one, where that was adopted before it."""
    for source in catalogue.editions():
        if (source.family_code, source.supersedes) == (standard.family_code, standard.edition):
            newer = sa.select(Standard).where(
                Standard.code == source.key, Standard.supersedes_id.is_(None)
            )
            for edition in await work.rows(locked(newer)):
                await work.change(edition, {"supersedes_id": standard.id})


async def create(work: Work, **values: Any) -> Standard:
    """Create a standard of origin OWN, a DRAFT without clauses."""
    return await work.add(
        Standard(origin=StandardOrigin.OWN, status=StandardStatus.DRAFT, **values)
    )


async def update(work: Work, *, id: UUID, expected_version: int, **changes: Any) -> Standard:
    """Change a standard of the library; map an imported one to the edition that it supersedes.

    Where it now supersedes an edition that is SUPERSEDED, the assessments of that one are carried
    over.

    Raises:
        Invalid: it is withdrawn, or would supersede itself.
    """
    if changes.get("supersedes_id") == id:
        raise Invalid(
            "supersedesId is the standard itself. A standard supersedes another edition; choose "
            "one.",
            "supersedesId",
        )
    standard = await work.get(Standard, id, expected_version=expected_version)
    refuse_withdrawn(standard, "id")
    changed = await work.change(standard, changes)
    if changes.get("supersedes_id") is not None:
        await map_editions(work, changed)
        await carry_to_edition(work, changed)
    return changed


async def propose_mapping(
    work: Work,
    *,
    from_clause_id: UUID | None,
    to_clause_id: UUID | None,
    change_kind: ChangeKind | None,
    **values: Any,
) -> ClauseMapping:
    """Propose a clause mapping between two standards, or between two editions with a change.

    Raises:
        Required, Invalid: a clause is missing; both are of one standard, or one is withdrawn; see
            `declare_change`.
        AlreadyExists: they are mapped on this basis.
    """
    if change_kind is not None:
        return await declare_change(
            work,
            from_clause_id=from_clause_id,
            to_clause_id=to_clause_id,
            change_kind=change_kind,
            **values,
        )
    start = await _sent(work, from_clause_id, "fromClauseId")
    end = await _sent(work, to_clause_id, "toClauseId")
    if start.standard_id == end.standard_id:
        message = (
            "Both clauses are of one standard. A mapping relates clauses of two standards; choose "
            "a clause of another one."
        )
        raise Invalid(message, "toClauseId")
    return await work.add(
        ClauseMapping(
            from_standard_id=start.standard_id,
            from_clause_id=start.id,
            to_standard_id=end.standard_id,
            to_clause_id=end.id,
            basis=MappingBasis.ORG_JUDGEMENT,
            status=MappingStatus.PROPOSED,
            **values,
        )
    )


async def _sent(work: Work, id: UUID | None, path: str) -> Clause:
    """Return the clause of an input field, locked; see `in_use`."""
    if id is None:
        raise Required(f"{path} is missing. A mapping without changeKind has it; send it.", path)
    return await in_use(work, id, path)
