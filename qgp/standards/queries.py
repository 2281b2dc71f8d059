"""Queries of the standards library."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import strawberry

from qgp.kit.gql import Connection, Info, Requires, listing, lookup, plain_list
from qgp.kit.loader import MOST_ROWS
from qgp.standards import loaders, model, policy
from qgp.standards.commands import catalogue
from qgp.standards.loaders import (
    assessment_by_id,
    clause_by_id,
    mapping_by_id,
    standard_by_code,
    standard_by_id,
    standard_import_by_id,
)
from qgp.standards.model.terms import StandardOrigin, StandardStatus
from qgp.standards.types import Clause, ClauseMapping, Standard
from qgp.standards.types.catalogue_entry import CatalogueEntry
from qgp.standards.types.clause_assessment import ClauseAssessment
from qgp.standards.types.standard_import import StandardImport
from qgp.standards.types.transition_gap import TransitionGap, transition_gap


async def _entries(info: Info) -> list[CatalogueEntry]:
    adopted = {row.code: row for row in await info.context.rows(sa.select(model.Standard))}
    counted: Any = sa.select(model.Clause.standard_id, sa.func.count())
    clauses = await info.context.tuples(counted.group_by(model.Clause.standard_id))
    clause_counts = dict(clauses)
    return [
        CatalogueEntry(
            code=entry.key,
            family_code=entry.family_code,
            edition=entry.edition,
            title=entry.title,
            kind=entry.kind,
            status=entry.status,
            publisher=entry.publisher,
            published_on=entry.published_on,
            transition_deadline=entry.transition_deadline,
            licence_note=entry.licence_note,
            clause_count=len(entry.clauses),
            requirement_count=len(entry.requirements),
            is_refresh_due=_lacks_clauses(entry, adopted.get(entry.key), clause_counts),
            adopted=adopted.get(entry.key),
        )
        for entry in catalogue.editions()
    ]


def _lacks_clauses(
    entry: catalogue.CatalogueStandard,
    adopted: model.Standard | None,
    clause_counts: Mapping[UUID, int],
) -> bool:
    """Return whether an adopted standard has fewer clauses than its entry."""
    if adopted is None or adopted.origin is not StandardOrigin.CATALOGUE:
        return False
    is_withdrawn = adopted.status is StandardStatus.WITHDRAWN
    return not is_withdrawn and clause_counts[adopted.id] < len(entry.clauses)


@strawberry.type
class Query:
    """Root queries."""

    standard_catalogue: list[CatalogueEntry] | None = plain_list(
        "Editions of standards in the shipped catalogue.",
        MOST_ROWS,
        resolver=_entries,
        extensions=[Requires(policy.READ)],
    )
    standard: Standard | None = lookup(
        "One standard of your library.", id=standard_by_id, code=standard_by_code
    )
    standards: Connection[Standard] | None = listing(
        loaders.standards, "Standards of your library, by code."
    )
    clause: Clause | None = lookup("One clause.", id=clause_by_id)
    clauses: Connection[Clause] | None = listing(
        loaders.clauses, "Clauses of all standards, in natural order within each."
    )
    clause_mapping: ClauseMapping | None = lookup("One clause mapping.", id=mapping_by_id)
    clause_mappings: Connection[ClauseMapping] | None = listing(
        loaders.clause_mappings, "Clause mappings, oldest first."
    )
    clause_assessment: ClauseAssessment | None = lookup(
        "One assessment of a clause.", id=assessment_by_id
    )
    clause_assessments: Connection[ClauseAssessment] | None = listing(
        loaders.clause_assessments, "Assessments of clauses, oldest first."
    )
    standard_import: StandardImport | None = lookup(
        "One import of a standard.", id=standard_import_by_id
    )
    standard_imports: Connection[StandardImport] | None = listing(
        loaders.standard_imports, "Imports of standards, oldest first."
    )
    transition_gap: TransitionGap | None = transition_gap()
