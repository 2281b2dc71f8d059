"""Commands on findings (ISO 9001:2015, 10.2)."""

from datetime import date
from typing import Any
from uuid import UUID

from qgp.findings.commands import audit_findings, clauses
from qgp.findings.model import (
    NONCONFORMITIES,
    Finding,
    FindingSource,
    FindingStatus,
    due_days,
)
from qgp.findings.policy import READ, UPDATERS
from qgp.kit import clock
from qgp.kit.errors import Forbidden, Invalid, OutOfRange, Required, between
from qgp.kit.policy import Role, asking
from qgp.kit.shared_terms import FindingGrade
from qgp.kit.work import Work
from qgp.users.facts import fit_to_work


async def create(
    work: Work,
    *,
    primary_clause_id: UUID | None,
    clause_ids: list[UUID],
    detected_on: date | None,
    detected_by_id: UUID | None,
    **values: Any,
) -> Finding:
    """Write down what was found, as a draft; its grade decides how it is numbered.

    Args:
        work: the unit of work.
        primary_clause_id: the clause that it counts for in statistics; None for the one that the
            answer or the audit is about, which tell the places too that nobody names.
        clause_ids: further clauses.
        detected_on: day of the organization; None for today.
        detected_by_id: None for the caller.
        values: further columns.

    Raises:
        Invalid: a day ahead, a severity outside 1 to 5, an employee who reports for another
            source, clauses that do not fit, an owner who cannot work on it, or an audit that
            takes no findings now.
        NotFound: it points at something that the caller cannot see.
    """
    _reported(work, values)
    await _require_repeated(work, values)
    if values.get("owner_id") is not None:
        await fit_to_work(work, values["owner_id"])
    cited = await audit_findings.fit(work, values)
    finding = await work.add(
        Finding(
            status=FindingStatus.DRAFT,
            detected_on=_not_ahead(work, detected_on),
            detected_by_id=detected_by_id or work.caller.user_id,
            **values,
        )
    )
    if primary_clause_id is None and cited:
        primary_clause_id = cited[0]
        clause_ids = [id for id in clause_ids or cited if id != primary_clause_id]
    await clauses.write(work, finding, primary_clause_id, clause_ids)
    return finding


async def change(work: Work, *, id: UUID, expected_version: int, **changes: Any) -> Finding:
    """Change what the register says of a finding that has not ended.

    Raises:
        Invalid: it has ended; a day ahead, a severity outside 1 to 5, itself as what it repeats,
            containment both told and denied, clauses that do not fit, an owner who cannot work
            on it, or a nonconformity that is issued and would lose its primary clause or owner.
        Forbidden: the caller's role changes drafts of their own, and this is none.
        NotFound: it points at something that the caller cannot see.
    """
    finding = await work.get_open(Finding, id, expected_version=expected_version)
    _is_ones_own(work, finding)
    _reported(work, changes)
    await _require_repeated(work, changes)
    if changes.get("owner_id") not in {None, finding.owner_id}:
        await fit_to_work(work, changes["owner_id"])
    if "detected_on" in changes:
        _not_ahead(work, changes["detected_on"])
    _keep_what_was_issued(finding, changes)
    of_clauses = {name: changes.pop(name) for name in clauses.NAMES if name in changes}
    if of_clauses and await clauses.rewrite(work, finding, of_clauses):
        changes["updated_at"] = clock.now()  # the version counts changes of the clauses too
    return await work.change(finding, changes)


async def regrade(
    work: Work, *, id: UUID, expected_version: int, grade: FindingGrade, reason: str
) -> Finding:
    """Give a finding another grade; the reference stays, due days count from the opening.

    Raises:
        Invalid: it has ended, has the grade already, or would become an issued nonconformity
            without a primary clause.
    """
    finding = await work.get_open(Finding, id, expected_version=expected_version)
    if grade is finding.grade:
        raise Invalid(f"It is graded {grade.value} already. Choose another grade.", "grade")
    is_issued = finding.opened_on is not None
    if is_issued and grade in NONCONFORMITIES and not await clauses.has_primary(work, finding):
        told = "A nonconformity names the clause that is not met. Choose its primary clause."
        raise Invalid(told, "grade")
    work.set_reason(reason)
    due = {} if finding.opened_on is None else due_days(grade, finding.opened_on)
    return await work.change(finding, {"grade": grade, **due})


async def _require_repeated(work: Work, values: dict[str, Any]) -> None:
    """Refuse a finding that the caller does not see as the one that is repeated."""
    if (id := values.get("repeat_of_id")) is not None:
        await work.get(Finding, id, path="repeatOfId", read=READ)


def _reported(work: Work, values: dict[str, Any]) -> None:
    source = values.get("source_type", FindingSource.SELF_REPORT)
    if work.caller.role is Role.EMPLOYEE and source is not FindingSource.SELF_REPORT:
        told = "Your role reports what you noticed yourself. Choose SELF_REPORT."
        raise Invalid(told, "sourceType")


def _is_ones_own(work: Work, finding: Finding) -> None:
    """Let whoever wrote a draft change it, whatever their role."""
    is_own = finding.created_by_id == work.caller.user_id
    if work.caller.role in UPDATERS or (is_own and finding.status is FindingStatus.DRAFT):
        return
    told = "Your role changes drafts that you wrote yourself alone."
    raise Forbidden(f"{told} {asking(UPDATERS)}", "id")


def _not_ahead(work: Work, day: date | None) -> date:
    today = clock.today(work.caller.zone)
    if day is not None and day > today:
        told = "Nothing is detected on a day to come. Choose today or an earlier day."
        raise OutOfRange(told, "detectedOn", constraint=between(None, today))
    return day or today


def _keep_what_was_issued(finding: Finding, changes: dict[str, Any]) -> None:
    if finding.status is FindingStatus.DRAFT:
        return
    needed = {"statement": "statement", "evidence_text": "evidenceText", "owner_id": "ownerId"}
    if finding.is_nonconformity:
        needed["primary_clause_id"] = "primaryClauseId"
    for name, path in needed.items():
        if name in changes and changes[name] is None:
            raise Required("An issued finding keeps this. Put something else in its place.", path)
