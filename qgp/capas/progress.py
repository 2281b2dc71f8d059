"""The steps of a CAPA, from the opening to its end, over as many rounds as it takes."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.capas.guards import recurred, recurrences
from qgp.capas.model import Capa, CapaFinding, CapaRound
from qgp.capas.service import seen
from qgp.capas.terms import CapaResult, CapaStatus, EffectivenessMetric
from qgp.findings.model import Finding
from qgp.findings.terms import FindingStatus
from qgp.kit import clock
from qgp.kit.errors import Invalid, Required, TransitionNotAllowed
from qgp.kit.work import Work

# What a round leaves behind in its own record, or has to find again.
_AFRESH: dict[str, Any] = {
    "cause_known_reason": None,
    "risk_review_note": None,
    "document_change_note": None,
    "training_note": None,
    "implemented_on": None,
    "verified_by_id": None,
    "effectiveness_due_on": None,
    "waiver_reason": None,
    "closed_on": None,
}


async def open(work: Work, *, id: UUID, expected_version: int) -> Capa:
    """Issue a draft to its owner.

    Raises:
        TransitionNotAllowed: nobody owns it, or nothing is behind it.
    """
    capa = await seen(work, id, expected_version=expected_version)
    return await work.move(capa, "capaOpen")


async def analyze(work: Work, *, id: UUID, expected_version: int) -> Capa:
    """Begin to look for the cause (ISO 9001:2015, 10.2.1 b)."""
    capa = await seen(work, id, expected_version=expected_version)
    return await work.move(capa, "capaAnalyze")


async def plan(work: Work, *, id: UUID, expected_version: int) -> Capa:
    """Begin to plan actions, now that the cause is known.

    Raises:
        TransitionNotAllowed: no analysis of this round is completed, and no reason says why the
            cause is known.
    """
    capa = await seen(work, id, expected_version=expected_version)
    return await work.move(capa, "capaPlan")


async def implement(work: Work, *, id: UUID, expected_version: int) -> Capa:
    """Have the plan carried out (ISO 9001:2015, 10.2.1 c).

    Raises:
        TransitionNotAllowed: nothing is planned, effectiveness is not defined, quality has to
            approve, or the risks are to be reviewed before.
    """
    capa = await seen(work, id, expected_version=expected_version)
    return await work.move(capa, "capaImplement")


async def verify(work: Work, *, id: UUID, expected_version: int) -> Capa:
    """Hand it over to be verified: what was planned is done since today.

    Raises:
        TransitionNotAllowed: actions are left, documents to be published or people to be trained.
    """
    capa = await seen(work, id, expected_version=expected_version)
    return await work.move(capa, "capaVerify", implemented_on=clock.today(work.caller.zone))


async def check_effectiveness(work: Work, *, id: UUID, expected_version: int) -> Capa:
    """Say that what was planned is done; from today on time has to show whether it works.

    Raises:
        TransitionNotAllowed: the caller took part.
    """
    capa = await seen(work, id, expected_version=expected_version)
    due = clock.today(work.caller.zone) + timedelta(days=capa.window_days)
    return await work.move(
        capa,
        "capaCheckEffectiveness",
        effectiveness_due_on=due,
        verified_by_id=work.caller.user_id,
    )


async def close(
    work: Work,
    *,
    id: UUID,
    expected_version: int,
    result: CapaResult,
    result_note: str | None,
    waiver_reason: str | None,
) -> Capa:
    """Say that it worked (ISO 9001:2015, 10.2.1 d), and close the findings that waited for it.

    Args:
        work: the unit of work.
        id: the CAPA.
        expected_version: as the caller read it.
        result: EFFECTIVE, or PARTIAL with a note.
        result_note: what was seen.
        waiver_reason: why the end of the window need not be awaited; kept where it is ahead.

    Raises:
        Invalid: INEFFECTIVE, or PARTIAL without a note.
        TransitionNotAllowed: the window has not ended and is not waived, or it happened again.
    """
    if result is CapaResult.INEFFECTIVE:
        raise Invalid("What did not work is not closed. Use capaFail.", "result")
    if result is CapaResult.PARTIAL and result_note is None:
        raise Required("Say why a part is good enough.", "resultNote")
    capa = await seen(work, id, expected_version=expected_version)
    today, due = clock.today(work.caller.zone), capa.effectiveness_due_on
    # The guards read rows, and must see the waiver before it is written.
    with work.session.no_autoflush:
        if due is not None and today < due:
            capa.waiver_reason = waiver_reason
        await work.move(
            capa,
            "capaClose",
            reason=capa.waiver_reason or result_note,
            result=result,
            result_note=result_note,
            closed_on=today,
        )
    await _close_findings(work, capa)
    return capa


async def fail(work: Work, *, id: UUID, expected_version: int, result_note: str) -> Capa:
    """Say that it did not work: its cause is looked for again, in another round.

    Raises:
        TransitionNotAllowed: its effectiveness is not being judged.
    """
    capa = await seen(work, id, expected_version=expected_version)
    return await _begin_anew(work, capa, result_note)


async def recheck(work: Work) -> Sequence[Capa]:
    """Begin another round of the CAPAs whose problem was found again, and return them.

    Those that are watched for that: in EFFECTIVENESS, with the metric NO_RECURRENCE.
    """
    is_watched = Capa.effectiveness_metric == EffectivenessMetric.NO_RECURRENCE
    watched = sa.select(Capa).where(Capa.status == CapaStatus.EFFECTIVENESS, is_watched)
    capas = await work.rows(watched.order_by(Capa.reference).with_for_update())
    found = await recurrences.fetch(work, [capa.id for capa in capas])
    again = [(capa, rows) for capa, rows in zip(capas, found, strict=True) if rows]
    return [
        await _begin_anew(work, capa, recurred("A finding like a source of it", rows[0]))
        for capa, rows in again
    ]


async def cancel(work: Work, *, id: UUID, expected_version: int, reason: str) -> Capa:
    """Give a CAPA up.

    Raises:
        TransitionNotAllowed: it has ended, or a MAJOR source is still open.
    """
    capa = await seen(work, id, expected_version=expected_version)
    return await work.move(capa, "capaCancel", reason=reason)


async def reopen(work: Work, *, id: UUID, expected_version: int, reason: str) -> Capa:
    """Take a closed CAPA up again, in another round; the result of the last one is kept.

    Raises:
        TransitionNotAllowed: it is not closed.
    """
    capa = await seen(work, id, expected_version=expected_version)
    result = capa.result or CapaResult.EFFECTIVE
    ended = _round(work, capa, result, capa.result_note)
    await work.move(capa, "capaReopen", reason=reason, round=capa.round + 1, **_AFRESH)
    await work.add(ended)
    return capa


async def _begin_anew(work: Work, capa: Capa, result_note: str) -> Capa:
    ended = _round(work, capa, CapaResult.INEFFECTIVE, result_note)
    await work.move(
        capa,
        "capaFail",
        reason=result_note,
        result=CapaResult.INEFFECTIVE,
        result_note=result_note,
        round=capa.round + 1,
        **_AFRESH,
    )
    await work.add(ended)
    return capa


def _round(work: Work, capa: Capa, result: CapaResult, note: str | None) -> CapaRound:
    return CapaRound(
        capa_id=capa.id,
        number=capa.round,
        result=result,
        note=note,
        implemented_on=capa.implemented_on,
        ended_on=clock.today(work.caller.zone),
        verified_by_id=capa.verified_by_id,
    )


async def _close_findings(work: Work, capa: Capa) -> None:
    """Close the verified findings behind a CAPA that nothing else keeps open.

    The caller signed for the CAPA: a finding that has to be signed waits for its own signature.
    """
    unsigned = Work(work.session, work.caller, work.services)
    behind = sa.select(CapaFinding.finding_id).where(CapaFinding.capa_id == capa.id)
    waiting = sa.select(Finding).where(
        Finding.id.in_(behind), Finding.status == FindingStatus.VERIFICATION
    )
    for finding in await work.rows(waiting.order_by(Finding.id).with_for_update()):
        with suppress(TransitionNotAllowed):
            await unsigned.move(
                finding,
                "findingClose",
                reason="The corrective action was effective.",
                closed_on=capa.closed_on,
                verified_by_id=work.caller.user_id,
            )
