"""What happens in the years of the demo: the plan from which every story begins."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from qgp.actions.model import ActionKind, ActionStatus
from qgp.capas.model.terms import CapaStatus
from qgp.demo.audits import FORESIGHT, performed
from qgp.demo.cases import case_of
from qgp.demo.checklists import CHECKLISTS
from qgp.demo.company import EMPLOYEES
from qgp.demo.corrections import corrected
from qgp.demo.faults import raised, reported
from qgp.demo.founding import organized
from qgp.demo.library import assessed, mapped, shelved
from qgp.demo.programme import first_day, programme
from qgp.demo.programming import intended, opening_of, programmed, years_of
from qgp.demo.publishing import published, revised
from qgp.demo.stage import Stage, Story, dice
from qgp.demo.talk import show
from qgp.demo.tasks import Hands, hand_out
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
# Whom visitors of the demo sign in as; they find something to do.
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
class Opening:
    """A story and the working day that it begins on, counted from today."""

    day: float
    story: Story


def plan(stage: Stage) -> Iterator[Opening]:
    """Return what is to be played: so much each year, and what shows each state."""
    first = first_day(stage.years)
    opened = first - _SETTLING
    yield Opening(opened, organized(stage))
    yield Opening(opened, shelved(stage))
    yield Opening(opened + 8, assessed(stage))
    yield Opening(opened + 7, mapped(stage))
    for checklist in CHECKLISTS:
        day = opened + 10 if checklist.until == "PUBLISHED" else -6.5
        yield Opening(day, published(stage, checklist))
    yield Opening(first + 230, revised(stage, "process"))
    for year in range(years_of(stage)):
        yield Opening(opening_of(stage, year), programmed(stage, year))
    yield Opening(opening_of(stage, 0), intended(stage, AuditProgrammeStatus.CLOSED))
    for state in (AuditProgrammeStatus.DRAFT, AuditProgrammeStatus.APPROVED):
        yield Opening(-12, intended(stage, state))
    for audit in programme(stage.years):
        yield Opening(min(audit.day - FORESIGHT, -10), performed(stage, audit))
    yield Opening(-60, _witnessed(stage))
    yield from _findings(stage, first)
    yield from _reports(stage)
    yield from _preventions(stage, first)
    yield from _chores(stage, first)
    yield from _waiting(stage)


def _findings(stage: Stage, first: int) -> Iterator[Opening]:
    for number in range(FINDINGS * stage.years):
        chance = dice("finding", number)
        source = chance.choices(list(_SOURCES), list(_SOURCES.values()))[0]
        grade = chance.choices(list(_GRADES), list(_GRADES.values()))[0]
        case = case_of(chance.choice(ALL), chance)
        day = chance.uniform(first, -1)
        yield Opening(day, reported(stage, case, grade, source))
    for state in FindingStatus:
        chance = dice("finding", state)
        rest = None if state is FindingStatus.CLOSED else state
        day = first if rest is None else chance.uniform(-70, -45)
        case = case_of(chance.choice(ALL), chance)
        grade, source = FindingGrade.MINOR, FindingSource.PROCESS
        yield Opening(day, reported(stage, case, grade, source, rest))


async def _witnessed(stage: Stage) -> Story:
    """Praise something, and show it in three ways that others judge differently."""
    case = case_of(ALL[0], dice("praise"))
    grade, source = FindingGrade.GOOD_PRACTICE, FindingSource.MANAGEMENT_REVIEW
    finding = await raised(stage, case, "vogel", grade, source)
    await stage.step("vogel", "findingOpen", finding)
    yield 1
    for verdict in EvidenceLinkStatus:
        await show(stage, finding, case.owner, case.theme, case.chance, verdict)


def _reports(stage: Stage) -> Iterator[Opening]:
    """Let the employee and the process owner that visitors sign in as look after something."""
    for number, state in enumerate((None, FindingStatus.ANALYSIS, FindingStatus.OPEN)):
        chance = dice("report", number)
        case, day = case_of(chance.choice(ALL), chance, "BER"), (-150, -30, -4)[number]
        source, grade = FindingSource.SELF_REPORT, FindingGrade.MINOR
        yield Opening(day, reported(stage, case, grade, source, state, "krueger"))
    case = case_of(PRODUCT, dice("major"), "BER")
    grade, source = FindingGrade.MAJOR, FindingSource.COMPLAINT
    yield Opening(-24, reported(stage, case, grade, source, FindingStatus.ACTION))
    ahead = case_of(PRODUCT, dice("ahead"), "BER")
    yield Opening(-60, corrected(stage, ahead, [], CapaStatus.IMPLEMENTING))


def _preventions(stage: Stage, first: int) -> Iterator[Opening]:
    for number in range(PREVENTIONS * stage.years):
        chance = dice("prevention", number)
        case = case_of(chance.choice(ALL), chance)
        yield Opening(chance.uniform(first, -20), corrected(stage, case, []))
    for state in CapaStatus:
        chance = dice("capa", state)
        case = case_of(chance.choice(ALL), chance)
        rest = None if state is CapaStatus.CLOSED else state
        day = first + 5 if rest is None else chance.uniform(-170, -140)
        yield Opening(day, corrected(stage, case, [], rest))


def _chores(stage: Stage, first: int) -> Iterator[Opening]:
    for number in range(CHORES * stage.years):
        chance = dice("chore", number)
        yield Opening(chance.uniform(first, -1), _chore(stage, chance))
    for state in ActionStatus:
        rest = None if state is ActionStatus.VERIFIED else state
        day = first if rest is None else -45
        yield Opening(day, _chore(stage, dice("chore", state), rest))


def _waiting(stage: Stage) -> Iterator[Opening]:
    """Let those whom visitors sign in as have something to do."""
    states = (ActionStatus.TODO, ActionStatus.IN_PROGRESS)
    for number, owner in enumerate(_VISITED * 3):
        day, state = (-25, -8, -3)[number % 3], states[number % 2]
        yield Opening(day, _chore(stage, dice("visited", number), state, owner))


async def _chore(
    stage: Stage, chance: Random, rest: ActionStatus | None = None, owner: str | None = None
) -> Story:
    manager = chance.choice(("ebert", "schulz", "zielinski", "hoffmann", "thomsen", "otto"))
    await hand_out(
        stage,
        Hands(manager, owner or chance.choice(EMPLOYEES), chance.choice(("larsen", "reinhardt"))),
        chance,
        title=chance.choice(_CHORES),
        kind=chance.choice(_KINDS),
        days=chance.choice((5, 10, 20)),
        rest=rest,
    )
    return
    yield
