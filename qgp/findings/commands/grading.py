"""Grading of findings, and requests about an issued MAJOR that another person approves."""

from datetime import date
from typing import Any
from uuid import UUID

from qgp.findings.commands import clauses, content
from qgp.findings.commands.due_dates import due_dates
from qgp.findings.commands.transitions import require_term
from qgp.findings.facts.concessions import last_day
from qgp.findings.facts.issue import takes_two_persons
from qgp.findings.guards import majors
from qgp.findings.model import (
    NONCONFORMITIES,
    REQUEST_COLUMNS,
    Finding,
    FindingRequest,
)
from qgp.kit import clock, reference_numbers
from qgp.kit.errors import Forbidden, Invalid, Required, TransitionNotAllowed
from qgp.kit.policy import QUALITY
from qgp.kit.shared_terms import FindingGrade
from qgp.kit.signing import Meaning
from qgp.kit.transitions import cleared
from qgp.kit.work import Work
from qgp.organizations.facts import organization_of_caller

_NO_REQUEST = cleared(*REQUEST_COLUMNS)
# The transition that approves a request, from whose states it can be made.
_APPROVED_BY = {
    FindingRequest.VOID: "findingVoid",
    FindingRequest.CONCESSION: "findingGrantConcession",
}


async def regrade(
    work: Work, *, id: UUID, expected_version: int, grade: FindingGrade, reason: str
) -> Finding:
    """Change the grade of a finding; the reference stays, due dates count from the opening.

    Raises:
        Invalid: it has ended, was issued as MAJOR, has the grade already, or would become an issued
            nonconformity without a primary clause.
        Forbidden: it is issued, and the caller neither leads its audit nor is in quality.
    """
    audit = await content.lock_audit(work, id)
    finding = await work.get_open(Finding, id, expected_version=expected_version)
    if content.is_issued(finding, audit):
        content.require_corrector(work, finding, audit)
    _require_another(finding, grade)
    if grade is not FindingGrade.MAJOR and await takes_two_persons(work, finding):
        message = (
            f"{finding.reference} was issued as a MAJOR nonconformity, which two persons grade "
            "down. "
            "Request it (findingRequestRegrade); another person approves it with a signature "
            "(findingApproveRegrade)."
        )
        raise Invalid(message, "grade")
    is_issued = finding.opened_on is not None
    if is_issued and grade in NONCONFORMITIES and not await clauses.has_primary(work, finding):
        message = (
            f"{finding.reference} has no primary clause, which an issued nonconformity requires. "
            "Set primaryClauseId first (findingCorrect)."
        )
        raise Invalid(message, "grade")
    work.set_reason(reason)
    await work.change(finding, await _graded(work, finding, grade))
    await content.note_on_audit(work, audit)
    return finding


async def request_regrade(
    work: Work, *, id: UUID, expected_version: int, grade: FindingGrade, reason: str
) -> Finding:
    """Request that an issued MAJOR is graded down.

    Raises:
        Invalid: the grade is MAJOR or that of the finding, or see `_request`.
    """
    if grade is FindingGrade.MAJOR:
        raise Invalid("A MAJOR is graded down to a lower grade. Choose another grade.", "grade")
    finding = await _requestable(work, id, expected_version, FindingRequest.REGRADE)
    _require_another(finding, grade)
    return await _request(
        work, finding, FindingRequest.REGRADE, reason=reason, requested_grade=grade
    )


async def request_void(work: Work, *, id: UUID, expected_version: int, reason: str) -> Finding:
    """Request that an issued MAJOR is voided.

    Raises:
        Invalid: see `_request`.
    """
    finding = await _requestable(work, id, expected_version, FindingRequest.VOID)
    return await _request(work, finding, FindingRequest.VOID, reason=reason)


async def request_concession(
    work: Work, *, id: UUID, expected_version: int, accepted_until: date, reason: str
) -> Finding:
    """Request a concession for an issued MAJOR, or of any finding one beyond the longest term.

    The latter takes the caller's signature.

    Raises:
        Invalid: the last day is not after today or too far away, the signature has another meaning
            than APPROVED, or see `_requestable`.
        Required: there is no signature, and the concessions would last beyond the longest term.
    """
    finding = await work.get_open(Finding, id, expected_version=expected_version)
    until = await require_term(work, accepted_until)
    last = await last_day(work, finding)
    is_long = last is not None and until > last
    if not is_long:
        await _require_two_persons(work, finding, FindingRequest.CONCESSION)
    _require_state(finding, FindingRequest.CONCESSION)
    work.require_meaning("findingRequestConcession", Meaning.APPROVED)
    if is_long and (message := Meaning.APPROVED.required_of(work)):
        rule = f"The concessions of {finding.reference} would last beyond {last}, the longest term"
        raise Required(f"{rule} since the first one. {message}", "signature")
    change = FindingRequest.CONCESSION
    await _request(work, finding, change, reason=reason, requested_until=until)
    await work.sign(finding)
    return finding


async def reject_request(work: Work, *, id: UUID, expected_version: int, reason: str) -> Finding:
    """Reject, or withdraw as its author, the pending request about a finding.

    Raises:
        Invalid: the finding has ended, or no request is pending.
        Forbidden: the caller neither made the request nor is in quality.
    """
    finding = await work.get_open(Finding, id, expected_version=expected_version)
    if finding.requested_change is None:
        raise Invalid(f"No request about {finding.reference} is pending. Read it again.", "id")
    if work.caller.user_id != finding.requested_by_id and work.caller.role not in QUALITY:
        message = (
            f"You did not make the request about {finding.reference}, and only its author or "
            "quality withdraws or rejects it. Ask one of them."
        )
        raise Forbidden(message, "id")
    work.set_reason(reason)
    return await work.change(finding, {**_NO_REQUEST})


async def approve_regrade(work: Work, *, id: UUID, expected_version: int) -> Finding:
    """Grade an issued MAJOR down as another person requested, with the caller's signature.

    Raises:
        Invalid: it has ended, or the signature has another meaning than APPROVED.
        Forbidden: the caller neither leads the audit of the finding nor is in quality.
        TransitionNotAllowed: nobody requested it, the caller did, or owns or owned the finding.
    """
    audit = await content.lock_audit(work, id)
    finding = await _requestable(work, id, expected_version, FindingRequest.REGRADE)
    content.require_corrector(work, finding, audit)
    work.require_meaning("findingApproveRegrade", Meaning.APPROVED)
    blockers = [
        blocker
        for guard in (majors.REGRADE_IS_REQUESTED, majors.REGRADE_APPROVER)
        for blocker in await guard.blockers(work, finding)
    ]
    grade = finding.requested_grade
    if blockers or grade is None:
        messages = " ".join(blocker.message for blocker in blockers)
        raise TransitionNotAllowed(
            f"findingApproveRegrade is not possible now. {messages}", blockers
        )
    work.set_reason(finding.request_reason)
    columns = await _graded(work, finding, grade)
    await work.change(finding, {**columns, **_NO_REQUEST})
    await work.sign(finding)
    await content.note_on_audit(work, audit)
    return finding


def _require_another(finding: Finding, grade: FindingGrade) -> None:
    if grade is finding.grade:
        message = f"{finding.reference} is graded {grade.value} already. Choose another grade."
        raise Invalid(message, "grade")


async def _graded(work: Work, finding: Finding, grade: FindingGrade) -> dict[str, Any]:
    """Return the columns of a grade: itself, due dates, and an alias where the prefix differs."""
    columns: dict[str, Any] = {"grade": grade}
    if finding.opened_on is not None:
        organization = await organization_of_caller(work)
        columns |= due_dates(organization, grade, finding.opened_on)
    prefix = Finding.PREFIXES[grade]
    if not any(
        (name or "").startswith(f"{prefix}-") for name in (finding.reference, finding.alias)
    ):
        columns["alias"] = await reference_numbers.take(work.session, prefix)
    return columns


async def _requestable(
    work: Work, id: UUID, expected_version: int, change: FindingRequest
) -> Finding:
    """Return an issued MAJOR about which a change can be requested, locked.

    Raises:
        Invalid: it has ended, is no issued MAJOR, or is in a state from which the change is not
            possible.
    """
    finding = await work.get_open(Finding, id, expected_version=expected_version)
    await _require_two_persons(work, finding, change)
    _require_state(finding, change)
    return finding


async def _require_two_persons(work: Work, finding: Finding, change: FindingRequest) -> None:
    if not await takes_two_persons(work, finding):
        message = (
            f"{finding.reference} was not issued as a MAJOR nonconformity, so no request is "
            f"needed. Call {_APPROVED_BY.get(change, 'findingRegrade')}."
        )
        raise Invalid(message, "id")


def _require_state(finding: Finding, change: FindingRequest) -> None:
    name = _APPROVED_BY.get(change)
    sources = Finding.workflow.transitions[name].sources if name else {finding.status}
    if finding.status not in sources:
        allowed = " or ".join(sorted(source.value for source in sources))
        message = (
            f"{finding.reference} is {finding.status.value}; {name} starts from {allowed}. "
            "Return it to one of these first."
        )
        raise Invalid(message, "id")


async def _request(
    work: Work, finding: Finding, change: FindingRequest, *, reason: str, **values: Any
) -> Finding:
    """Record a request in place of a pending one."""
    work.set_reason(reason)
    requested: dict[str, Any] = {"requested_change": change, "request_reason": reason}
    requested |= {"requested_at": clock.now(), "requested_by_id": work.caller.user_id}
    return await work.change(finding, {**_NO_REQUEST, **requested, **values})
