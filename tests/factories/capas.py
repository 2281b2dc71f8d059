"""CAPAs."""

from datetime import date
from typing import Any
from uuid import UUID

from qgp.capas.model import Capa
from qgp.capas.terms import CapaKind, CapaPriority, CapaResult, CapaStatus

DUE = date(2027, 3, 1)


def capa(status: CapaStatus = CapaStatus.DRAFT, *, owner_id: UUID | None, **facts: Any) -> Capa:
    """Make a corrective CAPA in a state."""
    given = {
        "kind": CapaKind.CORRECTIVE,
        "title": "Burrs on the housing",
        "problem_statement": "Every tenth housing has a burr.",
        "priority": CapaPriority.MEDIUM,
        "due_on": DUE,
        "original_due_on": facts.get("due_on", DUE),
        **facts,
    }
    if status is CapaStatus.CLOSED:
        given = {"result": CapaResult.EFFECTIVE, "closed_on": DUE, **given}
    row = Capa(status=CapaStatus.DRAFT, owner_id=owner_id, **given)
    row.enter(status)
    return row
