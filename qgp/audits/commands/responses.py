"""Responses of an audit team, recorded online or sent later by a device that was offline.

There is one response for each question and repetition of its section. Each device numbers its
responses (`clientSequence`), so that sending one again is safe:

- A higher number of the same device replaces its former response.
- The current number with the same content succeeds and changes nothing.
- A lower number is a conflict, and so is the same number with other content, or a number of a
  response that another device has replaced since.
- Another device's response is replaced by a later one (`answeredAt`); an earlier or simultaneous
  one is a conflict.

A conflict changes nothing and returns the current response.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.audits.commands.response_content import content_of
from qgp.audits.facts import related
from qgp.audits.model import Audit, AuditResponse, AuditTeamMember
from qgp.audits.model.terms import ANSWERERS, AuditStatus
from qgp.audits.policy import READ, READ_RESPONSES
from qgp.kit import clock
from qgp.kit.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    OutOfRange,
    between,
    require_at_most,
)
from qgp.kit.work import Work
from qgp.templates.facts import question_of_version

AHEAD = timedelta(minutes=5)
MOST_CLIENTS = 50


async def record(
    work: Work,
    *,
    audit_id: UUID,
    question_id: UUID,
    repeat_index: int,
    client_id: str,
    client_sequence: int,
    answered_at: datetime,
    **said: Any,
) -> AuditResponse:
    """Record a response, unless the current one is newer; hidden questions take responses too.

    Args:
        work: the unit of work.
        audit_id: the audit, IN_PROGRESS.
        question_id: of the audit's checklist.
        repeat_index: the repetition of the question's section, from 0.
        client_id, client_sequence: the device and its number of the response, from 1.
        answered_at: by the device's clock, at most 5 minutes ahead of the server's.
        content: value, is_na, na_reason and comment.

    Raises:
        Conflict: the current response is newer.
        Forbidden: the caller is not on the audit team, or an observer.
        Invalid: the audit is not IN_PROGRESS, or the value does not fit the question.
        NotFound: no such audit or question.
    """
    audit = await answerable(work, audit_id, AuditStatus.IN_PROGRESS)
    if not client_sequence >= 1:
        raise OutOfRange(
            "clientSequence is below 1. A device numbers its responses from 1; send the next "
            "number.",
            "clientSequence",
            constraint=between(1, None),
        )
    if answered_at > clock.now() + AHEAD:
        raise OutOfRange(
            "answeredAt is more than 5 minutes in the future. Check the device's clock and "
            "send the response again.",
            "answeredAt",
            constraint=between(None, "now"),
        )
    question, version = await _asked(work, audit, question_id, repeat_index)
    content = await content_of(work, question, version, **said)
    place = {"question_id": question_id, "repeat_index": repeat_index}
    device = {"client_id": client_id, "client_sequence": client_sequence}
    facts = {**content, **device, "answered_at": answered_at}
    facts["answered_by_id"] = work.caller.user_id
    existing = await _existing(work, audit_id, **place)
    if existing is None:
        counts = {client_id: client_sequence}
        return await work.add(
            AuditResponse(audit_id=audit_id, client_sequences=counts, **place, **facts)
        )
    if _is_done(existing, content, client_id, client_sequence, answered_at):
        return existing
    counts = {**existing.client_sequences, client_id: client_sequence}
    message = (
        f"{MOST_CLIENTS} devices have responded to this question. At most {MOST_CLIENTS} do; "
        "respond from one of them."
    )
    require_at_most(MOST_CLIENTS, len(counts), message, "clientId")
    reason = existing.no_finding_reason if content["is_failed"] else None
    return await work.change(
        existing, {**facts, "client_sequences": counts, "no_finding_reason": reason}
    )


async def justify_no_finding(
    work: Work, *, id: UUID, expected_version: int, reason: str
) -> AuditResponse:
    """Record why a failing response needs no finding.

    Raises:
        Invalid: it does not fail, has a finding, or the audit is neither IN_PROGRESS nor
            FIELDWORK_DONE.
        Forbidden: the caller is not on the audit team, or an observer.
        NotFound, StaleVersion: no such response, or another version of it.
    """
    response = await response_by_id(work, id, expected_version=expected_version)
    states = (AuditStatus.IN_PROGRESS, AuditStatus.FIELDWORK_DONE)
    await answerable(work, response.audit_id, *states, path="id")
    if not response.is_failed:
        raise Invalid(
            "This response does not fail its question. Only a failing response needs a reason for "
            "having no finding; leave it as it is.",
            "id",
        )
    findings = await work.load(related.findings, response.audit_id)
    if id in {finding.response_id for finding in findings}:
        raise Invalid(
            "This response has a finding already. Only a failing response without one needs a "
            "reason; leave it as it is.",
            "id",
        )
    work.set_reason(reason)
    return await work.change(response, {"no_finding_reason": reason})


async def response_by_id(
    work: Work, id: UUID, *, expected_version: int | None = None, path: str = "id"
) -> AuditResponse:
    """Return a response visible to the caller, locked; `path` locates its id.

    Raises:
        NotFound, StaleVersion: no such response, or another version of it.
    """
    return await work.get(
        AuditResponse, id, expected_version=expected_version, path=path, read=READ_RESPONSES
    )


async def answerable(
    work: Work, audit_id: UUID, *states: AuditStatus, path: str = "auditId"
) -> Audit:
    """Return an audit for which the caller may record responses, locked.

    Raises:
        NotFound: no such audit visible to the caller.
        Invalid: it has none of the statuses.
        Forbidden: the caller is not on the audit team, or an observer.
    """
    audit = await work.get(Audit, audit_id, path=path, read=READ)
    if audit.status not in states:
        required = " or ".join(state.value for state in states)
        message = (
            f"{audit.reference} is {audit.status.value}. This requires an audit that is "
            f"{required}; choose another."
        )
        raise Invalid(message, path)
    mine = sa.select(AuditTeamMember.role).where(
        AuditTeamMember.audit_id == audit_id, AuditTeamMember.user_id == work.caller.user_id
    )
    if not ANSWERERS & set(await work.rows(mine)):
        message = (
            "You are not on the audit team, or an observer. Only the other members record "
            "responses and samples; ask the lead auditor to add you."
        )
        raise Forbidden(message, path)
    return audit


async def _asked(work: Work, audit: Audit, question_id: UUID, repeat_index: int) -> tuple[Any, Any]:
    """Return a question of the audit's checklist, and its template version."""
    rows = await question_of_version(work, question_id, audit.template_version_id)
    if not rows:
        message = (
            "No Question with this id is in the audit's checklist. Send the id of a question of "
            "its template version."
        )
        raise NotFound(message, "questionId")
    row, section, version = rows[0]
    most = (section.max_repeats or 1) - 1
    if not 0 <= repeat_index <= most:
        message = (
            f"repeatIndex is {repeat_index}. This section has the repetitions 0 to {most}; "
            "send one of them."
        )
        raise OutOfRange(message, "repeatIndex", constraint=between(0, most))
    return row, version


async def _existing(work: Work, audit_id: UUID, **place: Any) -> AuditResponse | None:
    statement = sa.select(AuditResponse).where(AuditResponse.audit_id == audit_id)
    responses: Sequence[AuditResponse] = await work.rows(statement.filter_by(**place))
    return responses[0] if responses else None


def _is_done(
    existing: AuditResponse,
    content: Mapping[str, Any],
    client_id: str,
    client_sequence: int,
    answered_at: datetime,
) -> bool:
    """Return whether the same response was recorded before.

    Raises:
        Conflict: the current response is newer; see the module.
    """
    last = existing.client_sequences.get(client_id, 0)
    is_same_device = existing.client_id == client_id
    if client_sequence == last and is_same_device:
        said = ("value", "is_na", "na_reason", "comment")
        if all(getattr(existing, name) == content[name] for name in said):
            return True
        message = (
            "This clientSequence was used with another content. Each number is used once; send "
            "the response again with the next number."
        )
        raise Conflict(message, "clientSequence", current=existing.id)
    if client_sequence <= last:
        message = (
            "clientSequence is not above the device's last one for this question. The current "
            "response is in the payload; to replace it, send a higher number."
        )
        raise Conflict(message, "clientSequence", current=existing.id)
    if not is_same_device and answered_at <= existing.answered_at:
        message = (
            "Another device has responded at the same time or later. The current response is in "
            "the payload; to replace it, respond with a later answeredAt."
        )
        raise Conflict(message, "answeredAt", current=existing.id)
    return False
