"""The steps of a finding, from the opening to its end and back."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.findings.model import Finding
from qgp.findings.service import seen
from qgp.findings.terms import FindingStatus, due_days
from qgp.kit import clock
from qgp.kit.errors import Invalid, OutOfRange, Required, above
from qgp.kit.work import Work


async def open(work: Work, *, id: UUID, expected_version: int) -> Finding:
    """Issue a draft; the due days count from today.

    Raises:
        TransitionNotAllowed: statement, evidence, owner or a nonconformity's clause are missing.
    """
    finding = await seen(work, id, expected_version=expected_version)
    today = clock.today(work.caller.zone)
    due = due_days(finding.grade, today)
    return await work.move(finding, "findingOpen", opened_on=today, **due)


async def contain(
    work: Work,
    *,
    id: UUID,
    expected_version: int,
    containment_text: str | None,
    no_containment_reason: str | None,
) -> Finding:
    """Say that the effects are under control, or need no control (ISO 9001:2015, 10.2.1 a).

    Raises:
        Invalid: both are said.
        TransitionNotAllowed: neither is said, now or before.
    """
    if containment_text and no_containment_reason:
        told = "Say what contains the effects, or why nothing has to; not both."
        raise Invalid(told, "noContainmentReason")
    finding = await seen(work, id, expected_version=expected_version)
    if containment_text or no_containment_reason:
        finding.containment_text = containment_text
        finding.no_containment_reason = no_containment_reason
    by = work.caller.user_id
    return await work.move(finding, "findingContain", contained_at=clock.now(), contained_by_id=by)


async def analyze(work: Work, *, id: UUID, expected_version: int) -> Finding:
    """Begin to look for the cause (ISO 9001:2015, 10.2.1 b)."""
    finding = await seen(work, id, expected_version=expected_version)
    return await work.move(finding, "findingAnalyze")


async def act(
    work: Work,
    *,
    id: UUID,
    expected_version: int,
    root_cause: str | None,
    cause_category_id: UUID | None,
) -> Finding:
    """Begin to remove the cause (ISO 9001:2015, 10.2.1 c).

    Raises:
        TransitionNotAllowed: a nonconformity without root cause or category.
        NotFound: no such category in this organization.
    """
    finding = await seen(work, id, expected_version=expected_version)
    if root_cause is not None:
        finding.root_cause = root_cause
    if cause_category_id is not None:
        finding.cause_category_id = cause_category_id
    return await work.move(finding, "findingAct")


async def verify(work: Work, *, id: UUID, expected_version: int) -> Finding:
    """Hand a finding over to verification (ISO 9001:2015, 10.2.1 d)."""
    finding = await seen(work, id, expected_version=expected_version)
    return await work.move(finding, "findingVerify")


async def close(work: Work, *, id: UUID, expected_version: int, comment: str | None) -> Finding:
    """Close what is verified, or answer what is no nonconformity with a comment.

    Raises:
        TransitionNotAllowed: the caller owns it, or it is a nonconformity not yet verified.
        Invalid: it goes straight from OPEN without a comment.
    """
    finding = await seen(work, id, expected_version=expected_version)
    is_verified = finding.status is FindingStatus.VERIFICATION
    if comment is None and finding.status is FindingStatus.OPEN and not finding.is_nonconformity:
        raise Required("Say how it is answered; there is no verification to tell.", "comment")
    return await work.move(
        finding,
        "findingClose",
        reason=comment,
        closed_on=clock.today(work.caller.zone),
        closing_comment=comment,
        verified_by_id=work.caller.user_id if is_verified else None,
    )


async def reject(work: Work, *, id: UUID, expected_version: int, reason: str) -> Finding:
    """Send a finding back from verification: it is not done."""
    finding = await seen(work, id, expected_version=expected_version)
    return await work.move(finding, "findingReject", reason=reason)


async def accept(
    work: Work, *, id: UUID, expected_version: int, accepted_until: date, reason: str
) -> Finding:
    """Leave a finding as it is until a day of the organization (ISO 9001:2015, 8.7.1 d).

    Raises:
        Invalid: the day is not ahead.
    """
    if accepted_until <= (today := clock.today(work.caller.zone)):
        raise OutOfRange(
            "A concession has a last day to come. Choose a later day.",
            "acceptedUntil",
            constraint=above(today),
        )
    finding = await seen(work, id, expected_version=expected_version)
    return await work.move(finding, "findingAccept", reason=reason, accepted_until=accepted_until)


async def revoke(work: Work, *, id: UUID, expected_version: int, reason: str) -> Finding:
    """Take back a concession; the finding is open again, and due as it was."""
    finding = await seen(work, id, expected_version=expected_version)
    return await work.move(finding, "findingRevoke", reason=reason, accepted_until=None)


async def expire(work: Work) -> Sequence[Finding]:
    """Take back the concessions whose last day has passed, and return their findings."""
    is_over = Finding.accepted_until < clock.today(work.caller.zone)
    conceded = sa.select(Finding).where(Finding.status == FindingStatus.ACCEPTED, is_over)
    ended = await work.rows(conceded.order_by(Finding.reference).with_for_update())
    for finding in ended:
        told = f"Its concession ended on {finding.accepted_until.isoformat()}."
        await work.move(finding, "findingRevoke", reason=told, accepted_until=None)
    return ended


async def void(work: Work, *, id: UUID, expected_version: int, reason: str) -> Finding:
    """Say that it was no finding; it stays for the record."""
    finding = await seen(work, id, expected_version=expected_version)
    return await work.move(finding, "findingVoid", reason=reason)


async def reopen(work: Work, *, id: UUID, expected_version: int, reason: str) -> Finding:
    """Take a closed finding up again: what was done had no lasting effect."""
    finding = await seen(work, id, expected_version=expected_version)
    undone: dict[str, Any] = {"closed_on": None, "verified_by_id": None, "closing_comment": None}
    count = finding.reopen_count + 1
    return await work.move(finding, "findingReopen", reason=reason, reopen_count=count, **undone)
