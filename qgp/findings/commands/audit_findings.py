"""Link of a new finding to its audit and audit response, and the values it inherits."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from qgp.audits.commands.audits import visible_audit
from qgp.audits.commands.responses import response_by_id
from qgp.audits.facts.related import TAKES_FINDINGS, TAKES_SUPPLEMENTS, clauses_in_use
from qgp.findings.commands import content
from qgp.kit import clock
from qgp.kit.errors import Forbidden, Invalid, Required
from qgp.kit.work import Work
from qgp.standards.facts import expired_clauses
from qgp.templates.facts import clauses_of_questions

PLACES = ("site_id", "department_id", "process_id")


async def inherit_from_audit(
    work: Work, values: dict[str, Any], detected_on: date, reason: str | None
) -> list[UUID]:
    """Check audit and response of a new finding, and return the clauses that it cites by default.

    Sets the response's audit, the audit's site, department and process where the finding has none
    of its own, and the columns of a supplement. The audit is locked, so that its report is not
    issued without the finding.

    Raises:
        Invalid: the response belongs to another audit, or the audit takes no findings in its
            status.
        Required, Forbidden: see `_supplement`.
        NotFound: one of them is not visible to the caller.
    """
    path, questions = "auditId", list[UUID]()
    if values["response_id"] is not None:
        path = "responseId" if values["audit_id"] is None else path
        response = await response_by_id(work, values["response_id"], path="responseId")
        if values["audit_id"] not in {None, response.audit_id}:
            raise Invalid(
                "The response belongs to another audit than `auditId`. Leave `auditId` out.",
                "responseId",
            )
        values["audit_id"] = response.audit_id
        questions = [response.question_id]
    if values["audit_id"] is None:
        return []
    audit = await visible_audit(work, values["audit_id"], path=path)
    if audit.status not in TAKES_FINDINGS:
        values |= _supplement(work, audit, reason, path)
    else:
        await content.note_on_audit(work, audit)
    values |= {name: getattr(audit, name) for name in PLACES if values.get(name) is None}
    if not questions:
        return await _of_audit(work, audit.id, detected_on)
    return (await clauses(work, audit.id, questions, detected_on))[questions[0]]


def _supplement(work: Work, audit: Any, reason: str | None, path: str) -> dict[str, Any]:
    """Return the columns of a finding that supplements an issued audit report.

    Raises:
        Invalid: the audit takes no supplement in its status.
        Forbidden: the caller is not its lead auditor.
        Required: there is no reason.
    """
    if audit.status is not TAKES_SUPPLEMENTS:
        message = (
            f"{audit.reference} is {audit.status.value}. Findings are raised between the start of "
            "an audit and its report, and supplements by its lead auditor while it is REPORTED. "
            "Leave the audit out, or raise the finding in another audit."
        )
        raise Invalid(message, path)
    if audit.lead_auditor_id != work.caller.user_id:
        message = (
            f"The report of {audit.reference} is issued, and you are not its lead auditor. Only "
            "the lead auditor adds a late finding; ask them, or leave the audit out."
        )
        raise Forbidden(message, path)
    if reason is None:
        message = (
            f"The report of {audit.reference} is issued. A late finding is a supplement to it and "
            "requires a reason; send one."
        )
        raise Required(message, "reason")
    return {"supplemented_at": clock.now(), "supplement_reason": reason}


async def clauses(
    work: Work, audit_id: UUID, question_ids: Sequence[UUID], detected_on: date
) -> Mapping[UUID, list[UUID]]:
    """Return the clauses in use that each question refers to and a finding may cite, in order.

    For a question without any, the only clause of the audit; empty if the audit has several.
    """
    cited: dict[UUID, list[UUID]] = {id: [] for id in question_ids}
    asked_after = await clauses_of_questions(work, question_ids)
    expired = await expired_clauses(work, {id for _, id in asked_after}, detected_on)
    for question_id, clause_id in asked_after:
        if clause_id not in expired:
            cited[question_id].append(clause_id)
    only = await _of_audit(work, audit_id, detected_on) if not all(cited.values()) else []
    return {id: of_question or only for id, of_question in cited.items()}


async def _of_audit(work: Work, audit_id: UUID, detected_on: date) -> list[UUID]:
    """Return the only clause in use that an audit covers and a finding may cite, or none."""
    clause_ids = [id for (id,) in await work.load(clauses_in_use, audit_id)]
    expired = await expired_clauses(work, clause_ids, detected_on)
    return clause_ids if len(clause_ids) == 1 and not expired else []
