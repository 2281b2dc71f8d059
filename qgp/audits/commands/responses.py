"""The answers of an audit's team, also of devices that were offline for a while.

There is one answer for each question and run of its section. Each device counts what it writes
(`clientSequence`), so that sending something again is harmless:

- A device's newer count replaces what the same device wrote before.
- The count that stands, with the same content, is done already: a success that changes nothing.
- An older count changes nothing, and so does the same count with other content, or a count of the
  device's that another device has since written over: a conflict.
- What another device wrote is replaced if the new answer was given later (`answeredAt`); if it
  was given earlier or at the same instant, the other one stands: a conflict.

A conflict is returned with the answer that stands.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.audits.facts import related
from qgp.audits.facts.scoring import rounded
from qgp.audits.model import Audit, AuditResponse, AuditTeamMember
from qgp.audits.model.terms import ANSWERERS, AuditStatus
from qgp.audits.policy import READ, READ_RESPONSES
from qgp.kit import clock, ids
from qgp.kit.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    OutOfRange,
    Required,
    between,
    require_at_most,
)
from qgp.kit.work import Work
from qgp.organizations.facts import require_site_unfiltered
from qgp.templates.facts import question_of_version
from qgp.templates.facts.answer_values import written
from qgp.templates.facts.checklists import Answer, judge, texts
from qgp.templates.facts.parts import options_of_unfiltered, question
from qgp.users.facts import require_user_unfiltered

AHEAD = timedelta(minutes=5)
MOST_CLIENTS = 50
_POINTERS: Mapping[str, tuple[str, str, Any]] = {
    "user_id": ("usr", "userId", require_user_unfiltered),
    "site_id": ("sit", "siteId", require_site_unfiltered),
}


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
    """Write an answer down, unless a newer one stands; hidden questions take answers too.

    Args:
        work: the unit of work.
        audit_id: the audit, which is under way.
        question_id: of the audit's checklist.
        repeat_index: the run of the question's section, from 0.
        client_id, client_sequence: the device and its count, from 1.
        answered_at: by the device's clock, at most 5 minutes ahead of ours.
        said: value, is_na, na_reason and comment.

    Raises:
        Conflict: an answer stands that is newer.
        Forbidden: the caller is not on the team, or only looks on.
        Invalid: the audit is not under way, or this is no answer to the question.
        NotFound: no such audit or question.
    """
    audit = await answerable(work, audit_id, AuditStatus.IN_PROGRESS)
    if not client_sequence >= 1:
        raise OutOfRange("A device counts from 1.", "clientSequence", constraint=between(1, None))
    if answered_at > clock.now() + AHEAD:
        raise OutOfRange(
            "Nothing is answered in times to come. Check the clock.",
            "answeredAt",
            constraint=between(None, "now"),
        )
    asked, version = await _asked(work, audit, question_id, repeat_index)
    content = await _content(work, asked, version, **said)
    place = {"question_id": question_id, "repeat_index": repeat_index}
    device = {"client_id": client_id, "client_sequence": client_sequence}
    facts = {**content, **device, "answered_at": answered_at}
    facts["answered_by_id"] = work.caller.user_id
    standing = await _standing(work, audit_id, **place)
    if standing is None:
        counts = {client_id: client_sequence}
        return await work.add(
            AuditResponse(audit_id=audit_id, client_sequences=counts, **place, **facts)
        )
    if _is_done(standing, content, client_id, client_sequence, answered_at):
        return standing
    counts = {**standing.client_sequences, client_id: client_sequence}
    message = f"At most {MOST_CLIENTS} devices answer one question."
    require_at_most(MOST_CLIENTS, len(counts), message, "clientId")
    reason = standing.no_finding_reason if content["is_failed"] else None
    return await work.change(
        standing, {**facts, "client_sequences": counts, "no_finding_reason": reason}
    )


async def justify_no_finding(
    work: Work, *, id: UUID, expected_version: int, reason: str
) -> AuditResponse:
    """Say why a failing answer needs no finding.

    Raises:
        Invalid: it does not fail, has a finding, or the audit is past its fieldwork.
        Forbidden: the caller is not on the team, or only looks on.
        NotFound, StaleVersion: there is no such answer, or another version of it.
    """
    response = await response_by_id(work, id, expected_version=expected_version)
    states = (AuditStatus.IN_PROGRESS, AuditStatus.FIELDWORK_DONE)
    await answerable(work, response.audit_id, *states, path="id")
    if not response.is_failed:
        raise Invalid("This answer does not fail, so no finding is missed.", "id")
    findings = await work.load(related.findings, response.audit_id)
    if id in {response_id for response_id, *_ in findings}:
        raise Invalid("A finding is about this answer, so none is missed.", "id")
    work.set_reason(reason)
    return await work.change(response, {"no_finding_reason": reason})


async def response_by_id(
    work: Work, id: UUID, *, expected_version: int | None = None, path: str = "id"
) -> AuditResponse:
    """Return a response that the caller may see, locked; `path` locates its id.

    Raises:
        NotFound, StaleVersion: there is no such response, or another version of it.
    """
    return await work.get(
        AuditResponse, id, expected_version=expected_version, path=path, read=READ_RESPONSES
    )


async def answerable(
    work: Work, audit_id: UUID, *states: AuditStatus, path: str = "auditId"
) -> Audit:
    """Return an audit whose team the caller is on, locked.

    Raises:
        NotFound: there is none, or it is hidden from the caller.
        Invalid: it is in none of the states.
        Forbidden: the caller is not on the team, or only looks on.
    """
    audit = await work.get(Audit, audit_id, path=path, read=READ)
    if audit.status not in states:
        while_ = " or ".join(state.value for state in states)
        told = f"This audit is {audit.status.value}; this is done while it is {while_}."
        raise Invalid(told, path)
    mine = sa.select(AuditTeamMember.role).where(
        AuditTeamMember.audit_id == audit_id, AuditTeamMember.user_id == work.caller.user_id
    )
    if not ANSWERERS & set(await work.rows(mine)):
        told = "Only the team of an audit does this, but for observers. Ask its lead to add you."
        raise Forbidden(told, path)
    return audit


async def _asked(work: Work, audit: Audit, question_id: UUID, repeat_index: int) -> tuple[Any, Any]:
    """Return a question of the audit's checklist, and the checklist's version."""
    rows = await question_of_version(work, question_id, audit.template_version_id)
    if not rows:
        message = "No Question with this id is part of the audit's checklist."
        raise NotFound(message, "questionId")
    row, section, version = rows[0]
    most = (section.max_repeats or 1) - 1
    if not 0 <= repeat_index <= most:
        told = f"This section has runs 0 to {most}." if most else "This section has one run, 0."
        raise OutOfRange(told, "repeatIndex", constraint=between(0, most))
    return row, version


async def _content(
    work: Work,
    asked: Any,
    version: Any,
    *,
    value: Mapping[str, Any] | None,
    is_na: bool,
    na_reason: str | None,
    comment: str | None,
) -> dict[str, Any]:
    """Return the columns that say what was answered."""
    if is_na == bool(value):
        refused = Invalid if value else Required
        raise refused("Give a value, or say that the question does not apply.", "value")
    if not is_na and na_reason:
        raise Invalid("The question applies; leave this out.", "naReason")
    told: dict[str, Any] = {"is_na": is_na, "na_reason": na_reason, "comment": comment}
    if value is None:
        if not (asked.is_na_allowed and version.is_na_allowed):
            raise Invalid("This question always applies. Give a value.", "isNa")
        if na_reason is None:
            raise Required("Say why the question does not apply.", "naReason")
        return {**told, "value": None, "score": None, "max_score": None, "is_failed": False}
    options = await options_of_unfiltered(work, asked)
    pointed = await _pointed(work, value)
    kept = written(asked, [option.key for option in options], pointed)
    answer = Answer(asked.id, texts=texts(kept))
    share, is_failed = judge(question(asked, options), answer)
    points = _points(asked, share)
    return {**told, "value": kept, "is_failed": is_failed, **points}


def _points(asked: Any, share: Fraction | None) -> dict[str, Any]:
    if share is None or asked.max_score is None:
        return {"score": None, "max_score": None}
    most = Fraction(asked.max_score)
    return {"score": rounded(share * most), "max_score": rounded(most)}


async def _pointed(work: Work, value: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the value with public ids, of records that are there."""
    (kind, given), *_ = value.items()
    if kind not in _POINTERS:
        return value
    prefix, name, require = _POINTERS[kind]
    await require(work, given, "value", name)
    return {kind: ids.encode(prefix, given)}


async def _standing(work: Work, audit_id: UUID, **place: Any) -> AuditResponse | None:
    wanted = sa.select(AuditResponse).where(AuditResponse.audit_id == audit_id)
    found: Sequence[AuditResponse] = await work.rows(wanted.filter_by(**place))
    return found[0] if found else None


def _is_done(
    standing: AuditResponse,
    content: Mapping[str, Any],
    client_id: str,
    client_sequence: int,
    answered_at: datetime,
) -> bool:
    """Say whether what was sent stands already.

    Raises:
        Conflict: something newer stands; see above.
    """
    last = standing.client_sequences.get(client_id, 0)
    is_same_device = standing.client_id == client_id
    if client_sequence == last and is_same_device:
        said = ("value", "is_na", "na_reason", "comment")
        if all(getattr(standing, name) == content[name] for name in said):
            return True
        told = "This count stands with another answer. Count on, and send yours again."
        raise Conflict(told, "clientSequence", stands=standing.id)
    if client_sequence <= last:
        told = "This device has written here since; what stands is in the payload."
        raise Conflict(told, "clientSequence", stands=standing.id)
    if not is_same_device and answered_at <= standing.answered_at:
        told = "Another device answered later; what stands is in the payload."
        raise Conflict(told, "answeredAt", stands=standing.id)
    return False
