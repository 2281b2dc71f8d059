"""Transitions of findings with rules of their own: containment and concession."""

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa

from qgp.findings.model import Finding, FindingStatus
from qgp.kit import clock
from qgp.kit.errors import OutOfRange, between
from qgp.kit.work import Work


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
    work: Work, finding: Finding, *, accepted_until: date, reason: str
) -> Finding:
    """Grant a concession until a date in the organization's time zone (ISO 9001:2015, 8.7.1 d).

    Raises:
        Invalid: the date is not after today.
    """
    if accepted_until <= (today := clock.today(work.caller.zone)):
        raise OutOfRange(
            f"The last day of the concession, {accepted_until.isoformat()}, is not after today, "
            f"{today.isoformat()}. Choose a later date.",
            "acceptedUntil",
            constraint=between(above=today),
        )
    return await work.move(
        finding, "findingGrantConcession", reason=reason, accepted_until=accepted_until
    )


async def expire(work: Work) -> Sequence[Finding]:
    """Revoke the concessions whose last day has passed, and return their findings."""
    is_over = Finding.accepted_until < clock.today(work.caller.zone)
    conceded = sa.select(Finding).where(Finding.status == FindingStatus.ACCEPTED, is_over)
    ended = await work.rows(conceded.order_by(Finding.reference).with_for_update())
    for finding in ended:
        reason = f"The concession ended on {finding.accepted_until.isoformat()}."
        await work.move(finding, "findingRevokeConcession", reason=reason)
    return ended
