"""Audit programmes and their items."""

from datetime import date
from typing import Any
from uuid import UUID

from qgp.kit.shared_terms import AuditMethod
from qgp.programmes.model import (
    AuditProgramme,
    AuditProgrammeStandard,
    AuditProgrammeStatus,
    ProgrammeItem,
    ProgrammeItemRisk,
)

START, END, MONTH = date(2027, 1, 1), date(2027, 12, 31), date(2027, 3, 1)


def audit_programme(
    status: AuditProgrammeStatus = AuditProgrammeStatus.DRAFT, *, owner_id: UUID, **facts: Any
) -> AuditProgramme:
    """Make a programme of a year in a state; its owner approves it where nobody else did."""
    columns = {
        "title": "Audits of 2027",
        "method": AuditMethod.ONSITE,
        "period_start_on": START,
        "period_end_on": END,
        **facts,
    }
    if status is not AuditProgrammeStatus.DRAFT:
        columns = {"approved_by_id": owner_id, "approved_on": START, **columns}
    if status is AuditProgrammeStatus.CLOSED:
        columns = {"closed_on": END, **columns}
    row = AuditProgramme(status=AuditProgrammeStatus.DRAFT, owner_id=owner_id, **columns)
    row.enter(status)
    return row


def programme_item(programme_id: UUID, **facts: Any) -> ProgrammeItem:
    """Make an item of a medium risk; the facts say where it looks."""
    columns = {"planned_month": MONTH, "risk": ProgrammeItemRisk.MEDIUM, **facts}
    return ProgrammeItem(programme_id=programme_id, **columns)


def audit_programme_standard(programme_id: UUID, standard_id: UUID) -> AuditProgrammeStandard:
    """Let a programme cover a standard."""
    return AuditProgrammeStandard(programme_id=programme_id, standard_id=standard_id)
