"""Due dates of issued nonconformities, changed with a reason."""

from datetime import date
from uuid import UUID

from qgp.findings.model import Finding
from qgp.kit.due_dates import require_not_past
from qgp.kit.errors import Invalid, OutOfRange, Required, between
from qgp.kit.names import to_camel
from qgp.kit.work import Work


async def reschedule(
    work: Work,
    *,
    id: UUID,
    expected_version: int,
    reason: str,
    new_response_due_on: date | None = None,
    new_closure_due_on: date | None = None,
) -> Finding:
    """Change due dates of an issued nonconformity.

    Raises:
        Invalid: it has ended or has no due dates, there is no new date, a date is before today, or
            the response would be due after the closure.
    """
    finding = await work.get_open(Finding, id, expected_version=expected_version)
    sent = {"response_due_on": new_response_due_on, "closure_due_on": new_closure_due_on}
    dates = {name: day for name, day in sent.items() if day is not None}
    if not dates:
        message = "No new date was sent. Send newResponseDueOn, newClosureDueOn, or both."
        raise Required(message, "newClosureDueOn")
    for name, day in dates.items():
        require_not_past(work, day, to_camel(f"new_{name}"))
    _require_order(
        finding,
        dates.get("response_due_on", finding.response_due_on),
        dates.get("closure_due_on", finding.closure_due_on),
    )
    work.set_reason(reason)
    return await work.change(finding, dates)


def _require_order(finding: Finding, response: date | None, closure: date | None) -> None:
    if finding.response_due_on is None or response is None or closure is None:
        message = (
            f"{finding.reference} has no due dates. MAJOR and MINOR findings have them from "
            "`findingOpen` on; open the finding first, or leave it out."
        )
        raise Invalid(message, "id")
    if response > closure:
        message = (
            f"The response of {finding.reference} would be due on {response.isoformat()}, after "
            f"its closure, {closure.isoformat()}. Send an earlier newResponseDueOn, or a later "
            "newClosureDueOn."
        )
        constraint = between(None, "newClosureDueOn")
        raise OutOfRange(message, "newResponseDueOn", constraint=constraint)
