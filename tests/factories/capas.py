"""CAPAs with their sources, rounds and analyses."""

from datetime import date
from typing import Any
from uuid import UUID

from qgp.capas.model import Capa, CapaFinding, CapaRound, CauseNode, RootCauseAnalysis
from qgp.capas.model.terms import (
    AnalysisMethod,
    AnalysisStatus,
    CapaKind,
    CapaPriority,
    CapaResult,
    CapaStatus,
    CauseNodeKind,
)
from qgp.kit import clock

DUE = date(2027, 3, 1)


def capa(status: CapaStatus = CapaStatus.DRAFT, *, owner_id: UUID | None, **facts: Any) -> Capa:
    """Make a corrective CAPA in a state."""
    columns = {
        "kind": CapaKind.CORRECTIVE,
        "title": "Burrs on the housing",
        "problem_statement": "Every tenth housing has a burr.",
        "priority": CapaPriority.MEDIUM,
        "due_on": DUE,
        "original_due_on": facts.get("due_on", DUE),
        **facts,
    }
    if status is CapaStatus.CLOSED:
        columns = {"result": CapaResult.EFFECTIVE, "closed_on": DUE, **columns}
    row = Capa(status=CapaStatus.DRAFT, owner_id=owner_id, **columns)
    row.enter(status)
    return row


def root_cause_analysis(
    capa_id: UUID, status: AnalysisStatus = AnalysisStatus.COMPLETED, **facts: Any
) -> RootCauseAnalysis:
    """Make an analysis by five whys of the first round, in a state."""
    columns = {"method": AnalysisMethod.FIVE_WHYS, "round": 1, **facts}
    if status is AnalysisStatus.COMPLETED:
        columns = {"completed_on": clock.today(), **columns}
    row = RootCauseAnalysis(status=AnalysisStatus.DRAFT, capa_id=capa_id, **columns)
    row.enter(status)
    return row


def cause_node(analysis_id: UUID, **facts: Any) -> CauseNode:
    """Make a why on top of the tree that is no root cause."""
    columns = {"kind": CauseNodeKind.WHY, "text": "Why?", "is_root": False, "position": 0, **facts}
    return CauseNode(analysis_id=analysis_id, **columns)


def capa_finding(capa_id: UUID, finding_id: UUID) -> CapaFinding:
    """Make a finding a source of a CAPA."""
    return CapaFinding(capa_id=capa_id, finding_id=finding_id)


def capa_round(capa_id: UUID, number: int = 1, **facts: Any) -> CapaRound:
    """Make an ineffective round."""
    columns = {"result": CapaResult.INEFFECTIVE, "ended_on": DUE, **facts}
    return CapaRound(capa_id=capa_id, number=number, **columns)
