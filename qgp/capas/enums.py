"""The module's closed sets, published; GraphQL files take them from here."""

from qgp.capas.terms import (
    AnalysisConfidence,
    AnalysisMethod,
    AnalysisStatus,
    CapaKind,
    CapaPriority,
    CapaResult,
    CapaStatus,
    CauseNodeCategory,
    CauseNodeKind,
    EffectivenessMetric,
)
from qgp.kit.gql import described

__all__ = [
    "AnalysisConfidence",
    "AnalysisMethod",
    "AnalysisStatus",
    "CapaKind",
    "CapaPriority",
    "CapaResult",
    "CapaStatus",
    "CauseNodeCategory",
    "CauseNodeKind",
    "EffectivenessMetric",
]

described(CapaKind, "What a CAPA is for.")
described(CapaPriority, "How much is at stake in a CAPA.")
described(CapaStatus, "Where a CAPA stands in its life.")
described(CapaResult, "How effective a round of a CAPA was.")
described(EffectivenessMetric, "What the effectiveness of a CAPA is judged by.")
described(AnalysisMethod, "How a root cause is looked for.")
described(AnalysisConfidence, "How sure an analysis is of its root causes.")
described(AnalysisStatus, "Whether a root cause analysis is finished.")
described(CauseNodeKind, "What a node of a tree of causes stands for.")
described(CauseNodeCategory, "Where a cause lies.")
