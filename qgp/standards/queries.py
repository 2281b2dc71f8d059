"""Reading the library."""

import strawberry

from qgp.kit.gql import Connection, find, listing
from qgp.standards import loaders
from qgp.standards.entries import CatalogueEntry, standard_catalogue
from qgp.standards.loaders import (
    assessment_by_id,
    clause_by_id,
    mapping_by_id,
    standard_by_code,
    standard_by_id,
)
from qgp.standards.transition import TransitionGap, transition_gap
from qgp.standards.types import Clause, ClauseAssessment, ClauseMapping, Standard


@strawberry.type
class Query:
    """Root reads."""

    standard_catalogue: list[CatalogueEntry] | None = standard_catalogue
    standard: Standard | None = find(
        "One standard of your library.", id=standard_by_id, code=standard_by_code
    )
    standards: Connection[Standard] | None = listing(loaders.standards, "Your library, by code.")
    clause: Clause | None = find("One clause.", id=clause_by_id)
    clauses: Connection[Clause] | None = listing(
        loaders.clauses, "Clauses of all standards, in natural order within each."
    )
    clause_mapping: ClauseMapping | None = find("One mapping.", id=mapping_by_id)
    clause_mappings: Connection[ClauseMapping] | None = listing(
        loaders.clause_mappings, "Mappings between clauses, oldest first."
    )
    clause_assessment: ClauseAssessment | None = find("One assessment.", id=assessment_by_id)
    clause_assessments: Connection[ClauseAssessment] | None = listing(
        loaders.clause_assessments, "Assessments of clauses, oldest first."
    )
    transition_gap: TransitionGap | None = transition_gap()
