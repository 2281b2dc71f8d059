"""Draft findings of an audit, derived from its failing responses."""

from typing import Any
from uuid import UUID

from qgp.audits.commands.audits import draftable_audit
from qgp.audits.facts import related
from qgp.audits.facts.checklists import checklist_of_audit, grade_of, missing_findings
from qgp.findings.commands import audit_findings, clauses
from qgp.findings.model import Finding, FindingSource, FindingStatus
from qgp.kit import clock
from qgp.kit.model import Record
from qgp.kit.work import Work
from qgp.users.facts import is_fit_to_work

MOST_DRAFTS = 100
_TITLE = 200
_PREFIX = "Nonconforming answer: "


async def draft(work: Work, *, id: UUID, expected_version: int) -> Record:
    """Draft a finding for each failing response that lacks the one its question requires.

    Idempotent: where none is missing, nothing changes.

    Raises:
        Invalid: the audit is neither IN_PROGRESS nor FIELDWORK_DONE.
        Forbidden: the caller is neither in quality nor on the audit team, or is an observer.
        NotFound, StaleVersion: no such audit, or it has another version.
    """
    audit = await draftable_audit(work, id, expected_version=expected_version)
    filled = await work.load(checklist_of_audit, id)
    findings: Any = await work.load(related.findings, id)
    lacking = missing_findings(filled, findings)[:MOST_DRAFTS]
    if lacking:
        owner_id = await _owner(work, id)
        question_ids, today = (
            [question.id for question, _ in lacking],
            clock.today(work.caller.zone),
        )
        cited = await audit_findings.clauses(work, id, question_ids, today)
        for question, response in lacking:
            finding = await work.add(_drafted(work, audit, question, response, owner_id))
            about = cited[question.id]
            await clauses.add(work, finding, about[0] if about else None, about[1:])
    return audit


def _drafted(
    work: Work, audit: Any, question: Any, response: Any, owner_id: UUID | None
) -> Finding:
    """Return the draft finding of a failing response; the auditor writes its statement."""
    run = f" (run {response.repeat_index + 1})" if response.repeat_index else ""
    line = _PREFIX + " ".join(question.text.split())
    room = _TITLE - len(run)
    return Finding(
        status=FindingStatus.DRAFT,
        grade=grade_of(question),
        source_type=FindingSource.AUDIT,
        title=(line if len(line) <= room else f"{line[: room - 1]}…") + run,
        evidence_text=response.comment,
        detected_on=clock.today(work.caller.zone),
        detected_by_id=work.caller.user_id,
        owner_id=owner_id,
        audit_id=audit.id,
        response_id=response.id,
        **{name: getattr(audit, name) for name in audit_findings.PLACES},
    )


async def _owner(work: Work, audit_id: UUID) -> UUID | None:
    """Return the auditee, if there is exactly one and they may be an owner."""
    auditees = [user_id for (user_id,) in await work.load(related.auditee_ids, audit_id)]
    is_clear = len(auditees) == 1 and await is_fit_to_work(work, auditees[0])
    return auditees[0] if is_clear else None
