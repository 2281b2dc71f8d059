"""Scenarios of findings, from the draft to the closure."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from qgp.actions.model import Action, ActionKind
from qgp.capas.facts import CONFIRMED
from qgp.capas.model.terms import CapaStatus
from qgp.demo.capas import run_capa
from qgp.demo.cases import Case
from qgp.demo.comments import add_evidence, comment_on
from qgp.demo.company import EMPLOYEES, QUALITY
from qgp.demo.playback import Playback, Scenario
from qgp.demo.tasks import Assignment, are_finished, create_action
from qgp.demo.words import fill
from qgp.findings.model import Finding, FindingDisposition, FindingSource, FindingStatus
from qgp.kit.shared_terms import FindingGrade

_CAPA_FOR = {FindingGrade.MAJOR: 1.0, FindingGrade.MINOR: 0.22}
_SEVERITY = {FindingGrade.MAJOR: (3, 4, 5), FindingGrade.MINOR: (2, 3)}
_ON_GOODS = (
    FindingDisposition.REWORK,
    FindingDisposition.SCRAP,
    FindingDisposition.RETURN,
    FindingDisposition.USE_AS_IS,
    FindingDisposition.CONCESSION,
)
_ANSWERS = (
    "Taken up in the monthly meeting of the department.",
    "Done on the spot.",
    "Considered and not followed up: the effort is larger than the gain.",
    "Put on the list for the next revision of {document}.",
)
_VERIFIED = (
    "Seen on the spot.",
    "Record looked at, sample without fault.",
    "Talked to two shifts.",
)
_NOT_YET = "The record shows the day shift only. Please complete it."
_NONE = "Looked at again: {document} does not ask for it here."
_CONCEDED = "The rebuilding of {area} is planned; until then a check at each shift change will do."
_BACK = "The same was seen again at {machine} after the closure."


async def create_finding(
    playback: Playback,
    case: Case,
    who: str,
    grade: FindingGrade,
    source: FindingSource,
    *,
    is_owned: bool = True,
    response_id: UUID | None = None,
    audit_id: UUID | None = None,
    detected_by: str | None = None,
) -> Finding:
    """Create a draft finding."""
    chance, theme = case.chance, case.theme
    primary, *further = [playback.clauses[clause] for clause in theme.clauses]
    is_goods = theme.process in {"P03", "P06"} and grade in _CAPA_FOR
    finding: Finding = await playback.run(
        who,
        "findingCreate",
        grade=grade,
        source_type=source,
        title=case.seen.title,
        statement=case.seen.matter,
        evidence_text=case.seen.evidence,
        requirement_text=theme.requirement,
        severity=chance.choice(_SEVERITY.get(grade, (1, 2))),
        detected_on=playback.today,
        detected_by_id=playback.people[detected_by or who].user_id,
        owner_id=playback.people[case.owner].user_id if is_owned else None,
        site_id=playback.sites[case.site],
        department_id=playback.departments[case.department],
        process_id=playback.processes[theme.process],
        primary_clause_id=primary,
        clause_ids=further,
        disposition=chance.choice(_ON_GOODS) if is_goods else None,
        cause_category_id=None,
        root_cause=None,
        is_systemic=grade is FindingGrade.MAJOR and chance.random() < 0.4,
        repeat_of_id=None,
        audit_id=audit_id,
        response_id=response_id,
    )
    return finding


async def report_finding(
    playback: Playback,
    case: Case,
    grade: FindingGrade,
    source: FindingSource,
    rest: FindingStatus | None = None,
    reporter: str | None = None,
) -> Scenario:
    """Create and handle a finding that no audit led to.

    Args:
        reporter: the key of the user who reports it; None for a random employee.
        rest: the status in which the finding stays; None for its end.
    """
    chance = case.chance
    who = "vogel" if case.owner != "vogel" else "kowalski"
    if source is FindingSource.SELF_REPORT:
        who = reporter or chance.choice(EMPLOYEES)
    finding = await create_finding(
        playback, case, who, grade, source, is_owned=who not in EMPLOYEES
    )
    if rest is FindingStatus.DRAFT:
        return
    yield chance.uniform(0.3, 2)
    if finding.owner_id is None:
        facts: dict[str, Any] = {"id": finding.id, "expected_version": finding.version}
        owner = playback.people[case.owner].user_id
        await playback.run(case.verifier, "findingUpdate", **facts, owner_id=owner)
        who = case.verifier
    await playback.transition(who, "findingOpen", finding)
    playback.schedule(handle_finding(playback, case, finding, rest))


async def handle_finding(
    playback: Playback, case: Case, finding: Finding, rest: FindingStatus | None = None
) -> Scenario:
    """Handle an issued finding until it is closed, or reaches `rest`."""
    chance = case.chance
    if rest is FindingStatus.OPEN:
        return
    if chance.random() < 0.3:
        await comment_on(playback, finding, case.people, chance)
    if rest is FindingStatus.VOID or (rest is None and chance.random() < 0.03):
        yield chance.uniform(1, 6)
        await _void(playback, case, finding)
    elif rest is FindingStatus.ACCEPTED or (rest is None and chance.random() < 0.03):
        yield chance.uniform(2, 10)
        await _grant_concession(playback, case, finding)
    elif finding.is_nonconformity:
        async for days in _handle_nonconformity(playback, case, finding, rest):
            yield days
    else:
        async for days in _close_observation(playback, case, finding):
            yield days


async def _void(playback: Playback, case: Case, finding: Finding) -> None:
    """Void a finding; a MAJOR at the request of another person."""
    approver, reason = _independent(playback, finding), fill(_NONE, case.chance)
    if finding.grade is FindingGrade.MAJOR:
        about: dict[str, Any] = {"id": finding.id, "expected_version": finding.version}
        await playback.run(_other(approver), "findingRequestVoid", **about, reason=reason)
    await playback.transition(approver, "findingVoid", finding, reason=reason)


async def _grant_concession(playback: Playback, case: Case, finding: Finding) -> None:
    """Grant a concession; for a MAJOR at the request of another person."""
    approver = _independent(playback, finding)
    until, reason = playback.ahead(200), fill(_CONCEDED, case.chance)
    if finding.grade is FindingGrade.MAJOR:
        about: dict[str, Any] = {"id": finding.id, "expected_version": finding.version}
        about |= {"accepted_until": until, "reason": reason}
        await playback.run(_other(approver), "findingRequestConcession", **about)
    await playback.transition(
        approver, "findingGrantConcession", finding, accepted_until=until, reason=reason
    )


def _independent(playback: Playback, finding: Finding) -> str:
    """Return a person of quality who neither created nor owns a finding."""
    concerned = {finding.created_by_id, finding.owner_id}
    free = [one for one in QUALITY if playback.people[one].user_id not in concerned]
    return next(iter(free), "lindner")


def _other(person: str) -> str:
    return next(one for one in QUALITY if one != person)


async def _close_observation(playback: Playback, case: Case, finding: Finding) -> Scenario:
    """Close an observation with a comment, sometimes after an action."""
    chance, actions = case.chance, list[Action]()
    if chance.random() < 0.5 and finding.grade is not FindingGrade.GOOD_PRACTICE:
        actions = await _create_corrections(playback, case, finding, 1, ActionKind.IMPROVEMENT)
    yield chance.uniform(3, 30)
    while not are_finished(actions):
        yield 5
    comment = fill(chance.choice(_ANSWERS), chance)
    await playback.transition(case.verifier, "findingClose", finding, comment=comment)


async def _handle_nonconformity(
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
    actions = await _create_corrections(
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
    again = await _create_corrections(playback, case, finding, 1, ActionKind.CORRECTIVE)
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


_UNDER_WAY = {FindingStatus.CONTAINED, FindingStatus.ANALYSIS, FindingStatus.ACTION}


async def _create_corrections(
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
