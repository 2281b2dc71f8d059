"""Refreshing adopted editions from the shipped catalogue, where that has become more detailed."""

from collections.abc import Mapping
from uuid import UUID

import sqlalchemy as sa

from qgp.kit.errors import Invalid
from qgp.kit.row_locks import locked
from qgp.kit.work import Work
from qgp.standards.commands import catalogue
from qgp.standards.commands.carry_over import carry_over
from qgp.standards.commands.catalogue import CatalogueClause, CatalogueStandard
from qgp.standards.commands.catalogue_import import new_clauses, relate
from qgp.standards.commands.clauses import SHIPPED, refuse_withdrawn
from qgp.standards.model import Clause, Standard
from qgp.standards.model.terms import StandardOrigin, StandardStatus


async def refresh(work: Work, *, id: UUID, expected_version: int) -> Standard:
    """Refresh an adopted edition, with the other adopted editions of its family.

    Raises:
        Invalid: it is withdrawn, or not of the shipped catalogue.
    """
    standard = await work.get(Standard, id, expected_version=expected_version)
    refuse_withdrawn(standard, "id")
    if standard.origin is not StandardOrigin.CATALOGUE:
        raise Invalid(
            f"{standard.code} is of origin {standard.origin.value}. The catalogue refreshes "
            "standards of origin CATALOGUE; choose one of them.",
            "id",
        )
    await refresh_family(work, standard.family_code)
    return standard


async def refresh_family(work: Work, family_code: str) -> None:
    """Add what the adopted editions of a family lack of the catalogue, and map it.

    Titles and summaries stay as they are, since the organization may have changed them. Where a
    requirement was divided, its assessments are carried over to its parts, to be reviewed, and stay
    readable on the clause that only groups them now.
    """
    adopted = sa.select(Standard).where(
        Standard.family_code == family_code,
        Standard.origin == StandardOrigin.CATALOGUE,
        Standard.status != StandardStatus.WITHDRAWN,
    )
    editions = await work.rows(locked(adopted.order_by(Standard.id)))
    changed = []
    for edition in editions:
        source = catalogue.edition(edition.family_code, edition.edition)
        if source is not None and await _refresh(work, edition, source):
            changed.append(await work.touch(edition))
    for edition in changed:
        await relate(work, edition)


async def _refresh(work: Work, standard: Standard, source: CatalogueStandard) -> bool:
    """Bring the clauses of an edition up to date, and return whether any changed."""
    statement = sa.select(Clause).where(Clause.standard_id == standard.id)
    present = {clause.number: clause for clause in await work.rows(locked(statement))}
    requirements = {number for number, clause in present.items() if clause.is_requirement}
    is_changed = False
    for clause in source.clauses:
        row = present.get(clause.number)
        if row is None or row.withdrawn_at is not None:
            continue
        shipped = {name: getattr(clause, name) for name in SHIPPED}
        differing = {n: value for n, value in shipped.items() if getattr(row, n) != value}
        if differing:
            await work.change(row, differing)
            is_changed = True
    added = new_clauses(standard, source.clauses, present)
    if added:
        await work.add(*added)
        await carry_over(work, _parts(source, present, requirements, added))
    return is_changed or bool(added)


def _parts(
    source: CatalogueStandard,
    present: Mapping[str, Clause],
    requirements: set[str],
    added: list[Clause],
) -> Mapping[UUID, list[UUID]]:
    """Return the former requirements, each with the new requirements below it."""
    shipped: dict[str | None, CatalogueClause] = {each.number: each for each in source.clauses}
    parts: dict[UUID, list[UUID]] = {}
    for row in added:
        number = shipped[row.number].parent
        while number is not None and number not in requirements:
            number = shipped[number].parent
        if number is not None and row.is_requirement:
            parts.setdefault(present[number].id, []).append(row.id)
    return parts
