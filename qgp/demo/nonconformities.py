"""Scenarios of nonconformities, from the containment to the effectiveness of their CAPAs."""

from collections.abc import Sequence
from typing import Any

from qgp.actions.model import Action, ActionKind
from qgp.capas.facts import CONFIRMED
from qgp.capas.model.terms import CapaStatus
from qgp.demo.capas import run_capa
from qgp.demo.cases import Case
from qgp.demo.comments import add_evidence
from qgp.demo.company import QUALITY
from qgp.demo.playback import Playback, Scenario
from qgp.demo.tasks import Assignment, are_finished, create_action
from qgp.demo.words import fill
from qgp.findings.model import Finding, FindingStatus
from qgp.kit.shared_terms import FindingGrade

_CAPA_FOR = {FindingGrade.MAJOR: 1.0, FindingGrade.MINOR: 0.22}
_UNDER_WAY = {FindingStatus.CONTAINED, FindingStatus.ANALYSIS, FindingStatus.ACTION}
_VERIFIED = (
    "Seen on the spot.",
    "Record looked at, sample without fault.",
    "Talked to two shifts.",
)
_NOT_YET = "The record shows the day shift only. Please complete it."
_BACK = "The same was seen again at {machine} after the closure."


async def handle_nonconformity(
    playback: Playback, case: Case, finding: Finding, rest: FindingStatus | None
) -> Scenario:
    """Handle a nonconformity (ISO 9001:2015, 10.2.1)."""
    chance, owner = case.chance, case.owner
    yield chance.uniform(0.5, 5)
    containment = case.seen.containment
    await playback.transition(
        owner,
        "findingRecordContainment",
        finding,
        containment_text=containment,
        no_containment_reason=None,
    )
    if rest is FindingStatus.CONTAINED:
        return
    yield chance.uniform(1, 8)
    await playback.transition(owner, "findingStartAnalysis", finding)
    if rest is FindingStatus.ANALYSIS:
        return
    if rest is None and chance.random() < _CAPA_FOR[finding.grade]:
        playback.schedule(run_capa(playback, case, [finding, *_without_capa(playback, case)]), 1)
    elif rest is None:
        playback.waiting.setdefault(case.theme.name, []).append(finding)
    yield chance.uniform(2, 10)
    cause = playback.causes[case.theme.cause]
    why = case.theme.whys[-1]
    await playback.transition(
        owner, "findingStartCorrectiveAction", finding, root_cause=why, cause_category_id=cause
    )
    actions = await create_corrections(
        playback, case, finding, chance.randint(1, 3), ActionKind.CORRECTION
    )
    if rest is FindingStatus.ACTION:
        return
    async for days in _verify_and_close(playback, case, finding, actions, rest):
        yield days


async def _verify_and_close(
    playback: Playback,
    case: Case,
    finding: Finding,
    actions: Sequence[Action],
    rest: FindingStatus | None,
) -> Scenario:
    """Submit for verification with evidence, verify, close, and perhaps reopen."""
    chance, owner = case.chance, case.owner
    while not are_finished(list(actions)):
        yield 3
    yield chance.uniform(0.2, 2)
    await add_evidence(playback, finding, owner, case.theme, chance)
    await playback.transition(owner, "findingSubmitForVerification", finding)
    if rest is FindingStatus.VERIFICATION:
        return
    yield chance.uniform(1, 9)
    if chance.random() < 0.08:
        await playback.transition(
            case.verifier, "findingRejectCorrectiveAction", finding, reason=_NOT_YET
        )
        yield chance.uniform(2, 6)
        await playback.transition(owner, "findingSubmitForVerification", finding)
        yield chance.uniform(1, 4)
    while not _is_corrected(playback, finding):
        yield 8
    comment = fill(chance.choice(_VERIFIED), chance)
    verifier = await _verifier(playback, case, finding)
    await playback.transition(verifier, "findingClose", finding, comment=comment)
    if finding.reopen_count or chance.random() > 0.03 or finding.grade is FindingGrade.MAJOR:
        async for days in _watch_effect(playback, finding):
            yield days
        if finding.status is not FindingStatus.ANALYSIS:
            return
    else:
        yield chance.uniform(15, 50)
        back = fill(_BACK, chance)
        if finding.status is FindingStatus.CLOSED:
            await playback.transition("vogel", "findingReopen", finding, reason=back)
    yield chance.uniform(2, 6)
    await playback.transition(
        owner, "findingStartCorrectiveAction", finding, root_cause=None, cause_category_id=None
    )
    again = await create_corrections(playback, case, finding, 1, ActionKind.CORRECTIVE)
    async for days in _verify_and_close(playback, case, finding, again, rest):
        yield days


def _is_corrected(playback: Playback, finding: Finding) -> bool:
    """Whether the CAPAs of a finding let it be closed: of a MAJOR they were effective."""
    states = {capa.status for capa in playback.behind.get(finding.id, ())}
    is_major = finding.grade is FindingGrade.MAJOR
    return states == {CapaStatus.CLOSED} if is_major else states <= CONFIRMED


async def _verifier(playback: Playback, case: Case, finding: Finding) -> str:
    """Return a person without a part in the finding, who may close it."""
    for person in (case.verifier, *QUALITY, "larsen", "lindner"):
        if not await playback.blockers(person, "findingClose", finding):
            return person
    return case.verifier


async def _watch_effect(playback: Playback, finding: Finding) -> Scenario:
    """Wait until the CAPAs of a closed finding have ended for good, or reopened it."""
    while any(capa.status is not CapaStatus.CLOSED for capa in playback.behind.get(finding.id, ())):
        if finding.status is FindingStatus.ANALYSIS:
            return
        yield 8
    if playback.behind.get(finding.id):
        yield 65


def _without_capa(playback: Playback, case: Case) -> list[Finding]:
    """Return open nonconformities of the theme without a CAPA; at most two."""
    waiting = playback.waiting.pop(case.theme.name, [])
    return [finding for finding in waiting if finding.status in _UNDER_WAY][:2]


async def create_corrections(
    playback: Playback, case: Case, finding: Finding, number: int, kind: ActionKind
) -> list[Action]:
    """Create the corrections of a finding."""
    chance = case.chance
    titles = chance.sample(case.theme.remedies, min(number, len(case.theme.remedies)))
    actions: list[Action] = []
    for place, title in enumerate(titles):
        owner = chance.choice((*case.workers, case.owner))
        verifier = next(one for one in ("larsen", "reinhardt") if one != owner)
        assignment = Assignment(case.owner, owner, verifier)
        days = chance.choice((5, 10, 20, 30))
        about: dict[str, Any] = {"finding_id": finding.id, "position": place}
        action = await create_action(
            playback, assignment, chance, title=title, kind=kind, days=days, **about
        )
        actions.append(action)
    return actions
