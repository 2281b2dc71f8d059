"""Commands that complete, issue and close an audit, and override its score (ISO 19011:2018, 6)."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from qgp.audits.commands.audits import visible_audit
from qgp.audits.facts import related, scoring
from qgp.audits.facts.checklists import AuditChecklist, checklist_of_audit
from qgp.audits.model import Audit
from qgp.audits.model.terms import SCORED, AuditResult
from qgp.kit.errors import Invalid, OutOfRange, between
from qgp.kit.work import Work
from qgp.templates.facts.checklists import Place


async def complete_fieldwork(work: Work, audit: Audit) -> Audit:
    """Complete the fieldwork and compute the score.

    Raises:
        TransitionNotAllowed: a required question has no response, or a failing response is
            incomplete.
    """
    filled: AuditChecklist = await work.load(checklist_of_audit, audit.id)
    return await work.move(audit, "auditCompleteFieldwork", **_scored(filled))


async def issue_report(work: Work, audit: Audit) -> Audit:
    """Issue the audit report, and open the draft findings with it (ISO 9001:2015, 9.2.2 d).

    Raises:
        TransitionNotAllowed: the caller took part in the audit, a draft finding cannot be opened,
            or there is no signature.
    """
    drafts = await work.load(related.findings_drafted, audit.id)
    await work.move(audit, "auditIssueReport")
    for (draft,) in drafts:
        await work.move(await work.get(type(draft), draft.id), related.OPENS_FINDING)
    return audit


async def close(work: Work, audit: Audit) -> Audit:
    """Close an audit, and compute the score after its corrective actions.

    Raises:
        TransitionNotAllowed: a finding is neither CLOSED, ACCEPTED nor VOID.
    """
    filled: AuditChecklist = await work.load(checklist_of_audit, audit.id)
    after = scoring.score(filled.sheet, await _corrected(work, audit.id, filled))
    return await work.move(audit, "auditClose", post_capa_pct=after.pct)


async def override_score(
    work: Work, *, id: UUID, expected_version: int, overridden_pct: Decimal, reason: str
) -> Audit:
    """Override the score; a failed CRITICAL question still fails the audit.

    Raises:
        Invalid: the percentage is not 0 to 100 with two decimals, or there is no score to override.
    """
    audit = await visible_audit(work, id, expected_version=expected_version)
    if audit.status not in SCORED:
        message = (
            f"{audit.reference} is {audit.status.value}. A score is overridden while the audit is "
            "FIELDWORK_DONE or IN_REVIEW; leave it as it is."
        )
        raise Invalid(message, "id")
    if not 0 <= overridden_pct <= 100 or overridden_pct != round(overridden_pct, 2):
        raise OutOfRange(
            "overriddenPct is out of range. A percentage is from 0 to 100, with at most two "
            "decimals; send another.",
            "overriddenPct",
            constraint=between(0, 100),
        )
    if audit.score_pct is None:
        raise Invalid(
            "The audit has no score: no scored question was answered. Only a computed score can "
            "be overridden; leave it as it is.",
            "id",
        )
    filled: AuditChecklist = await work.load(checklist_of_audit, id)
    score = scoring.score(filled.sheet)
    result = scoring.result(
        filled.sheet.checklist, overridden_pct, is_critical_failed=score.is_critical_failed
    )
    work.set_reason(reason)
    by = {"overridden_by_id": work.caller.user_id, "override_reason": reason, "result": result}
    return await work.change(audit, {"overridden_pct": overridden_pct, **by})


def _scored(filled: AuditChecklist) -> dict[str, Any]:
    """Return the columns of a score; an audit without a checklist is UNSCORED."""
    if filled.version is None:
        return {"result": AuditResult.UNSCORED}
    score = scoring.score(filled.sheet)
    points = {"raw_score": score.raw, "max_score": score.maximum}
    return {**points, "score_pct": score.pct, "score_hash": score.hash, "result": score.result}


async def _corrected(work: Work, id: UUID, filled: AuditChecklist) -> frozenset[Place]:
    """Return the places of failing responses whose findings are all CLOSED."""
    are_closed: dict[UUID, set[bool]] = {}
    for finding in await work.load(related.findings, id):
        are_closed.setdefault(finding.response_id, set()).add(finding.is_closed)
    return frozenset(
        (response.question_id, response.repeat_index)
        for _, response in filled.failing
        if are_closed.get(response.id) == {True}
    )
