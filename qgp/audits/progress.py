"""The steps of an audit, from the announcement to its end (ISO 19011:2018, 6)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from qgp.audits import (
    gathering,
    scoring,
    signed,  # noqa: F401  # registers what a signature seals
)
from qgp.audits.judging import Place
from qgp.audits.model import Audit
from qgp.audits.service import seen
from qgp.audits.sheets import Filled, sheet_of_audit
from qgp.audits.terms import SCORED, AuditResult
from qgp.findings.model import Finding
from qgp.findings.terms import FindingStatus, due_days
from qgp.kit import clock
from qgp.kit.errors import Invalid, OutOfRange, between
from qgp.kit.work import Work

_UNSCORED: Mapping[str, Any] = {
    "raw_score": None,
    "max_score": None,
    "score_pct": None,
    "score_hash": None,
    "overridden_pct": None,
    "override_reason": None,
    "overridden_by_id": None,
    "result": None,
    "completed_at": None,
}


async def schedule(work: Work, *, id: UUID, expected_version: int) -> Audit:
    """Announce an audit.

    Raises:
        TransitionNotAllowed: days, lead, scope, or both clause and template are missing.
    """
    audit = await seen(work, id, expected_version=expected_version)
    return await work.move(audit, "auditSchedule")


async def start(work: Work, *, id: UUID, expected_version: int) -> Audit:
    """Begin an audit; its published template version never changes, so nothing is copied.

    Raises:
        TransitionNotAllowed: somebody of the team is partial, or may not audit.
    """
    audit = await seen(work, id, expected_version=expected_version)
    return await work.move(audit, "auditStart", started_at=clock.now())


async def complete_fieldwork(work: Work, *, id: UUID, expected_version: int) -> Audit:
    """End the fieldwork and compute the score.

    Raises:
        TransitionNotAllowed: something has to be answered, or a failing answer needs more.
    """
    audit = await seen(work, id, expected_version=expected_version)
    filled: Filled = await work.load(sheet_of_audit, id)
    scored = {"completed_at": clock.now(), **_scored(filled)}
    return await work.move(audit, "auditCompleteFieldwork", **scored)


async def submit(work: Work, *, id: UUID, expected_version: int) -> Audit:
    """Hand an audit over to review.

    Raises:
        TransitionNotAllowed: a failing answer has neither a finding nor a reason, a draft finding
            cannot be opened, there is no conclusion, the caller does not lead it, or nothing is
            signed.
    """
    audit = await seen(work, id, expected_version=expected_version)
    return await work.move(audit, "auditSubmit")


async def report(work: Work, *, id: UUID, expected_version: int) -> Audit:
    """Issue an audit; its draft findings are opened with it (ISO 9001:2015, 9.2.2 d).

    Raises:
        TransitionNotAllowed: the caller took part in it, a draft finding cannot be opened, or
            nothing is signed.
    """
    audit = await seen(work, id, expected_version=expected_version)
    today, drafts = clock.today(work.caller.zone), await work.load(gathering.drafts, id)
    by = work.caller.user_id
    await work.move(audit, "auditReport", reported_on=today, reviewed_by_id=by)
    for (draft,) in drafts:
        finding = await work.get(Finding, draft.id)
        due = due_days(finding.grade, today)
        await work.move(finding, "findingOpen", opened_on=today, **due)
    return audit


async def send_back(work: Work, *, id: UUID, expected_version: int, reason: str) -> Audit:
    """Send an audit back from review; its score is computed anew later.

    Raises:
        TransitionNotAllowed: the caller took part in it.
    """
    audit = await seen(work, id, expected_version=expected_version)
    return await work.move(audit, "auditReturn", reason=reason, **_UNSCORED)


async def close(work: Work, *, id: UUID, expected_version: int) -> Audit:
    """Close an audit, and tell what its score would be with its findings closed.

    Raises:
        TransitionNotAllowed: a finding has not ended.
    """
    audit = await seen(work, id, expected_version=expected_version)
    filled: Filled = await work.load(sheet_of_audit, id)
    after = scoring.score(filled.sheet, await _mended(work, id, filled))
    today = clock.today(work.caller.zone)
    return await work.move(audit, "auditClose", closed_on=today, post_capa_pct=after.pct)


async def cancel(work: Work, *, id: UUID, expected_version: int, reason: str) -> Audit:
    """Give an audit up."""
    audit = await seen(work, id, expected_version=expected_version)
    return await work.move(audit, "auditCancel", reason=reason)


async def override_score(
    work: Work, *, id: UUID, expected_version: int, overridden_pct: Decimal, reason: str
) -> Audit:
    """Put another percentage in the place of the computed one; a critical failure still fails.

    Raises:
        Invalid: it is not 0 to 100 with two decimals, or the audit has no score to override now.
    """
    audit = await seen(work, id, expected_version=expected_version)
    if audit.status not in SCORED:
        told = f"This audit is {audit.status.value}; a score is overridden before the report."
        raise Invalid(told, "id")
    if not 0 <= overridden_pct <= 100 or overridden_pct != round(overridden_pct, 2):
        raise OutOfRange(
            "A percentage is 0 to 100, with at most two decimals.",
            "overriddenPct",
            constraint=between(0, 100),
        )
    if audit.score_pct is None:
        raise Invalid("Nothing was measured, so there is no score to override.", "id")
    filled: Filled = await work.load(sheet_of_audit, id)
    found = scoring.score(filled.sheet)
    checklist = filled.sheet.checklist
    result = checklist.result(overridden_pct, is_critical_failed=found.is_critical_failed)
    work.explain(reason)
    by = {"overridden_by_id": work.caller.user_id, "override_reason": reason, "result": result}
    return await work.change(audit, {"overridden_pct": overridden_pct, **by})


def _scored(filled: Filled) -> dict[str, Any]:
    """Return the columns of a score; without a checklist there is nothing to measure."""
    if filled.version is None:
        return {"result": AuditResult.UNSCORED}
    found = scoring.score(filled.sheet)
    points = {"raw_score": found.raw, "max_score": found.maximum}
    return {**points, "score_pct": found.pct, "score_hash": found.hash, "result": found.result}


async def _mended(work: Work, id: UUID, filled: Filled) -> frozenset[Place]:
    """Return the places whose answer failed and whose findings are all closed by now."""
    states: dict[UUID, set[FindingStatus]] = {}
    for response_id, _, status, *_ in await work.load(gathering.findings, id):
        states.setdefault(response_id, set()).add(status)
    return frozenset(
        (response.question_id, response.repeat_index)
        for _, response in filled.failing
        if states.get(response.id) == {FindingStatus.CLOSED}
    )
