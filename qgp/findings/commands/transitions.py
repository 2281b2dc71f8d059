"""Transitions of findings with rules of their own: containment and concession."""

from collections.abc import Sequence
from datetime import date, timedelta

import sqlalchemy as sa

from qgp.findings.facts.concessions import last_day
from qgp.findings.model import Finding, FindingStatus
from qgp.kit import clock
from qgp.kit.errors import Invalid, OutOfRange, Required, between
from qgp.kit.row_locks import locked
from qgp.kit.work import Work
from qgp.organizations.facts import organization_of_caller


async def record_containment(
    work: Work,
    finding: Finding,
    *,
    containment_text: str | None = None,
    no_containment_reason: str | None = None,
) -> Finding:
    """Record the containment, or the reason why none is needed (ISO 9001:2015, 10.2.1 a).

    Raises:
        Invalid: both are entered.
        TransitionNotAllowed: neither is entered or recorded.
    """
    if containment_text or no_containment_reason:
        finding.containment_text = containment_text
        finding.no_containment_reason = no_containment_reason
    return await work.move(finding, "findingRecordContainment")


async def grant_concession(
    work: Work, finding: Finding, *, accepted_until: date | None, reason: str
) -> Finding:
    """Grant a concession until a date in the organization's time zone (ISO 9001:2015, 8.7.1 d).

    Args:
        work: the unit of work.
        finding: the finding, locked.
        accepted_until: the last day; None for the requested one.
        reason: stored in the audit trail.

    Raises:
        Invalid: there is no last day, or it is not after today, beyond the longest term without a
            request of another person, or another than the requested one.
        TransitionNotAllowed: a guard blocks.
    """
    until = await require_term(work, accepted_until or finding.requested_until)
    if finding.requested_until not in {None, until}:
        message = (
            f"The concession of {finding.reference} is requested until "
            f"{finding.requested_until.isoformat()}, and approved as requested. Leave "
            "acceptedUntil out, or have another term requested (findingRequestConcession)."
        )
        raise Invalid(message, "acceptedUntil")
    if finding.requested_until is None:
        await _require_total_term(work, finding, until)
    finding.accepted_until = until
    return await work.move(finding, "findingGrantConcession", reason=reason)


async def require_term(work: Work, until: date | None) -> date:
    """Return the last day of a concession, after today and within the longest term.

    Raises:
        Required: it is None.
        OutOfRange: it is not after today, or beyond the longest term.
    """
    today = clock.today(work.caller.zone)
    months = (await organization_of_caller(work)).concession_months
    last = clock.months_after(today, months)
    rule = f"A concession ends after today, {today.isoformat()}, and within {months} months, by "
    rule += f"{last.isoformat()}."
    bounds = between(today + timedelta(days=1), last)
    if until is None:
        raise Required(f"{rule} Enter acceptedUntil.", "acceptedUntil", constraint=bounds)
    if not today < until <= last:
        message = f"The last day of the concession, {until.isoformat()}, is out of range. {rule}"
        raise OutOfRange(f"{message} Choose a day within them.", "acceptedUntil", constraint=bounds)
    return until


async def _require_total_term(work: Work, finding: Finding, until: date) -> None:
    """Refuse a concession beyond the longest term, which counts from the first one."""
    last = await last_day(work, finding)
    if last is not None and until > last:
        message = (
            f"The concessions of {finding.reference} would last until {until.isoformat()}, beyond "
            f"the longest term since the first one, {last.isoformat()}. Choose a day until then, "
            "or have a longer one requested with a signature (findingRequestConcession); another "
            "person approves it."
        )
        raise OutOfRange(message, "acceptedUntil", constraint=between(None, last))


async def expire(work: Work) -> Sequence[Finding]:
    """Revoke the concessions whose last day has passed, and return their findings."""
    is_over = Finding.accepted_until < clock.today(work.caller.zone)
    conceded = sa.select(Finding).where(Finding.status == FindingStatus.ACCEPTED, is_over)
    ended = await work.rows(locked(conceded.order_by(Finding.reference)))
    for finding in ended:
        reason = f"The concession ended on {finding.accepted_until.isoformat()}."
        await work.move(finding, "findingRevokeConcession", reason=reason)
    return ended
