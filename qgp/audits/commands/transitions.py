"""The rules behind the score and the report of an audit (ISO 19011:2018, 6)."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from qgp.audits.commands.audits import seen
from qgp.audits.facts import related, scoring
from qgp.audits.facts.checklists import Filled, sheet_of_audit
from qgp.audits.model import Audit
from qgp.audits.model.terms import SCORED, AuditResult
from qgp.kit.errors import Invalid, OutOfRange, between
from qgp.kit.work import Work
from qgp.templates.facts.checklists import Place


async def complete_fieldwork(work: Work, audit: Audit) -> Audit:
    """End the fieldwork and compute the score.

    Raises:
        TransitionNotAllowed: something has to be answered, or a failing answer needs more.
    """
    filled: Filled = await work.load(sheet_of_audit, audit.id)
    return await work.move(audit, "auditCompleteFieldwork", **_scored(filled))


async def issue_report(work: Work, audit: Audit) -> Audit:
    """Issue an audit; its draft findings are opened with it (ISO 9001:2015, 9.2.2 d).

    Raises:
        TransitionNotAllowed: the caller took part in it, a draft finding cannot be opened, or
            nothing is signed.
    """
    drafts = await work.load(related.findings_drafted, audit.id)
    await work.move(audit, "auditIssueReport")
    for (draft,) in drafts:
        await work.move(await work.get(type(draft), draft.id), related.OPENS_FINDING)
    return audit


async def close(work: Work, audit: Audit) -> Audit:
    """Close an audit, and tell what its score would be with its findings closed.

    Raises:
        TransitionNotAllowed: a finding has not ended.
    """
    filled: Filled = await work.load(sheet_of_audit, audit.id)
    after = scoring.score(filled.sheet, await _mended(work, audit.id, filled))
    return await work.move(audit, "auditClose", post_capa_pct=after.pct)


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
    result = scoring.result(
        filled.sheet.checklist, overridden_pct, is_critical_failed=found.is_critical_failed
    )
    work.set_reason(reason)
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
    are_closed: dict[UUID, set[bool]] = {}
    for response_id, _, is_closed, _ in await work.load(related.findings, id):
        are_closed.setdefault(response_id, set()).add(is_closed)
    return frozenset(
        (response.question_id, response.repeat_index)
        for _, response in filled.failing
        if are_closed.get(response.id) == {True}
    )
