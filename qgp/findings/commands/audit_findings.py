"""Findings that an audit brings to light."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.audits.model import Audit, AuditClause, AuditResponse
from qgp.audits.model.terms import SCORED, AuditStatus
from qgp.audits.policy import READ, READ_RESPONSES
from qgp.kit.errors import Invalid
from qgp.kit.work import Work
from qgp.standards.model import Clause
from qgp.templates.model import QuestionClause

PLACES = ("site_id", "department_id", "process_id")
_TAKING = SCORED | {AuditStatus.IN_PROGRESS}


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
        response = await work.get(
            AuditResponse, values["response_id"], path="responseId", read=READ_RESPONSES
        )
        if values["audit_id"] not in {None, response.audit_id}:
            raise Invalid("This answer is of another audit. Leave the audit out.", "responseId")
        values["audit_id"] = response.audit_id
        questions = [response.question_id]
    if values["audit_id"] is None:
        return []
    audit = await work.get(Audit, values["audit_id"], path=path, read=READ)
    if audit.status not in _TAKING:
        told = f"This audit is {audit.status.value}; findings are raised until it is reported."
        raise Invalid(told, path)
    values |= {name: getattr(audit, name) for name in PLACES if values.get(name) is None}
    found = await clauses(work, audit, questions)
    return found[questions[0]] if questions else await _of_audit(work, audit)


async def clauses(
    work: Work, audit: Audit, question_ids: Sequence[UUID]
) -> Mapping[UUID, list[UUID]]:
    """Return the clauses in use that each question asks after, in the order they were named.

    Where it names none, it is the clause that the audit covers, if that is a single one.
    """
    link = QuestionClause
    asked: Any = sa.select(link.question_id, link.clause_id)
    asked = asked.join(Clause, Clause.id == link.clause_id).order_by(link.created_at, link.id)
    asked = asked.where(link.question_id.in_(question_ids), Clause.withdrawn_at.is_(None))
    found: dict[UUID, list[UUID]] = {id: [] for id in question_ids}
    for question_id, clause_id in await work.tuples(asked):
        found[question_id].append(clause_id)
    only = await _of_audit(work, audit) if not all(found.values()) else []
    return {id: named or only for id, named in found.items()}


async def _of_audit(work: Work, audit: Audit) -> list[UUID]:
    """Return the clause that an audit covers, if that is a single one in use."""
    asked: Any = sa.select(Clause.id).join(AuditClause, AuditClause.clause_id == Clause.id)
    asked = asked.where(AuditClause.audit_id == audit.id, Clause.withdrawn_at.is_(None))
    found = list(await work.rows(asked.limit(2)))
    return found if len(found) == 1 else []
