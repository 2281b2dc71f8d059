"""Stories of audits: planned, announced, performed, reviewed, reported, closed."""

from datetime import date
from random import Random
from typing import Any

import sqlalchemy as sa

from qgp.actions.model import ActionKind
from qgp.audits.model import Audit, SampleItem
from qgp.audits.model.terms import (
    AuditConclusion,
    AuditResult,
    AuditStatus,
    AuditTeamRole,
    SampleMethod,
    SampleResult,
)
from qgp.demo.answers import answered
from qgp.demo.cases import Case, case_of
from qgp.demo.company import PROCESSES
from qgp.demo.faults import handled, raised
from qgp.demo.programme import Planned
from qgp.demo.stage import Stage, Story, dice
from qgp.demo.talk import talk
from qgp.demo.tasks import Hands, hand_out
from qgp.demo.themes import OF
from qgp.findings.model import ENDED, Finding, FindingSource, FindingStatus
from qgp.kit.shared_terms import FindingGrade

NOTICE, FORESIGHT = 30, 40  # working days that an audit is announced and planned before
_PARTS = {part.code: part for part in PROCESSES}
_CALLED_OFF = "The line stands still for a rebuilding; the audit is planned anew."
_INCOMPLETE = "Two answers lack what was seen. Please complete them."
_NOTES = "Opening with the heads of the departments; plan and language agreed."
_CLOSING = "Results shown and understood; days for the answers agreed."
_CONCLUSIONS = {
    AuditResult.PASS: AuditConclusion.CONFORM,
    AuditResult.CONDITIONAL: AuditConclusion.SUBSTANTIALLY_CONFORM,
    AuditResult.FAIL: AuditConclusion.NOT_CONFORM,
    AuditResult.UNSCORED: AuditConclusion.SUBSTANTIALLY_CONFORM,
}
_ERRANDS = (
    "Show the results of the audit to the shifts in {area}",
    "Bring the questions that nobody understood to the next revision of the checklist",
    "Tell the other sites what is done well in {area}",
)
Found = list[tuple[Finding, Case]]


async def performed(stage: Stage, plan: Planned) -> Story:
    """Go through an audit of the programme; the story begins when it is planned."""
    chance = dice("audit", plan.key)
    audit = await _planned(stage, plan)
    if plan.rest is AuditStatus.PLANNED:
        return
    yield FORESIGHT - NOTICE
    await stage.step(plan.lead, "auditSchedule", audit)
    if plan.rest is AuditStatus.SCHEDULED:
        return
    if plan.rest is AuditStatus.CANCELLED or (plan.rest is None and chance.random() < 0.03):
        yield NOTICE - 4
        await stage.step("vogel", "auditCancel", audit, reason=_CALLED_OFF)
        return
    yield NOTICE
    await stage.step(plan.lead, "auditStart", audit)
    found: Found = []
    async for days in _fieldwork(stage, plan, audit, chance, found):
        yield days
    if plan.rest in {AuditStatus.IN_PROGRESS, AuditStatus.FIELDWORK_DONE}:
        return
    yield chance.uniform(0.5, 2.5)
    await _submit(stage, plan, audit)
    if plan.rest is AuditStatus.IN_REVIEW:
        return
    async for days in _issued(stage, plan, audit, chance, found):
        yield days


async def _planned(stage: Stage, plan: Planned) -> Audit:
    process = plan.process
    families = [stage.standards[family] for family in plan.families]
    themes = [theme for family in plan.families for theme in OF[family]]
    clauses = dict.fromkeys(clause for theme in themes for clause in theme.clauses[:1])
    owner = _PARTS[process].owner if process else "brandt"
    department = _PARTS[process].department if process and plan.external_body is None else None
    is_outside = plan.source.value == "SECOND_PARTY"
    audit: Audit = await stage.act(
        plan.lead,
        "auditCreate",
        type=plan.type,
        method=plan.method,
        source=plan.source,
        title=plan.title,
        scope=f"{plan.title}: what is done against what is planned, on all shifts.",
        criteria="Our own procedures and the customers' requirements.",
        planned_start_on=_day(stage, plan, 0),
        planned_end_on=_day(stage, plan, plan.length - 1),
        external_body=plan.external_body,
        external_reference=f"NC-{plan.key.upper()}" if plan.external_body else None,
        site_id=None if plan.site is None else stage.sites[plan.site],
        department_id=None if is_outside or not department else stage.departments[department],
        process_id=None if process is None else stage.processes[process],
        template_version_id=stage.checklists[plan.checklist] if plan.checklist else None,
        lead_auditor_id=stage.people[plan.lead].user_id,
        standard_ids=families,
        clause_ids=[stage.clauses[clause] for clause in clauses],
        auditee_ids=[stage.people[owner].user_id],
    )
    if item := stage.items.get(plan.key):
        facts = {"id": item.id, "expected_version": item.version}
        await stage.act(plan.lead, "programmeItemLinkAudit", **facts, audit_id=audit.id)
    for who in plan.team:
        member = {"audit_id": audit.id, "user_id": stage.people[who].user_id}
        role = AuditTeamRole.AUDITOR
        await stage.act(plan.lead, "auditTeamMemberAdd", **member, role=role, override_reason=None)
    return audit


def _day(stage: Stage, plan: Planned, after: float) -> date:
    return stage.calendar.day(plan.day + after)


async def _fieldwork(
    stage: Stage, plan: Planned, audit: Audit, chance: Random, found: Found
) -> Story:
    """Answer what is asked, day by day, and raise what was found."""
    await _change(stage, plan, audit, opening_notes=_NOTES)
    share = 0.5 if plan.rest is AuditStatus.IN_PROGRESS else 1
    if plan.checklist:
        async for days in answered(stage, plan, audit, chance, found, share):
            yield days
    else:
        yield plan.length
        await _judged_from_outside(stage, plan, audit, found)
    if share < 1:
        return
    if chance.random() < 0.35:
        await _sampled(stage, plan, audit, chance)
    yield 0.3
    await stage.step(plan.lead, "auditCompleteFieldwork", audit)


async def _judged_from_outside(stage: Stage, plan: Planned, audit: Audit, found: Found) -> None:
    """Take down what the certification body found; its auditor speaks, our lead writes."""
    chance = dice("certification", plan.key)
    grades = (FindingGrade.MINOR, FindingGrade.MINOR, FindingGrade.OBSERVATION, FindingGrade.OFI)
    for place, grade in enumerate((*grades, FindingGrade.GOOD_PRACTICE)):
        family = plan.families[place % len(plan.families)]
        case = case_of(chance.choice(OF[family]), dice("case", plan.key, place))
        source = FindingSource.CERT_AUDIT
        about: dict[str, Any] = {"audit_id": audit.id, "detected_by": "hallstroem"}
        finding = await raised(stage, case, plan.lead, grade, source, **about)
        found.append((finding, case))


async def _sampled(stage: Stage, plan: Planned, audit: Audit, chance: Random) -> None:
    size, population = chance.choice((3, 5)), chance.randrange(40, 400)
    sample = await stage.act(
        plan.lead,
        "sampleSetCreate",
        audit_id=audit.id,
        population_description="Orders of the last quarter.",
        population_size=population,
        method=SampleMethod.RANDOM,
        seed=f"{plan.key}-{population}",
        size=size,
    )
    wanted = sa.select(SampleItem).where(SampleItem.sample_set_id == sample.id)
    for item in await stage.work.rows(wanted.order_by(SampleItem.position)):
        seen = chance.choices(list(SampleResult), (12, 1, 1))[0]
        order = f"Order {chance.randrange(40000, 50000)}"
        facts: dict[str, Any] = {"id": item.id, "expected_version": item.version}
        await stage.act(plan.lead, "sampleItemRecord", **facts, reference=order, result=seen)


async def _submit(stage: Stage, plan: Planned, audit: Audit) -> None:
    told = {"closing_notes": _CLOSING, "conclusion": _CONCLUSIONS[audit.result or _UNSCORED]}
    await _change(stage, plan, audit, **told)
    await stage.step(plan.lead, "auditSubmit", audit)


_UNSCORED = AuditResult.UNSCORED


async def _issued(stage: Stage, plan: Planned, audit: Audit, chance: Random, found: Found) -> Story:
    """Review the audit, issue it with its findings, and close it when they have ended."""
    reviewer = "vogel" if plan.lead != "vogel" else "reinhardt"
    yield chance.uniform(1, 4)
    if plan.rest is None and chance.random() < 0.05:
        await stage.step(reviewer, "auditReturn", audit, reason=_INCOMPLETE)
        yield 1
        await stage.step(plan.lead, "auditCompleteFieldwork", audit)
        yield 1
        await _submit(stage, plan, audit)
        yield 1
    await stage.step(reviewer, "auditIssueReport", audit)
    await _pass_on(stage, plan, audit, reviewer)
    if chance.random() < 0.5:
        await talk(stage, audit, (plan.lead, reviewer, *plan.team), chance)
    for finding, case in found:
        assert finding.status is FindingStatus.OPEN
        stage.begin(handled(stage, case, finding), case.chance.uniform(0.1, 2))
    if plan.rest is AuditStatus.REPORTED:
        return
    yield 30
    while any(finding.status not in ENDED for finding, _ in found):
        yield 10
    await stage.step(plan.lead, "auditClose", audit)


async def _pass_on(stage: Stage, plan: Planned, audit: Audit, reviewer: str) -> None:
    """Hand out what some audits leave to do beside their findings."""
    chance = dice("errand", plan.key)
    if chance.random() < 0.4:
        hands, title = Hands(reviewer, plan.lead, reviewer), chance.choice(_ERRANDS)
        about: dict[str, Any] = {"kind": ActionKind.FOLLOW_UP, "audit_id": audit.id}
        await hand_out(stage, hands, chance, title=title, days=15, **about)


async def _change(stage: Stage, plan: Planned, audit: Audit, **changes: Any) -> None:
    facts: dict[str, Any] = {"id": audit.id, "expected_version": audit.version}
    await stage.act(plan.lead, "auditUpdate", **facts, **changes)
