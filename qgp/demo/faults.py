"""Stories of findings: seen, issued, contained, understood, mended, verified."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from qgp.actions.model import Action, ActionKind
from qgp.capas.facts import CONFIRMED
from qgp.demo.cases import Case
from qgp.demo.company import EMPLOYEES
from qgp.demo.corrections import corrected
from qgp.demo.stage import Stage, Story
from qgp.demo.talk import show, talk
from qgp.demo.tasks import Hands, are_over, hand_out
from qgp.demo.words import said
from qgp.findings.model import Finding, FindingDisposition, FindingSource, FindingStatus
from qgp.kit.shared_terms import FindingGrade

_CAPA_FOR = {FindingGrade.MAJOR: 0.9, FindingGrade.MINOR: 0.22}
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


async def raised(
    stage: Stage,
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
    """Write down what somebody found, as a draft."""
    chance, theme = case.chance, case.theme
    primary, *further = [stage.clauses[clause] for clause in theme.clauses]
    is_goods = theme.process in {"P03", "P06"} and grade in _CAPA_FOR
    made: Finding = await stage.act(
        who,
        "findingCreate",
        grade=grade,
        source_type=source,
        title=case.seen.title,
        statement=case.seen.matter,
        evidence_text=case.seen.evidence,
        requirement_text=theme.requirement,
        severity=chance.choice(_SEVERITY.get(grade, (1, 2))),
        detected_on=stage.today,
        detected_by_id=stage.people[detected_by or who].user_id,
        owner_id=stage.people[case.owner].user_id if is_owned else None,
        site_id=stage.sites[case.site],
        department_id=stage.departments[case.department],
        process_id=stage.processes[theme.process],
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
    return made


async def reported(
    stage: Stage,
    case: Case,
    grade: FindingGrade,
    source: FindingSource,
    rest: FindingStatus | None = None,
    reporter: str | None = None,
) -> Story:
    """Let somebody find something outside of an audit.

    Args:
        reporter: who works here and reports it; None for somebody.
        rest: where the finding comes to stand for good; None for its end.
    """
    chance = case.chance
    who = "vogel" if case.owner != "vogel" else "kowalski"
    if source is FindingSource.SELF_REPORT:
        who = reporter or chance.choice(EMPLOYEES)
    finding = await raised(stage, case, who, grade, source, is_owned=who not in EMPLOYEES)
    if rest is FindingStatus.DRAFT:
        return
    yield chance.uniform(0.3, 2)
    if finding.owner_id is None:
        facts: dict[str, Any] = {"id": finding.id, "expected_version": finding.version}
        owner = stage.people[case.owner].user_id
        await stage.act(case.verifier, "findingUpdate", **facts, owner_id=owner)
        who = case.verifier
    await stage.step(who, "findingOpen", finding)
    stage.begin(handled(stage, case, finding, rest))


async def handled(
    stage: Stage, case: Case, finding: Finding, rest: FindingStatus | None = None
) -> Story:
    """Deal with what was issued, up to its end or to where it rests."""
    chance = case.chance
    if rest is FindingStatus.OPEN:
        return
    if chance.random() < 0.3:
        await talk(stage, finding, case.people, chance)
    if rest is FindingStatus.VOID or (rest is None and chance.random() < 0.03):
        yield chance.uniform(1, 6)
        await stage.step("vogel", "findingVoid", finding, reason=said(_NONE, chance))
    elif rest is FindingStatus.ACCEPTED or (rest is None and chance.random() < 0.03):
        yield chance.uniform(2, 10)
        await _concede(stage, case, finding)
    elif finding.is_nonconformity:
        async for days in _mended(stage, case, finding, rest):
            yield days
    else:
        async for days in _answered(stage, case, finding):
            yield days


async def _concede(stage: Stage, case: Case, finding: Finding) -> None:
    author = finding.created_by_id
    approver = next(one for one in ("vogel", "kowalski") if stage.people[one].user_id != author)
    until, told = stage.ahead(400), said(_CONCEDED, case.chance)
    await stage.step(approver, "findingGrantConcession", finding, accepted_until=until, reason=told)


async def _answered(stage: Stage, case: Case, finding: Finding) -> Story:
    """Answer an observation, now and then with an action first."""
    chance, actions = case.chance, list[Action]()
    if chance.random() < 0.5 and finding.grade is not FindingGrade.GOOD_PRACTICE:
        actions = await _corrections(stage, case, finding, 1, ActionKind.IMPROVEMENT)
    yield chance.uniform(3, 30)
    while not are_over(actions):
        yield 5
    comment = said(chance.choice(_ANSWERS), chance)
    await stage.step(case.verifier, "findingClose", finding, comment=comment)


async def _mended(stage: Stage, case: Case, finding: Finding, rest: FindingStatus | None) -> Story:
    """Take a nonconformity all the way (ISO 9001:2015, 10.2.1)."""
    chance, owner = case.chance, case.owner
    yield chance.uniform(0.5, 5)
    told = case.seen.containment
    await stage.step(
        owner,
        "findingRecordContainment",
        finding,
        containment_text=told,
        no_containment_reason=None,
    )
    if rest is FindingStatus.CONTAINED:
        return
    yield chance.uniform(1, 8)
    await stage.step(owner, "findingStartAnalysis", finding)
    if rest is FindingStatus.ANALYSIS:
        return
    if rest is None and chance.random() < _CAPA_FOR[finding.grade]:
        stage.begin(corrected(stage, case, [finding, *_alike(stage, case)]), 1)
    elif rest is None:
        stage.waiting.setdefault(case.theme.name, []).append(finding)
    yield chance.uniform(2, 10)
    cause = stage.causes[case.theme.cause]
    why = case.theme.whys[-1]
    await stage.step(
        owner, "findingStartCorrectiveAction", finding, root_cause=why, cause_category_id=cause
    )
    actions = await _corrections(stage, case, finding, chance.randint(1, 3), ActionKind.CORRECTION)
    if rest is FindingStatus.ACTION:
        return
    async for days in _proved(stage, case, finding, actions, rest):
        yield days


async def _proved(
    stage: Stage,
    case: Case,
    finding: Finding,
    actions: Sequence[Action],
    rest: FindingStatus | None,
) -> Story:
    """Show that it is done, have it verified and closed, and perhaps take it up again."""
    chance, owner = case.chance, case.owner
    while not are_over(list(actions)):
        yield 3
    yield chance.uniform(0.2, 2)
    await show(stage, finding, owner, case.theme, chance)
    await stage.step(owner, "findingSubmitForVerification", finding)
    if rest is FindingStatus.VERIFICATION:
        return
    yield chance.uniform(1, 9)
    if chance.random() < 0.08:
        await stage.step(case.verifier, "findingRejectCorrectiveAction", finding, reason=_NOT_YET)
        yield chance.uniform(2, 6)
        await stage.step(owner, "findingSubmitForVerification", finding)
        yield chance.uniform(1, 4)
    while any(capa.status not in CONFIRMED for capa in stage.behind.get(finding.id, ())):
        yield 8
    comment = said(chance.choice(_VERIFIED), chance)
    await stage.step(case.verifier, "findingClose", finding, comment=comment)
    if finding.reopen_count or chance.random() > 0.03:
        return
    yield chance.uniform(15, 50)
    back = said(_BACK, chance)
    await stage.step("vogel", "findingReopen", finding, reason=back)
    yield chance.uniform(2, 6)
    await stage.step(
        owner, "findingStartCorrectiveAction", finding, root_cause=None, cause_category_id=None
    )
    again = await _corrections(stage, case, finding, 1, ActionKind.CORRECTIVE)
    async for days in _proved(stage, case, finding, again, rest):
        yield days


def _alike(stage: Stage, case: Case) -> list[Finding]:
    """Return open nonconformities of the theme that no CAPA is behind yet; at most two."""
    known = stage.waiting.pop(case.theme.name, [])
    return [finding for finding in known if finding.status in _UNDER_WAY][:2]


_UNDER_WAY = {FindingStatus.CONTAINED, FindingStatus.ANALYSIS, FindingStatus.ACTION}


async def _corrections(
    stage: Stage, case: Case, finding: Finding, number: int, kind: ActionKind
) -> list[Action]:
    """Hand out what puts the finding right."""
    chance = case.chance
    titles = chance.sample(case.theme.remedies, min(number, len(case.theme.remedies)))
    actions: list[Action] = []
    for place, title in enumerate(titles):
        owner = chance.choice((*case.hands, case.owner))
        verifier = next(one for one in ("larsen", "reinhardt") if one != owner)
        hands = Hands(case.owner, owner, verifier)
        days = chance.choice((5, 10, 20, 30))
        about: dict[str, Any] = {"finding_id": finding.id, "position": place}
        action = await hand_out(stage, hands, chance, title=title, kind=kind, days=days, **about)
        actions.append(action)
    return actions
