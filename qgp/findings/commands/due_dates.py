"""Due dates of findings, by the organization's settings."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from qgp.kit.shared_terms import FindingGrade
from qgp.kit.transitions import GuardContext, today
from qgp.organizations.facts import organization_of_caller

# The settings of the days from opening to response and closure; other grades have no due dates.
_DAYS = {
    FindingGrade.MAJOR: ("major_response_days", "major_closure_days"),
    FindingGrade.MINOR: ("minor_response_days", "minor_closure_days"),
}


def due_dates(organization: Any, grade: FindingGrade, opened_on: date) -> dict[str, date | None]:
    """Return the due dates of response and closure, by column; None where a grade has none."""
    days = [getattr(organization, name) for name in _DAYS.get(grade, ())]
    response, closure = [opened_on + timedelta(number) for number in days] or (None, None)
    return {"response_due_on": response, "closure_due_on": closure}


async def from_today(context: GuardContext, finding: Any) -> Mapping[str, date | None]:
    """Return the due dates of a finding that is opened today."""
    organization = await organization_of_caller(context)
    return due_dates(organization, finding.grade, today(context, finding))
