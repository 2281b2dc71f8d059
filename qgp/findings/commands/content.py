"""Content of issued findings, which the audit team or quality corrects with a reason."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.audits.facts.related import UNDER_REVIEW, locked_unfiltered
from qgp.findings.commands import clauses
from qgp.findings.guards.majors import has_owned
from qgp.findings.model import CONTENT, Finding, FindingStatus
from qgp.findings.policy import READ
from qgp.kit import clock
from qgp.kit.errors import Forbidden, Invalid, OutOfRange, Required, between
from qgp.kit.names import to_camel
from qgp.kit.policy import QUALITY
from qgp.kit.shared_terms import FindingGrade
from qgp.kit.work import Work

_FIELDS = frozenset({*CONTENT, *clauses.NAMES})


async def correct(
    work: Work, *, id: UUID, expected_version: int, reason: str, **changes: Any
) -> Finding:
    """Correct the content of an issued finding; signatures that seal it become SUPERSEDED.

    Raises:
        Invalid: it has ended, or its content is not issued yet; nothing changes; and see
            `findings.change`.
        Forbidden: the caller neither leads the audit of the finding nor is in quality, or owns or
            owned the finding, a MAJOR.
        NotFound: it refers to a record that is hidden from the caller.
    """
    audit = await lock_audit(work, id)
    finding = await work.get_open(Finding, id, expected_version=expected_version)
    require_corrector(work, finding, audit)
    await _require_no_owner(work, finding)
    if not is_issued(finding, audit):
        message = (
            f"{finding.reference} is a DRAFT that is not under review, and its content needs no "
            "correction. Change it (findingUpdate)."
        )
        raise Invalid(message, "id")
    check(work, finding, changes)
    if not await _changed(work, finding, changes):
        message = (
            f"The correction leaves {finding.reference} as it is. A correction changes at least "
            "one field; enter another value."
        )
        raise Invalid(message, "id")
    work.set_reason(reason)
    await write(work, finding, changes)
    await note_on_audit(work, audit)
    return finding


async def note_on_audit(work: Work, audit: Any) -> None:
    """Raise the version of an audit whose report has a changed finding, so that it is signed again.

    Each person signs a version once with each meaning.
    """
    if audit is not None and audit.status in UNDER_REVIEW:
        await work.touch(audit)


async def load(work: Work, id: UUID, expected_version: int) -> Finding:
    """Return the finding of a transition, locked; the audit of a draft is locked before it.

    The audit decides whether the draft is issued, and so whether one person may void it: it is
    neither submitted nor reported meanwhile.

    Raises:
        NotFound, StaleVersion: see `Work.get`.
    """
    await lock_audit(work, id, Finding.status == FindingStatus.DRAFT)
    return await work.get(Finding, id, expected_version=expected_version, read=READ)


async def lock_audit(work: Work, id: UUID, *conditions: sa.ColumnElement[bool]) -> Any:
    """Return the audit of a finding, locked before the finding; None if it has none.

    Args:
        work: the unit of work.
        id: the finding.
        conditions: on the finding, without which no audit is locked.
    """
    ids = await work.rows(sa.select(Finding.audit_id).where(Finding.id == id, *conditions))
    return await locked_unfiltered(work, ids[0]) if ids and ids[0] else None


def names_in(changes: Iterable[str]) -> bool:
    """Return whether a change has fields of the content."""
    return not _FIELDS.isdisjoint(changes)


async def require_unissued(
    work: Work, finding: Finding, audit: Any, changes: Mapping[str, Any]
) -> None:
    """Refuse to change the content of an issued finding; equal values are no change.

    Raises:
        Invalid: a field of the content would change.
    """
    if not is_issued(finding, audit):
        return
    for name in await _changed(work, finding, changes):
        path = to_camel(name)
        status = f"{finding.reference} is {finding.status.value}"
        if finding.status is FindingStatus.DRAFT:
            status += f", and its audit is {audit.status.value}"
        whom = "quality" if audit is None else "the lead auditor of its audit, or quality,"
        message = (
            f"{status}, so `{path}` is content of an issued finding. Only {whom} changes it, with "
            "a reason (findingCorrect); leave it out."
        )
        raise Invalid(message, path)


def check(work: Work, finding: Finding, changes: Mapping[str, Any]) -> None:
    """Check changed values: no detection after today, and an issued finding keeps what it requires.

    Raises:
        OutOfRange, Required: see above.
    """
    if "detected_on" in changes:
        date_of_detection(work, changes["detected_on"])
    if finding.status is FindingStatus.DRAFT:
        return
    required = ["statement", "evidence_text", "owner_id"]
    required += ["primary_clause_id"] if finding.is_nonconformity else []
    for name in required:
        if name in changes and changes[name] is None:
            message = (
                f"{finding.reference} is {finding.status.value}, and an issued finding requires "
                f"{to_camel(name)}. Enter another value."
            )
            raise Required(message, to_camel(name))


def date_of_detection(work: Work, day: date | None) -> date:
    """Return the date of detection, today if None.

    Raises:
        OutOfRange: it is after today.
    """
    today = clock.today(work.caller.zone)
    if day is not None and day > today:
        message = (
            f"The date of detection, {day.isoformat()}, is after today, {today.isoformat()}. "
            "Choose today or an earlier date."
        )
        raise OutOfRange(message, "detectedOn", constraint=between(None, today))
    return day or today


async def write(work: Work, finding: Finding, changes: dict[str, Any]) -> Finding:
    """Write the changes of a finding with those of its clauses, in one version."""
    if await clauses.replace(work, finding, changes):
        changes["updated_at"] = clock.now()  # the version counts changes of the clauses too
    return await work.change(finding, changes)


async def _changed(work: Work, finding: Finding, changes: Mapping[str, Any]) -> list[str]:
    """Return the fields of the content that a change gives another value."""
    names = [name for name in CONTENT if name in changes]
    changed = [name for name in names if changes[name] != getattr(finding, name)]
    return changed + await clauses.changed(work, finding, changes)


def is_issued(finding: Finding, audit: Any) -> bool:
    """Return whether the content is issued: by the finding's opening, or its audit's submission."""
    is_under_review = audit is not None and audit.status in UNDER_REVIEW
    return finding.status is not FindingStatus.DRAFT or is_under_review


def require_corrector(work: Work, finding: Finding, audit: Any) -> None:
    """Require the lead auditor of a finding's audit, or quality.

    Raises:
        Forbidden: the caller is neither.
    """
    leads = audit is not None and audit.lead_auditor_id == work.caller.user_id
    if leads or work.caller.role in QUALITY:
        return
    whom = "quality" if audit is None else "the lead auditor of its audit or quality"
    message = f"The content of {finding.reference} is corrected by {whom}. Ask them to correct it."
    raise Forbidden(message, "id")


async def _require_no_owner(work: Work, finding: Finding) -> None:
    """Require of a MAJOR a person who does not own it and never has.

    Raises:
        Forbidden: the caller owns or owned it.
    """
    if finding.grade is FindingGrade.MAJOR and await has_owned(work, finding):
        message = (
            f"You own or owned {finding.reference}, a MAJOR nonconformity, and its owners do not "
            "correct its content. Ask the lead auditor of its audit, or another person of quality."
        )
        raise Forbidden(message, "id")
