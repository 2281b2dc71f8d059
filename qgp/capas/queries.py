"""Reading CAPAs and their analyses."""

import strawberry

from qgp.capas import loaders, types
from qgp.kit.gql import Connection, listing, lookup


@strawberry.type
class Query:
    """Root reads."""

    capa: types.Capa | None = lookup(
        "One CAPA.", id=loaders.capa_by_id, reference=loaders.capa_by_reference
    )
    capas: Connection[types.Capa] | None = listing(loaders.capas, "The CAPAs, by due day.")
    capa_finding: types.CapaFinding | None = lookup(
        "One link of a CAPA with a finding.", id=loaders.capa_finding_by_id
    )
    capa_findings: Connection[types.CapaFinding] | None = listing(
        loaders.capa_findings, "The links of CAPAs with the findings behind them, oldest first."
    )
    capa_round: types.CapaRound | None = lookup(
        "One round that ended.", id=loaders.capa_round_by_id
    )
    capa_rounds: Connection[types.CapaRound] | None = listing(
        loaders.capa_rounds,
        "The rounds of all CAPAs that ended without lasting effect, earliest first.",
    )
    root_cause_analysis: types.RootCauseAnalysis | None = lookup(
        "One root cause analysis.", id=loaders.analysis_by_id
    )
    root_cause_analyses: Connection[types.RootCauseAnalysis] | None = listing(
        loaders.root_cause_analyses, "The root cause analyses of all CAPAs, oldest first."
    )
    cause_node: types.CauseNode | None = lookup("One cause.", id=loaders.cause_node_by_id)
    cause_nodes: Connection[types.CauseNode] | None = listing(
        loaders.cause_nodes,
        "The causes of all analyses, oldest first; "
        "`filter: {isRoot: {eq: true}}` leaves the root causes.",
    )
