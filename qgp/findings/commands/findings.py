"""Commands on findings (ISO 9001:2015, 10.2)."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.findings.commands import audit_findings, clauses, content
from qgp.findings.model import Finding, FindingSource, FindingStatus
from qgp.findings.policy import READ, UPDATERS
from qgp.kit.errors import Forbidden, Invalid
from qgp.kit.hierarchy import keep_acyclic
from qgp.kit.policy import Role, asking
from qgp.kit.work import Work

RECURRENCE_DETECTED = "recurrence_detected"  # event of the later finding
_CYCLE = Invalid(
    "The earlier finding is a recurrence of this one, itself or through others; recurrences have "
    "no cycles. Choose another earlier finding.",
    "repeatOfId",
)


async def create(
    work: Work,
    *,
    primary_clause_id: UUID | None,
    clause_ids: list[UUID],
    detected_on: date | None,
    detected_by_id: UUID | None,
    reason: str | None = None,
    **values: Any,
) -> Finding:
    """Record a finding as DRAFT; its grade decides the prefix of its reference.

    Args:
        work: the unit of work.
        primary_clause_id: None for the first clause of the response's question, or the only
            clause of the audit.
        clause_ids: further clauses.
        detected_on: date in the organization's time zone; None for today.
        detected_by_id: None for the caller.
        reason: required of a supplement to an issued audit report.
        values: further columns.

    Raises:
        Invalid: a date of detection after today, a severity outside 1 to 5, an employee's report
            with another source than SELF_REPORT, invalid clauses, an inactive owner, or an audit
            that takes no findings in its status.
        Forbidden: the audit is REPORTED, and the caller is not its lead auditor.
        NotFound: it refers to a record that is hidden from the caller.
    """
    _reported(work, values)
    await _require_repeated(work, values)
    day = content.date_of_detection(work, detected_on)
    cited = await audit_findings.inherit_from_audit(work, values, day, reason)
    work.set_reason(reason)
    finding = await work.add(
        Finding(
            status=FindingStatus.DRAFT,
            detected_on=day,
            detected_by_id=detected_by_id or work.caller.user_id,
            **values,
        )
    )
    if primary_clause_id is None and cited:
        primary_clause_id = cited[0]
        clause_ids = [id for id in clause_ids or cited if id != primary_clause_id]
    await clauses.add(work, finding, primary_clause_id, clause_ids)
    if finding.repeat_of_id is not None:
        work.emit(finding, RECURRENCE_DETECTED)
    return finding


async def change(work: Work, *, id: UUID, expected_version: int, **changes: Any) -> Finding:
    """Change a finding that has not ended; once it is issued, not its content.

    Raises:
        Invalid: it has ended; its content is issued and would change; a date of detection after
            today, a severity outside 1 to 5, a recurrence of itself or through others, containment
            and a reason against it, invalid clauses, an inactive owner, or an issued finding that
            would lose a required value.
        Forbidden: the caller's role changes only drafts that they created.
        NotFound: it refers to a record that is hidden from the caller.
    """
    audit = await content.lock_audit(work, id) if content.names_in(changes) else None
    finding = await work.get_open(Finding, id, expected_version=expected_version)
    _require_own_draft(work, finding)
    await content.require_unissued(work, finding, audit, changes)
    _reported(work, changes)
    await _require_repeated(work, changes)
    if (repeated := changes.get("repeat_of_id")) is not None:
        await keep_acyclic(work, Finding.repeat_of_id, id, repeated, _CYCLE)
    content.check(work, finding, changes)
    is_new = repeated is not None and repeated != finding.repeat_of_id
    changed = await content.write(work, finding, changes)
    if is_new:
        work.emit(changed, RECURRENCE_DETECTED)
    return changed


async def assign(
    work: Work, *, id: UUID, expected_version: int, owner_id: UUID, reason: str | None = None
) -> Finding:
    """Assign a finding to another owner.

    Raises:
        Invalid, Forbidden, NotFound: see `change`; or the user owns it already.
    """
    finding = await work.get_open(Finding, id, expected_version=expected_version)
    if finding.owner_id == owner_id:
        message = f"The user owns {finding.reference} already. Choose another owner."
        raise Invalid(message, "ownerId")
    work.set_reason(reason)
    return await change(work, id=id, expected_version=expected_version, owner_id=owner_id)


async def detect_recurrences(work: Work, ids: Collection[UUID]) -> None:
    """Emit the events of findings in which a problem recurred."""
    if ids:
        rows = await work.rows(sa.select(Finding).where(Finding.id.in_(ids)).order_by(Finding.id))
        for finding in rows:
            work.emit(finding, RECURRENCE_DETECTED)


async def _require_repeated(work: Work, values: dict[str, Any]) -> None:
    """Refuse an earlier finding that is hidden from the caller."""
    if (id := values.get("repeat_of_id")) is not None:
        await work.get(Finding, id, path="repeatOfId", read=READ)


def _reported(work: Work, values: dict[str, Any]) -> None:
    source = values.get("source_type", FindingSource.SELF_REPORT)
    if work.caller.role is Role.EMPLOYEE and source is not FindingSource.SELF_REPORT:
        message = (
            f"Your role does not report findings of source {source.value}. Choose SELF_REPORT."
        )
        raise Invalid(message, "sourceType")


def _require_own_draft(work: Work, finding: Finding) -> None:
    """Require a role that changes any finding, or a draft that the caller created."""
    is_own = finding.created_by_id == work.caller.user_id
    if work.caller.role in UPDATERS or (is_own and finding.status is FindingStatus.DRAFT):
        return
    message = f"{finding.reference} is not your draft. Your role changes only drafts you created."
    raise Forbidden(f"{message} {asking(UPDATERS)}", "id")
