"""Import of OSCAL catalogs, which recognizes the next edition of a standard in the library."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.kit.errors import Invalid
from qgp.kit.work import Work
from qgp.standards.commands import oscal
from qgp.standards.commands.carry_over import carry_to_edition
from qgp.standards.commands.catalogue import CatalogueStandard
from qgp.standards.commands.catalogue_import import Tally, place
from qgp.standards.commands.edition_changes import map_editions
from qgp.standards.commands.numbering import sort_key
from qgp.standards.commands.portions import Watch, unwatched
from qgp.standards.model import Standard
from qgp.standards.model.terms import StandardOrigin, StandardStatus


async def import_oscal(
    work: Work, raw: bytes, supersedes_id: UUID | None = None
) -> tuple[Standard, Tally]:
    """Import an OSCAL catalog into the library; importing the same file again changes nothing.

    Args:
        work: the unit of work.
        raw: the file.
        supersedes_id: the standard that it supersedes; None for the latest of its earlier editions.

    Raises:
        Invalid: the file is not valid, or the edition is of another origin, withdrawn, or the one
            that it would supersede.
        NotFound: no standard with that id.
    """
    return await import_edition(work, oscal.read(raw), supersedes_id)


async def import_edition(
    work: Work,
    source: CatalogueStandard,
    supersedes_id: UUID | None,
    watch: Watch = unwatched,
) -> tuple[Standard, Tally]:
    """Add or update an edition, with the mappings from and to the editions beside it.

    Where it supersedes an edition that is SUPERSEDED, or a later one supersedes it, assessments
    are carried over.

    Raises:
        Invalid, NotFound: see `import_oscal`.
    """
    named = await work.get(Standard, supersedes_id, path="supersedesId") if supersedes_id else None
    source = replace(source, family_code=await _family_code(work, source, named))
    if named is not None and named.code == source.key:
        raise Invalid(
            f"The file is edition {source.edition} of {named.code} itself. A standard supersedes "
            "another edition; choose one, or leave supersedesId out.",
            "supersedesId",
        )
    editions = await _editions(work, source)
    older = named or _latest([each for each in editions if _age(each, source) < 0])
    source = replace(source, supersedes=older.edition if older else None)
    standard, tally = await place(work, source, StandardOrigin.IMPORTED, watch)
    if (named is not None or standard.supersedes_id is None) and older is not None:
        await _supersede(work, standard, older)
    later = [each for each in editions if _supersedes(each, standard, source)]
    for newer in later:
        await _supersede(work, newer, standard)
    for edition in (standard, *later):
        await map_editions(work, edition)
        await carry_to_edition(work, edition)
    return standard, tally


async def _family_code(work: Work, source: CatalogueStandard, named: Standard | None) -> str:
    """Return the family of the standard that it supersedes, or shares title or document id with.

    The title counts before an id, since several catalogs of one document may share that.
    """
    if named is not None:
        return named.family_code
    imported: Any = sa.select(Standard.family_code).where(
        Standard.origin == StandardOrigin.IMPORTED
    )
    if not await work.rows(imported.where(Standard.family_code == source.family_code).limit(1)):
        related = imported.where(
            Standard.document_ids.op("&&")(sa.cast([*source.document_ids], sa.ARRAY(sa.Text))),
            Standard.edition != source.edition,
        )
        latest = await work.rows(related.order_by(Standard.created_at.desc()).limit(1))
        return next(iter(latest), source.family_code)
    return source.family_code


async def _editions(work: Work, source: CatalogueStandard) -> Sequence[Standard]:
    """Return the other imported editions of the family that are not withdrawn."""
    others = sa.select(Standard).where(
        Standard.family_code == source.family_code,
        Standard.edition != source.edition,
        Standard.origin == StandardOrigin.IMPORTED,
        Standard.status != StandardStatus.WITHDRAWN,
    )
    return await work.rows(others.order_by(Standard.id))


def _age(edition: Standard, source: CatalogueStandard) -> int:
    """Return -1 for an earlier edition, 1 for a later one: by publication, else by version."""
    dates = edition.published_on, source.published_on
    if dates[0] and dates[1] and dates[0] != dates[1]:
        return -1 if dates[0] < dates[1] else 1
    keys = sort_key(edition.edition), sort_key(source.edition)
    return (keys[0] > keys[1]) - (keys[0] < keys[1])


def _latest(editions: Sequence[Standard]) -> Standard | None:
    def order(edition: Standard) -> Any:
        return str(edition.published_on or ""), sort_key(edition.edition)

    return max(editions, key=order, default=None)


def _supersedes(edition: Standard, standard: Standard, source: CatalogueStandard) -> bool:
    """Whether an edition supersedes the imported one, or is later and supersedes none so far."""
    if edition.supersedes_id is None:
        return _age(edition, source) > 0
    return edition.supersedes_id == standard.id


async def _supersede(work: Work, newer: Standard, older: Standard) -> None:
    if older.supersedes_id == newer.id:
        raise Invalid(
            f"{older.code} supersedes {newer.code} already. Of two editions, one supersedes the "
            "other; change that first (standardUpdate), or leave supersedesId out.",
            "supersedesId",
        )
    if newer.supersedes_id != older.id:
        await work.change(newer, {"supersedes_id": older.id})
