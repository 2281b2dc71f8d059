"""Scenarios of audits: planned, scheduled, performed, reviewed, reported, closed."""

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
from qgp.demo.cases import Case, case_of
from qgp.demo.comments import comment_on
from qgp.demo.company import PROCESSES
from qgp.demo.findings import create_finding, handle_finding
from qgp.demo.playback import Playback, Scenario, random_for
from qgp.demo.programme import Planned
from qgp.demo.responses import record_responses
from qgp.demo.tasks import Assignment, create_action
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


async def run_audit(playback: Playback, plan: Planned) -> Scenario:
    """Run an audit of the programme, from its planning to its closure."""
    chance = random_for("audit", plan.key)
    audit = await _plan(playback, plan)
    if plan.rest is AuditStatus.PLANNED:
        return
    yield FORESIGHT - NOTICE
    await playback.transition(plan.lead, "auditSchedule", audit)
    if plan.rest is AuditStatus.SCHEDULED:
        return
    if plan.rest is AuditStatus.CANCELLED or (plan.rest is None and chance.random() < 0.03):
        yield NOTICE - 4
        await playback.transition("vogel", "auditCancel", audit, reason=_CALLED_OFF)
        return
    yield NOTICE
    await playback.transition(plan.lead, "auditStart", audit)
    findings: Found = []
    async for days in _fieldwork(playback, plan, audit, chance, findings):
        yield days
    if plan.rest in {AuditStatus.IN_PROGRESS, AuditStatus.FIELDWORK_DONE}:
        return
    yield chance.uniform(0.5, 2.5)
    await _submit(playback, plan, audit)
    if plan.rest is AuditStatus.IN_REVIEW:
        return
    async for days in _issue_report(playback, plan, audit, chance, findings):
        yield days


async def _plan(playback: Playback, plan: Planned) -> Audit:
    process = plan.process
    families = [playback.standards[family] for family in plan.families]
    themes = [theme for family in plan.families for theme in OF[family]]
    clauses = dict.fromkeys(clause for theme in themes for clause in theme.clauses[:1])
    owner = _PARTS[process].owner if process else "brandt"
    department = _PARTS[process].department if process and plan.external_body is None else None
    is_outside = plan.source.value == "SECOND_PARTY"
    audit: Audit = await playback.run(
        plan.lead,
        "auditCreate",
        type=plan.type,
        method=plan.method,
        source=plan.source,
        title=plan.title,
        scope=f"{plan.title}: what is done against what is planned, on all shifts.",
        criteria="Our own procedures and the customers' requirements.",
        planned_start_on=_day(playback, plan, 0),
        planned_end_on=_day(playback, plan, plan.length - 1),
        external_body=plan.external_body,
        external_reference=f"NC-{plan.key.upper()}" if plan.external_body else None,
        site_id=None if plan.site is None else playback.sites[plan.site],
        department_id=None if is_outside or not department else playback.departments[department],
        process_id=None if process is None else playback.processes[process],
        template_version_id=playback.checklists[plan.checklist] if plan.checklist else None,
        lead_auditor_id=playback.people[plan.lead].user_id,
        standard_ids=families,
        clause_ids=[playback.clauses[clause] for clause in clauses],
        auditee_ids=[playback.people[owner].user_id],
    )
    if item := playback.items.get(plan.key):
        facts = {"id": item.id, "expected_version": item.version}
        await playback.run(plan.lead, "programmeItemLinkAudit", **facts, audit_id=audit.id)
    for who in plan.team:
        member = {"audit_id": audit.id, "user_id": playback.people[who].user_id}
        role = AuditTeamRole.AUDITOR
        await playback.run(
            plan.lead, "auditTeamMemberAdd", **member, role=role, override_reason=None
        )
    return audit


def _day(playback: Playback, plan: Planned, after: float) -> date:
    return playback.calendar.day(plan.day + after)


async def _fieldwork(
    playback: Playback, plan: Planned, audit: Audit, chance: Random, findings: Found
) -> Scenario:
    """Record responses day by day, and create findings."""
    await _update_audit(playback, plan, audit, opening_notes=_NOTES)
    share = 0.5 if plan.rest is AuditStatus.IN_PROGRESS else 1
    if plan.checklist:
        async for days in record_responses(playback, plan, audit, chance, findings, share):
            yield days
    else:
        yield plan.length
        await _record_certification(playback, plan, audit, findings)
    if share < 1:
        return
    if chance.random() < 0.35:
        await _record_sample(playback, plan, audit, chance)
    yield 0.3
    await playback.transition(plan.lead, "auditCompleteFieldwork", audit)


async def _record_certification(
    playback: Playback, plan: Planned, audit: Audit, findings: Found
) -> None:
    """Record the findings of the certification body; the lead auditor writes them."""
    chance = random_for("certification", plan.key)
    grades = (FindingGrade.MINOR, FindingGrade.MINOR, FindingGrade.OBSERVATION, FindingGrade.OFI)
    for place, grade in enumerate((*grades, FindingGrade.GOOD_PRACTICE)):
        family = plan.families[place % len(plan.families)]
        case = case_of(chance.choice(OF[family]), random_for("case", plan.key, place))
        source = FindingSource.CERT_AUDIT
        about: dict[str, Any] = {"audit_id": audit.id, "detected_by": "hallstroem"}
        finding = await create_finding(playback, case, plan.lead, grade, source, **about)
        findings.append((finding, case))


async def _record_sample(playback: Playback, plan: Planned, audit: Audit, chance: Random) -> None:
    size, population = chance.choice((3, 5)), chance.randrange(40, 400)
    sample = await playback.run(
        plan.lead,
        "sampleSetCreate",
        audit_id=audit.id,
        population_description="Orders of the last quarter.",
        population_size=population,
        method=SampleMethod.RANDOM,
        seed=f"{plan.key}-{population}",
        size=size,
    )
    statement = sa.select(SampleItem).where(SampleItem.sample_set_id == sample.id)
    for item in await playback.work.rows(statement.order_by(SampleItem.position)):
        seen = chance.choices(list(SampleResult), (12, 1, 1))[0]
        order = f"Order {chance.randrange(40000, 50000)}"
        facts: dict[str, Any] = {"id": item.id, "expected_version": item.version}
        await playback.run(plan.lead, "sampleItemRecord", **facts, reference=order, result=seen)


async def _submit(playback: Playback, plan: Planned, audit: Audit) -> None:
    conclusion = {"closing_notes": _CLOSING, "conclusion": _CONCLUSIONS[audit.result or _UNSCORED]}
    await _update_audit(playback, plan, audit, **conclusion)
    await playback.transition(plan.lead, "auditSubmit", audit)


_UNSCORED = AuditResult.UNSCORED


async def _issue_report(
    playback: Playback, plan: Planned, audit: Audit, chance: Random, findings: Found
) -> Scenario:
    """Review the audit, issue it with its findings, and close it when they have ended."""
    reviewer = "vogel" if plan.lead != "vogel" else "reinhardt"
    yield chance.uniform(1, 4)
    if plan.rest is None and chance.random() < 0.05:
        await playback.transition(reviewer, "auditReturn", audit, reason=_INCOMPLETE)
        yield 1
        await playback.transition(plan.lead, "auditCompleteFieldwork", audit)
        yield 1
        await _submit(playback, plan, audit)
        yield 1
    await playback.transition(reviewer, "auditIssueReport", audit)
    await _create_actions(playback, plan, audit, reviewer)
    if chance.random() < 0.5:
        await comment_on(playback, audit, (plan.lead, reviewer, *plan.team), chance)
    for finding, case in findings:
        assert finding.status is FindingStatus.OPEN
        playback.schedule(handle_finding(playback, case, finding), case.chance.uniform(0.1, 2))
    if plan.rest is AuditStatus.REPORTED:
        return
    yield 30
    while any(finding.status not in ENDED for finding, _ in findings):
        yield 10
    await playback.transition(plan.lead, "auditClose", audit)


async def _create_actions(playback: Playback, plan: Planned, audit: Audit, reviewer: str) -> None:
    """Create actions of the audit that belong to no finding."""
    chance = random_for("errand", plan.key)
    if chance.random() < 0.4:
        assignment, title = Assignment(reviewer, plan.lead, reviewer), chance.choice(_ERRANDS)
        about: dict[str, Any] = {"kind": ActionKind.FOLLOW_UP, "audit_id": audit.id}
        await create_action(playback, assignment, chance, title=title, days=15, **about)


async def _update_audit(playback: Playback, plan: Planned, audit: Audit, **changes: Any) -> None:
    facts: dict[str, Any] = {"id": audit.id, "expected_version": audit.version}
    await playback.run(plan.lead, "auditUpdate", **facts, **changes)
