"""Findings with their clauses, and categories of causes."""

from datetime import date
from itertools import count
from typing import Any
from uuid import UUID

from qgp.findings.model import (
    CauseCategory,
    Finding,
    FindingClause,
    FindingSource,
    FindingStatus,
)
from qgp.kit import clock
from qgp.kit.shared_terms import FindingGrade

UNTIL = date(2100, 1, 1)
_number = count()


def finding(status: FindingStatus = FindingStatus.DRAFT, **facts: Any) -> Finding:
    """Make a minor nonconformity of a process, detected today, in a state."""
    today = clock.today()
    columns = {
        "grade": FindingGrade.MINOR,
        "source_type": FindingSource.PROCESS,
        "title": "A gauge without a label",
        "detected_on": today,
        **facts,
    }
    if status is FindingStatus.CLOSED:
        columns.setdefault("closed_on", columns["detected_on"])
    if status is FindingStatus.ACCEPTED:
        columns.setdefault("accepted_until", UNTIL)
    row = Finding(status=FindingStatus.DRAFT, **columns)
    row.enter(status)
    return row


def cause_category(**facts: Any) -> CauseCategory:
    """Make a category of causes with a code that nobody else has."""
    code = facts.setdefault("code", f"C{next(_number)}")
    return CauseCategory(**{"name": code, **facts})


def finding_clause(finding_id: UUID, clause_id: UUID, **facts: Any) -> FindingClause:
    """Write a finding against a clause that is not its primary one."""
    return FindingClause(
        finding_id=finding_id, clause_id=clause_id, **{"is_primary": False, **facts}
    )
