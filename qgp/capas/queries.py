"""Reading CAPAs and their analyses."""

import strawberry

from qgp.capas import loaders
from qgp.capas.loaders import (
    analysis_by_id,
    capa_by_id,
    capa_by_reference,
    capa_finding_by_id,
    capa_round_by_id,
    cause_node_by_id,
)
from qgp.capas.types import Capa, CapaFinding, CapaRound, CauseNode, RootCauseAnalysis
from qgp.kit.gql import Connection, find, listing


@strawberry.type
class Query:
    """Root reads."""

    capa: Capa | None = find("One CAPA.", id=capa_by_id, reference=capa_by_reference)
    capas: Connection[Capa] | None = listing(loaders.capas, "The CAPAs, by due day.")
    capa_finding: CapaFinding | None = find(
        "One link of a CAPA with a finding.", id=capa_finding_by_id
    )
    capa_findings: Connection[CapaFinding] | None = listing(
        loaders.capa_findings, "The links of CAPAs with the findings behind them, oldest first."
    )
    capa_round: CapaRound | None = find("One round that ended.", id=capa_round_by_id)
    capa_rounds: Connection[CapaRound] | None = listing(
        loaders.capa_rounds,
        "The rounds of all CAPAs that ended without lasting effect, earliest first.",
    )
    root_cause_analysis: RootCauseAnalysis | None = find(
        "One root cause analysis.", id=analysis_by_id
    )
    root_cause_analyses: Connection[RootCauseAnalysis] | None = listing(
        loaders.root_cause_analyses, "The root cause analyses of all CAPAs, oldest first."
    )
    cause_node: CauseNode | None = find("One cause.", id=cause_node_by_id)
    cause_nodes: Connection[CauseNode] | None = listing(
        loaders.cause_nodes,
        "The causes of all analyses, oldest first; "
        "`filter: {isRoot: {eq: true}}` leaves the root causes.",
    )
