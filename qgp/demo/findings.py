"""Scenarios of findings, from the draft to the closure."""

from typing import Any
from uuid import UUID

from qgp.actions.model import Action, ActionKind
from qgp.demo.cases import Case
from qgp.demo.comments import comment_on
from qgp.demo.company import EMPLOYEES, QUALITY
from qgp.demo.nonconformities import create_corrections, handle_nonconformity
from qgp.demo.playback import Playback, Scenario
from qgp.demo.tasks import are_finished
from qgp.demo.words import fill
from qgp.findings.model import Finding, FindingDisposition, FindingSource, FindingStatus
from qgp.kit.shared_terms import FindingGrade

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
_NONE = "Looked at again: {document} does not ask for it here."
_CONCEDED = "The rebuilding of {area} is planned; until then a check at each shift change will do."


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
    is_goods = theme.process in {"P03", "P06"} and grade in _SEVERITY
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
        async for days in handle_nonconformity(playback, case, finding, rest):
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
        actions = await create_corrections(playback, case, finding, 1, ActionKind.IMPROVEMENT)
    yield chance.uniform(3, 30)
    while not are_finished(actions):
        yield 5
    comment = fill(chance.choice(_ANSWERS), chance)
    await playback.transition(case.verifier, "findingClose", finding, comment=comment)
