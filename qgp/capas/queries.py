"""Root fields that read CAPAs and root cause analyses."""

import strawberry

from qgp.capas import loaders, types
from qgp.kit.gql import Connection, listing, lookup


@strawberry.type
class Query:
    """Root reads."""

    capa: types.Capa | None = lookup(
        "One CAPA.", id=loaders.capa_by_id, reference=loaders.capa_by_reference
    )
    capas: Connection[types.Capa] | None = listing(
        loaders.capas, "Register of CAPAs, by due date of the implementation."
    )
    capa_finding: types.CapaFinding | None = lookup(
        "One link of a CAPA to a source finding.", id=loaders.capa_finding_by_id
    )
    capa_findings: Connection[types.CapaFinding] | None = listing(
        loaders.capa_findings, "Links of CAPAs to source findings, oldest first."
    )
    capa_round: types.CapaRound | None = lookup(
        "One completed round of a CAPA.", id=loaders.capa_round_by_id
    )
    capa_rounds: Connection[types.CapaRound] | None = listing(
        loaders.capa_rounds,
        "Completed rounds of all CAPAs that another round followed, earliest end first.",
    )
    root_cause_analysis: types.RootCauseAnalysis | None = lookup(
        "One root cause analysis.", id=loaders.analysis_by_id
    )
    root_cause_analyses: Connection[types.RootCauseAnalysis] | None = listing(
        loaders.root_cause_analyses, "Root cause analyses of all CAPAs, oldest first."
    )
    cause_node: types.CauseNode | None = lookup(
        "One node of a cause tree.", id=loaders.cause_node_by_id
    )
    cause_nodes: Connection[types.CauseNode] | None = listing(
        loaders.cause_nodes,
        "Nodes of all cause trees, oldest first; `filter: {isRoot: {eq: true}}` selects the root "
        "causes.",
    )
