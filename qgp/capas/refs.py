"""Names of this module's GraphQL types, safe to import from anywhere."""

from typing import TYPE_CHECKING, Annotated

import strawberry

if TYPE_CHECKING:
    from qgp.capas.types import (
        Capa,
        CapaFinding,
        CapaRound,
        CauseNode,
        RootCauseAnalysis,
    )
    from qgp.capas.types.context import ParentCapa

CapaRef = Annotated["Capa", strawberry.lazy("qgp.capas.types")]
CapaFindingRef = Annotated["CapaFinding", strawberry.lazy("qgp.capas.types")]
CapaRoundRef = Annotated["CapaRound", strawberry.lazy("qgp.capas.types")]
RootCauseAnalysisRef = Annotated["RootCauseAnalysis", strawberry.lazy("qgp.capas.types")]
CauseNodeRef = Annotated["CauseNode", strawberry.lazy("qgp.capas.types")]
ParentCapaRef = Annotated["ParentCapa", strawberry.lazy("qgp.capas.types.context")]
