"""Names of this module's GraphQL types, safe to import from anywhere."""

from typing import TYPE_CHECKING, Annotated

import strawberry

if TYPE_CHECKING:
    from qgp.standards.types import Clause, ClauseMapping, Standard
    from qgp.standards.types.clause_assessment import ClauseAssessment

StandardRef = Annotated["Standard", strawberry.lazy("qgp.standards.types")]
ClauseRef = Annotated["Clause", strawberry.lazy("qgp.standards.types")]
ClauseMappingRef = Annotated["ClauseMapping", strawberry.lazy("qgp.standards.types")]
ClauseAssessmentRef = Annotated[
    "ClauseAssessment", strawberry.lazy("qgp.standards.types.clause_assessment")
]
