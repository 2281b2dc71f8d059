"""Transitions of CAPAs with rules of their own: effectiveness review, closure and reopening."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import sqlalchemy as sa

from qgp.capas.facts import recurrences
from qgp.capas.guards.effectiveness import shortest_window
from qgp.capas.model import Capa, CapaFinding, CapaRound
from qgp.capas.model.terms import CapaResult, CapaStatus, EffectivenessMetric
from qgp.findings.commands.findings import detect_recurrences
from qgp.findings.facts import CLOSED, IN_VERIFICATION, with_ids_unfiltered
from qgp.kit import clock
from qgp.kit.errors import Invalid, Required, TransitionNotAllowed
from qgp.kit.row_locks import locked
from qgp.kit.transitions import GuardContext
from qgp.kit.work import Work
from qgp.organizations.facts import organization_of_caller


async def keep_shortest_window(context: GuardContext, capa: Any) -> Mapping[str, int]:
    """Return the organization's shortest window for the priority, or an earlier one if longer.

    Kept when the plan is released and when its window begins, and not lowered in between.
    """
    shortest = shortest_window(await organization_of_caller(context), capa.priority)
    return {"shortest_window_days": max(shortest, capa.shortest_window_days or 0)}


async def close(
    work: Work,
    capa: Capa,
    *,
    result: CapaResult,
    result_note: str | None,
    waiver_reason: str | None,
) -> Capa:
    """Record an effective review (ISO 9001:2015, 10.2.1 d); close the CAPA and verified findings.

    Args:
        work: the unit of work.
        capa: the CAPA, locked.
        result: EFFECTIVE, or PARTIAL with a note.
        result_note: the observed effect.
        waiver_reason: reason to close before the effectiveness window ends; kept only then.

    Raises:
        Invalid: INEFFECTIVE, or PARTIAL without a note.
        TransitionNotAllowed: a guard blocks; for example, the window has not ended.
    """
    if result is CapaResult.INEFFECTIVE:
        message = (
            f"{capa.reference} is not closed with the result INEFFECTIVE. Choose EFFECTIVE or "
            "PARTIAL, or record the result with capaRecordIneffective."
        )
        raise Invalid(message, "result")
    if result is CapaResult.PARTIAL and result_note is None:
        message = "The result PARTIAL requires a resultNote. Enter why it is accepted."
        raise Required(message, "resultNote")
    due = capa.effectiveness_due_on
    if due is not None and clock.today(work.caller.zone) < due:
        capa.waiver_reason = waiver_reason
    reason = capa.waiver_reason or result_note
    await work.move(capa, "capaClose", reason=reason, result=result, result_note=result_note)
    await _close_findings(work, capa)
    return capa


async def record_ineffective(work: Work, capa: Capa, *, result_note: str) -> Capa:
    """Record an ineffective CAPA, start another round and reopen its closed nonconformities.

    Raises:
        TransitionNotAllowed: the CAPA is not in EFFECTIVENESS.
    """
    completed = _round(work, capa, CapaResult.INEFFECTIVE, result_note)
    await work.move(capa, "capaRecordIneffective", reason=result_note, result_note=result_note)
    await work.add(completed)
    await _reopen_findings(work, capa, f"{capa.reference} was found ineffective.")
    return capa


async def record_recurrences(work: Work) -> Sequence[Capa]:
    """Record the CAPAs whose problem has recurred as ineffective, and return them.

    Reviews the CAPAs in EFFECTIVENESS with the metric NO_RECURRENCE.
    """
    by_recurrence = Capa.effectiveness_metric == EffectivenessMetric.NO_RECURRENCE
    in_review = sa.select(Capa).where(Capa.status == CapaStatus.EFFECTIVENESS, by_recurrence)
    capas = await work.rows(locked(in_review.order_by(Capa.reference)))
    rows_of_capas = await recurrences.fetch(work, [capa.id for capa in capas])
    ids = {row.id for rows in rows_of_capas for row in rows}
    await detect_recurrences(work, ids)
    # Readers of the note may not see the finding, so it gives no reference.
    return [
        await record_ineffective(work, capa, result_note=rows[0].sentence("A similar finding"))
        for capa, rows in zip(capas, rows_of_capas, strict=True)
        if rows
    ]


async def reopen(work: Work, capa: Capa, *, reason: str) -> Capa:
    """Reopen a closed CAPA in another round, and its closed nonconformities.

    Its `CapaRound` keeps the result of the last round.

    Raises:
        TransitionNotAllowed: the CAPA is not CLOSED.
    """
    completed = _round(work, capa, capa.result or CapaResult.EFFECTIVE, capa.result_note)
    await work.move(capa, "capaReopen", reason=reason)
    await work.add(completed)
    await _reopen_findings(work, capa, f"{capa.reference} was reopened.")
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
    """Close the source findings in VERIFICATION that no guard blocks.

    The caller signed the CAPA, not its findings: a MAJOR finding waits for its own signature.
    """
    unsigned = Work(work.session, work.caller, work.services)
    for finding in await _locked_sources(work, capa):
        if finding.status is IN_VERIFICATION:
            with suppress(TransitionNotAllowed):
                reason = "The corrective action was effective."
                await unsigned.move(finding, "findingClose", reason=reason)


async def _reopen_findings(work: Work, capa: Capa, reason: str) -> None:
    """Reopen the CLOSED MAJOR and MINOR source findings (ISO 9001:2015, 10.2.1 d)."""
    for finding in await _locked_sources(work, capa):
        if finding.status is CLOSED and finding.is_nonconformity:
            await work.move(finding, "findingReopen", reason=reason)


async def _locked_sources(work: Work, capa: Capa) -> Sequence[Any]:
    """Return the source findings of a CAPA in any state, locked.

    So a closure that looks at the CAPA meanwhile is either seen, or sees what became of the CAPA.
    """
    source_ids = sa.select(CapaFinding.finding_id).where(CapaFinding.capa_id == capa.id)
    statement = locked(with_ids_unfiltered(source_ids))
    return await work.rows(statement.execution_options(populate_existing=True))
