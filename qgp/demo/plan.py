"""Plan of the demo's history: all scenarios and the days on which they start."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from qgp.actions.model import ActionKind, ActionStatus
from qgp.capas.model.terms import CapaStatus
from qgp.demo.audit_programmes import leave_programme, opening_of, run_programme, years_of
from qgp.demo.audits import FORESIGHT, run_audit
from qgp.demo.capas import run_capa
from qgp.demo.cases import case_of
from qgp.demo.checklists import CHECKLISTS
from qgp.demo.comments import add_evidence
from qgp.demo.company import EMPLOYEES
from qgp.demo.findings import create_finding, report_finding
from qgp.demo.organizations import delegate_work, set_up_organization
from qgp.demo.playback import Playback, Scenario, random_for
from qgp.demo.programme import first_day, programme
from qgp.demo.standards import assess_clauses, review_mappings, set_up_standards
from qgp.demo.tasks import Assignment, create_action
from qgp.demo.templates import publish_template, revise_template
from qgp.demo.themes import ALL
from qgp.demo.themes.quality import PRODUCT
from qgp.evidence.model import EvidenceLinkStatus
from qgp.findings.model import FindingSource, FindingStatus
from qgp.kit.shared_terms import FindingGrade
from qgp.programmes.model import AuditProgrammeStatus

FINDINGS, PREVENTIONS, CHORES = 10, 2, 8  # outside of audits, each year
_SETTLING = 55  # working days from the start with the system until its history begins
_SOURCES = {
    FindingSource.PROCESS: 5,
    FindingSource.PRODUCT: 5,
    FindingSource.COMPLAINT: 4,
    FindingSource.SELF_REPORT: 4,
    FindingSource.INSPECTION: 3,
    FindingSource.SUPPLIER: 3,
    FindingSource.INCIDENT: 2,
    FindingSource.CUSTOMER_AUDIT: 1,
    FindingSource.MANAGEMENT_REVIEW: 1,
    FindingSource.KPI: 2,
    FindingSource.OBLIGATION: 1,
    FindingSource.REGULATOR: 0.5,
}
_GRADES = {
    FindingGrade.MAJOR: 1.2,
    FindingGrade.MINOR: 6,
    FindingGrade.OBSERVATION: 3,
    FindingGrade.OFI: 2,
    FindingGrade.GOOD_PRACTICE: 0.7,
}
_KINDS = (
    ActionKind.IMPROVEMENT,
    ActionKind.FOLLOW_UP,
    ActionKind.PREVENTIVE,
    ActionKind.TREATMENT,
    ActionKind.CONTAINMENT,
)
# Users that visitors sign in as; they own open actions.
_VISITED = ("vogel", "reinhardt", "demir", "ebert", "thomsen", "krueger", "sommer")
_CHORES = (
    "Order consumables for {machine}",
    "Tidy {area} before the customer's visit",
    "Prepare the figures of {area} for the review",
    "Bring {document} up to date",
    "Ask {supplier} for the certificates of the year",
    "Book a slot at the laboratory for {gauge}",
    "Check the first-aid boxes in {area}",
    "Renew the licence of {system}",
)


@dataclass(frozen=True)
class ScheduledScenario:
    """A scenario and the working day of its start, counted from today."""

    day: float
    scenario: Scenario


def plan(playback: Playback) -> Iterator[ScheduledScenario]:
    """Return all scenarios: a number for each year, and one for each status."""
    first = first_day(playback.years)
    opened = first - _SETTLING
    yield ScheduledScenario(opened, set_up_organization(playback))
    yield ScheduledScenario(opened, set_up_standards(playback))
    yield ScheduledScenario(-3, delegate_work(playback))
    yield ScheduledScenario(opened + 8, assess_clauses(playback))
    yield ScheduledScenario(opened + 7, review_mappings(playback))
    for checklist in CHECKLISTS:
        day = opened + 10 if checklist.until == "PUBLISHED" else -6.5
        yield ScheduledScenario(day, publish_template(playback, checklist))
    yield ScheduledScenario(first + 230, revise_template(playback, "process"))
    for year in range(years_of(playback)):
        yield ScheduledScenario(opening_of(playback, year), run_programme(playback, year))
    yield ScheduledScenario(
        opening_of(playback, 0), leave_programme(playback, AuditProgrammeStatus.CLOSED)
    )
    for state in (AuditProgrammeStatus.DRAFT, AuditProgrammeStatus.APPROVED):
        yield ScheduledScenario(-12, leave_programme(playback, state))
    for audit in programme(playback.years):
        yield ScheduledScenario(min(audit.day - FORESIGHT, -10), run_audit(playback, audit))
    yield ScheduledScenario(-60, _good_practice(playback))
    yield from _findings(playback, first)
    yield from _reports(playback)
    yield from _preventions(playback, first)
    yield from _chores(playback, first)
    yield from _waiting(playback)


def _findings(playback: Playback, first: int) -> Iterator[ScheduledScenario]:
    for number in range(FINDINGS * playback.years):
        chance = random_for("finding", number)
        source = chance.choices(list(_SOURCES), list(_SOURCES.values()))[0]
        grade = chance.choices(list(_GRADES), list(_GRADES.values()))[0]
        case = case_of(chance.choice(ALL), chance)
        day = chance.uniform(first, -1)
        yield ScheduledScenario(day, report_finding(playback, case, grade, source))
    for state in FindingStatus:
        chance = random_for("finding", state)
        rest = None if state is FindingStatus.CLOSED else state
        day = first if rest is None else chance.uniform(-70, -45)
        case = case_of(chance.choice(ALL), chance)
        grade, source = FindingGrade.MINOR, FindingSource.PROCESS
        yield ScheduledScenario(day, report_finding(playback, case, grade, source, rest))


async def _good_practice(playback: Playback) -> Scenario:
    """Create a good practice with three items of evidence that are judged differently."""
    case = case_of(ALL[0], random_for("praise"))
    grade, source = FindingGrade.GOOD_PRACTICE, FindingSource.MANAGEMENT_REVIEW
    finding = await create_finding(playback, case, "vogel", grade, source)
    await playback.transition("vogel", "findingOpen", finding)
    yield 1
    for verdict in EvidenceLinkStatus:
        await add_evidence(playback, finding, case.owner, case.theme, case.chance, verdict)


def _reports(playback: Playback) -> Iterator[ScheduledScenario]:
    """Create findings owned by the employee and the process owner of the demo."""
    for number, state in enumerate((None, FindingStatus.ANALYSIS, FindingStatus.OPEN)):
        chance = random_for("report", number)
        case, day = case_of(chance.choice(ALL), chance, "BER"), (-150, -30, -4)[number]
        source, grade = FindingSource.SELF_REPORT, FindingGrade.MINOR
        yield ScheduledScenario(
            day, report_finding(playback, case, grade, source, state, "krueger")
        )
    case = case_of(PRODUCT, random_for("major"), "BER")
    grade, source = FindingGrade.MAJOR, FindingSource.COMPLAINT
    yield ScheduledScenario(
        -24, report_finding(playback, case, grade, source, FindingStatus.ACTION)
    )
    ahead = case_of(PRODUCT, random_for("ahead"), "BER")
    yield ScheduledScenario(-60, run_capa(playback, ahead, [], CapaStatus.IMPLEMENTING))


def _preventions(playback: Playback, first: int) -> Iterator[ScheduledScenario]:
    for number in range(PREVENTIONS * playback.years):
        chance = random_for("prevention", number)
        case = case_of(chance.choice(ALL), chance)
        yield ScheduledScenario(chance.uniform(first, -20), run_capa(playback, case, []))
    for state in CapaStatus:
        chance = random_for("capa", state)
        case = case_of(chance.choice(ALL), chance)
        rest = None if state is CapaStatus.CLOSED else state
        day = first + 5 if rest is None else chance.uniform(-170, -140)
        yield ScheduledScenario(day, run_capa(playback, case, [], rest))


def _chores(playback: Playback, first: int) -> Iterator[ScheduledScenario]:
    for number in range(CHORES * playback.years):
        chance = random_for("chore", number)
        yield ScheduledScenario(chance.uniform(first, -1), _chore(playback, chance))
    for state in ActionStatus:
        rest = None if state is ActionStatus.VERIFIED else state
        day = first if rest is None else -45
        yield ScheduledScenario(day, _chore(playback, random_for("chore", state), rest))


def _waiting(playback: Playback) -> Iterator[ScheduledScenario]:
    """Create open actions owned by the users that visitors sign in as."""
    states = (ActionStatus.TODO, ActionStatus.IN_PROGRESS)
    for number, owner in enumerate(_VISITED * 3):
        day, state = (-25, -8, -3)[number % 3], states[number % 2]
        yield ScheduledScenario(day, _chore(playback, random_for("visited", number), state, owner))


async def _chore(
    playback: Playback, chance: Random, rest: ActionStatus | None = None, owner: str | None = None
) -> Scenario:
    manager = chance.choice(("ebert", "schulz", "zielinski", "hoffmann", "thomsen", "otto"))
    await create_action(
        playback,
        Assignment(
            manager, owner or chance.choice(EMPLOYEES), chance.choice(("larsen", "reinhardt"))
        ),
        chance,
        title=chance.choice(_CHORES),
        kind=chance.choice(_KINDS),
        days=chance.choice((5, 10, 20)),
        rest=rest,
    )
    return
    yield
