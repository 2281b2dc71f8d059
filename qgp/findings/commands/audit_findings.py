"""Findings that an audit brings to light."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from qgp.audits.commands.audits import seen
from qgp.audits.commands.responses import response_by_id
from qgp.audits.facts.related import TAKES_FINDINGS, clauses_in_use
from qgp.kit.errors import Invalid
from qgp.kit.work import Work
from qgp.templates.facts import clauses_of_questions

PLACES = ("site_id", "department_id", "process_id")


async def fit(work: Work, values: dict[str, Any]) -> list[UUID]:
    """Make sure that audit and answer of a new finding go together; the answer knows its audit.

    The finding takes the audit's places over that it does not name itself, and the clauses that
    it may be against come back, the first one first. The audit is locked, so that it is not
    reported without the finding.

    Raises:
        Invalid: the answer is of another audit, or the audit is not between start and report.
        NotFound: one of them is not visible to the caller.
    """
    path, questions = "auditId", list[UUID]()
    if values["response_id"] is not None:
        path = "responseId" if values["audit_id"] is None else path
        response = await response_by_id(work, values["response_id"], path="responseId")
        if values["audit_id"] not in {None, response.audit_id}:
            raise Invalid("This answer is of another audit. Leave the audit out.", "responseId")
        values["audit_id"] = response.audit_id
        questions = [response.question_id]
    if values["audit_id"] is None:
        return []
    audit = await seen(work, values["audit_id"], path=path)
    if audit.status not in TAKES_FINDINGS:
        told = f"This audit is {audit.status.value}; findings are raised until it is reported."
        raise Invalid(told, path)
    values |= {name: getattr(audit, name) for name in PLACES if values.get(name) is None}
    cited = await clauses(work, audit.id, questions)
    return cited[questions[0]] if questions else await _of_audit(work, audit.id)


async def clauses(
    work: Work, audit_id: UUID, question_ids: Sequence[UUID]
) -> Mapping[UUID, list[UUID]]:
    """Return the clauses in use that each question asks after, in the order they were named.

    Where it names none, it is the clause that the audit covers, if that is a single one.
    """
    found: dict[UUID, list[UUID]] = {id: [] for id in question_ids}
    for question_id, clause_id in await clauses_of_questions(work, question_ids):
        found[question_id].append(clause_id)
    only = await _of_audit(work, audit_id) if not all(found.values()) else []
    return {id: named or only for id, named in found.items()}


async def _of_audit(work: Work, audit_id: UUID) -> list[UUID]:
    """Return the clause that an audit covers, if that is a single one in use."""
    clause_ids = [id for (id,) in await work.load(clauses_in_use, audit_id)]
    return clause_ids if len(clause_ids) == 1 else []
