"""The rules behind the end of a CAPA, and behind the rounds before it."""

from collections.abc import Sequence
from contextlib import suppress

import sqlalchemy as sa

from qgp.capas.facts import recurrences
from qgp.capas.guards import recurred
from qgp.capas.model import Capa, CapaFinding, CapaRound
from qgp.capas.model.terms import CapaResult, CapaStatus, EffectivenessMetric
from qgp.findings.facts import in_verification_unfiltered
from qgp.kit import clock
from qgp.kit.errors import Invalid, Required, TransitionNotAllowed
from qgp.kit.work import Work


async def close(
    work: Work,
    capa: Capa,
    *,
    result: CapaResult,
    result_note: str | None,
    waiver_reason: str | None,
) -> Capa:
    """Say that it worked (ISO 9001:2015, 10.2.1 d), and close the findings that waited for it.

    Args:
        work: the unit of work.
        capa: the CAPA, locked.
        result: EFFECTIVE, or PARTIAL with a note.
        result_note: what was seen.
        waiver_reason: why the end of the window need not be awaited; kept where it is ahead.

    Raises:
        Invalid: INEFFECTIVE, or PARTIAL without a note.
        TransitionNotAllowed: the window has not ended and is not waived, or it happened again.
    """
    if result is CapaResult.INEFFECTIVE:
        raise Invalid("What did not work is not closed. Use capaRecordIneffective.", "result")
    if result is CapaResult.PARTIAL and result_note is None:
        raise Required("Say why a part is good enough.", "resultNote")
    due = capa.effectiveness_due_on
    if due is not None and clock.today(work.caller.zone) < due:
        capa.waiver_reason = waiver_reason
    reason = capa.waiver_reason or result_note
    await work.move(capa, "capaClose", reason=reason, result=result, result_note=result_note)
    await _close_findings(work, capa)
    return capa


async def record_ineffective(work: Work, capa: Capa, *, result_note: str) -> Capa:
    """Record that a CAPA was ineffective: its cause is analyzed again, in another round.

    Raises:
        TransitionNotAllowed: its effectiveness is not being judged.
    """
    ended = _round(work, capa, CapaResult.INEFFECTIVE, result_note)
    await work.move(capa, "capaRecordIneffective", reason=result_note, result_note=result_note)
    await work.add(ended)
    return capa


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
        await record_ineffective(
            work, capa, result_note=recurred("A finding like a source of it", rows[0])
        )
        for capa, rows in again
    ]


async def reopen(work: Work, capa: Capa, *, reason: str) -> Capa:
    """Reopen a closed CAPA in another round; the result of the last one is kept.

    Raises:
        TransitionNotAllowed: it is not closed.
    """
    ended = _round(work, capa, capa.result or CapaResult.EFFECTIVE, capa.result_note)
    await work.move(capa, "capaReopen", reason=reason)
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
    for finding in await work.rows(in_verification_unfiltered(behind).with_for_update()):
        with suppress(TransitionNotAllowed):
            reason = "The corrective action was effective."
            await unsigned.move(finding, "findingClose", reason=reason)
