"""Scenarios of CAPAs: analysis, plan, implementation, effectiveness, and further rounds."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from qgp.actions.model import Action, ActionKind
from qgp.capas.model import Capa
from qgp.capas.model.terms import (
    AnalysisConfidence,
    AnalysisMethod,
    CapaKind,
    CapaPriority,
    CapaResult,
    CapaStatus,
    CauseNodeCategory,
    CauseNodeKind,
    EffectivenessMetric,
)
from qgp.demo.cases import Case
from qgp.demo.comments import add_evidence, comment_on
from qgp.demo.company import QUALITY
from qgp.demo.playback import Playback, Scenario, random_for
from qgp.demo.tasks import Assignment, are_finished, create_action
from qgp.demo.words import fill
from qgp.findings.model import Finding
from qgp.kit.shared_terms import FindingGrade

_LASTING_WORK = 5 / 7
_LONGEST_ACTION = 40  # working days
_SHORTEST_WINDOW = {CapaPriority.HIGH: 60, CapaPriority.CRITICAL: 90}  # days
_LATER = "The cause goes deeper than the first plan assumed; its actions take until then."
_METRICS = (
    EffectivenessMetric.SAMPLE,
    EffectivenessMetric.AUDIT,
    EffectivenessMetric.KPI,
    EffectivenessMetric.TEST,
    EffectivenessMetric.NO_RECURRENCE,
)
_METHODS = tuple(AnalysisMethod)
_FAILED = (
    "The sample after six weeks shows the same fault in {area}.",
    "It works on the early shift only; the late shift was left out.",
    "{n} of 30 examples still do not conform.",
)
_PARTLY = "Criteria met in two of three halls; the third one is rebuilt next year anyway."
_AGAIN = "The same was found at {customer}: the cause goes deeper than we thought."
_WORKED = (
    "Criteria met.",
    "Sample without fault.",
    "Seen on the spot, with figures of the quarter.",
)


async def run_capa(
    playback: Playback, case: Case, findings: Sequence[Finding], rest: CapaStatus | None = None
) -> Scenario:
    """Run a CAPA for some findings, or a preventive one without any.

    Args:
        rest: the status in which the CAPA stays; None for its end.
    """
    chance, raiser = case.chance, "vogel" if case.owner != "vogel" else "kowalski"
    capa = await _create_capa(playback, case, findings, raiser)
    for finding in findings:
        playback.behind.setdefault(finding.id, []).append(capa)
    if rest is CapaStatus.DRAFT:
        return
    yield chance.uniform(0.2, 2)
    await playback.transition(raiser, "capaOpen", capa)
    if rest is CapaStatus.OPEN:
        return
    if rest is CapaStatus.CANCELLED:
        yield 8
        reason = "Taken up in a CAPA of the other site."
        await playback.transition(raiser, "capaCancel", capa, reason=reason)
        return
    yield chance.uniform(1, 5)
    await playback.transition(case.owner, "capaStartAnalysis", capa)
    if chance.random() < 0.4:
        await comment_on(playback, capa, case.people, chance)
    async for days in _rounds(playback, case, capa, rest):
        yield days


async def _rounds(playback: Playback, case: Case, capa: Capa, rest: CapaStatus | None) -> Scenario:
    """Run rounds until one is effective."""
    chance, checker = case.chance, _checker(case)
    while True:
        async for days in _round(playback, case, capa, rest):
            yield days
        if capa.status is not CapaStatus.VERIFICATION or rest is CapaStatus.VERIFICATION:
            return
        yield chance.uniform(1, 6)
        await playback.transition(checker, "capaConfirmImplementation", capa)
        if rest is CapaStatus.EFFECTIVENESS:
            return
        yield capa.window_days * _LASTING_WORK + 3
        effect = random_for("effect", capa.title, capa.round)
        await add_evidence(playback, capa, checker, case.theme, effect)
        came_again = await playback.blockers(checker, "capaClose", capa)
        if came_again or (capa.round == 1 and chance.random() < 0.15):
            note = came_again[0].message if came_again else fill(chance.choice(_FAILED), chance)
            await playback.transition(checker, "capaRecordIneffective", capa, result_note=note)
            continue
        await _close(playback, case, capa, checker)
        if capa.round > 1 or chance.random() > 0.08:
            return
        yield chance.uniform(20, 60)
        await playback.transition(checker, "capaReopen", capa, reason=fill(_AGAIN, chance))


async def _round(playback: Playback, case: Case, capa: Capa, rest: CapaStatus | None) -> Scenario:
    """Run the analysis, the plan and its implementation."""
    chance = case.chance
    yield chance.uniform(2, 8)
    if rest is CapaStatus.ANALYSIS:
        await _analyze(playback, case, capa, is_complete=False)
        return
    await _analyze(playback, case, capa, is_complete=True)
    yield chance.uniform(0.5, 3)
    await playback.transition(case.owner, "capaStartPlanning", capa)
    await _extend(playback, case, capa)
    actions = await _create_actions(playback, case, capa)
    if rest is CapaStatus.PLANNED:
        return
    yield chance.uniform(0.2, 1)
    await _record_notes(playback, case, capa, "risk_review")
    is_urgent = capa.priority in {CapaPriority.HIGH, CapaPriority.CRITICAL}
    await playback.transition(_checker(case) if is_urgent else case.owner, "capaReleasePlan", capa)
    if rest is CapaStatus.IMPLEMENTING:
        return
    while not are_finished(actions):
        yield 4
    await add_evidence(playback, capa, case.owner, case.theme, chance)
    await _record_notes(playback, case, capa, "document_change", "training")
    await playback.transition(case.owner, "capaSubmitForVerification", capa)


async def _extend(playback: Playback, case: Case, capa: Capa) -> None:
    """Extend a CAPA whose actions would be due after it."""
    if capa.due_on < playback.ahead(_LONGEST_ACTION):
        at: dict[str, Any] = {"id": capa.id, "expected_version": capa.version}
        later = {"due_on": playback.ahead(_LONGEST_ACTION + 20), "reason": _LATER}
        await playback.run(case.owner, "capaUpdate", **at, **later)


async def _record_notes(playback: Playback, case: Case, capa: Capa, *names: str) -> None:
    """Record the notes that the CAPA requires."""
    required = [name for name in names if getattr(capa, f"is_{name}_required")]
    notes = {
        f"{name}_note": fill(_FURTHER[name], random_for("told", capa.title)) for name in required
    }
    if notes:
        at: dict[str, Any] = {"id": capa.id, "expected_version": capa.version}
        await playback.run(case.owner, "capaUpdate", **at, **notes)


async def _create_capa(
    playback: Playback, case: Case, findings: Sequence[Finding], raiser: str
) -> Capa:
    chance, theme = case.chance, case.theme
    is_supplied = theme.process == "P03" and bool(findings) and chance.random() < 0.6
    grades = {finding.grade for finding in findings}
    level = CapaPriority.HIGH if FindingGrade.MAJOR in grades else CapaPriority.MEDIUM
    if chance.random() < 0.15:
        level = CapaPriority.CRITICAL if level is CapaPriority.HIGH else CapaPriority.LOW
    weights, title = (5, 3, 3, 2, 2), _title(case, findings)
    further = random_for("further", title)
    capa: Capa = await playback.run(
        raiser,
        "capaCreate",
        kind=CapaKind.CORRECTIVE if findings else CapaKind.PREVENTIVE,
        title=title,
        problem_statement=case.seen.matter,
        priority=level,
        finding_ids=[finding.id for finding in findings],
        source_justification=None if findings else _FORESEEN,
        supplier_name="Fonderia Moretti S.p.A." if is_supplied else None,
        due_on=playback.ahead(chance.choice((60, 80, 100))),
        owner_id=playback.people[case.owner].user_id,
        sponsor_id=playback.people["brandt"].user_id if level is CapaPriority.CRITICAL else None,
        site_id=playback.sites[case.site],
        department_id=playback.departments[case.department],
        process_id=playback.processes[theme.process],
        cause_known_reason=None,
        root_cause_summary=None,
        cause_category_id=playback.causes[theme.cause],
        effectiveness_criteria=theme.criteria,
        effectiveness_metric=chance.choices(_METRICS, weights)[0],
        window_days=max(chance.choice((30, 60, 90)), _SHORTEST_WINDOW.get(level, 30)),
        **{f"is_{name}_required": further.random() < 0.3 for name in _FURTHER},
    )
    return capa


_FURTHER = {
    "risk_review": "The risks of {area} were looked at anew with this plan; one was raised.",
    "document_change": "{document} was published in its next revision.",
    "training": "The three shifts of {area} were instructed; the list is with the evidence.",
}
_FORESEEN = "Seen at a company nearby; the review of risks asks us to act before it happens here."


def _title(case: Case, findings: Sequence[Finding]) -> str:
    if len(findings) == 1:
        return f"Remove the cause: {findings[0].title}"[:200]
    place = f"{case.theme.name}, {case.site}"
    return f"{'Remove the common cause' if findings else 'Act ahead'}: {place}"


async def _analyze(playback: Playback, case: Case, capa: Capa, *, is_complete: bool) -> None:
    chance = case.chance
    analysis = await playback.run(
        case.owner,
        "rootCauseAnalysisCreate",
        capa_id=capa.id,
        method=chance.choices(_METHODS, (6, 3, 1, 1, 2, 1, 1))[0],
        confidence=chance.choice(list(AnalysisConfidence)),
    )
    is_tree = analysis.method is not AnalysisMethod.FIVE_WHYS
    parent: UUID | None = None
    area = CauseNodeCategory(case.theme.cause.split("-")[0])
    for place, why in enumerate(case.theme.whys):
        is_last = place == len(case.theme.whys) - 1
        node = await playback.run(
            case.owner,
            "causeNodeCreate",
            analysis_id=analysis.id,
            parent_id=parent,
            kind=CauseNodeKind.CAUSE if is_tree else CauseNodeKind.WHY,
            category=area,
            text=why,
            is_root=is_last,
            position=0,
        )
        parent = node.id
    if is_complete:
        await playback.transition(case.owner, "rootCauseAnalysisComplete", analysis)


async def _create_actions(playback: Playback, case: Case, capa: Capa) -> list[Action]:
    chance = case.chance
    titles = chance.sample(case.theme.remedies, min(len(case.theme.remedies), chance.randint(2, 4)))
    actions: list[Action] = []
    for place, title in enumerate(titles):
        owner = chance.choice((*case.workers, case.owner))
        action = await create_action(
            playback,
            Assignment(case.owner, owner, _verifier(owner)),
            chance,
            title=title,
            kind=ActionKind.CORRECTIVE
            if capa.kind is CapaKind.CORRECTIVE
            else ActionKind.PREVENTIVE,
            days=chance.choice((15, 25, _LONGEST_ACTION)),
            after=actions[-1] if actions and chance.random() < 0.2 else None,
            capa=capa,
            position=place,
        )
        actions.append(action)
    return actions


async def _close(playback: Playback, case: Case, capa: Capa, checker: str) -> None:
    is_part = case.chance.random() < 0.12
    facts: dict[str, Any] = {
        "result": CapaResult.PARTIAL if is_part else CapaResult.EFFECTIVE,
        "result_note": _PARTLY if is_part else case.chance.choice(_WORKED),
        "waiver_reason": None,
    }
    await playback.transition(checker, "capaClose", capa, **facts)


def _checker(case: Case) -> str:
    """Return the person who reviews effectiveness: of quality, without a part in the CAPA."""
    return next(one for one in QUALITY if one != case.owner)


def _verifier(owner: str) -> str:
    return next(one for one in ("larsen", "reinhardt") if one != owner)
