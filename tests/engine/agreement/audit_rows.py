"""Rows of audits, with their criteria, team, auditees, answers and samples."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from qgp.audits.model import Audit, AuditResponse, SampleSet
from qgp.audits.model.terms import (
    AuditConclusion,
    AuditResult,
    AuditSource,
    AuditStatus,
    AuditTeamRole,
    AuditType,
    SampleMethod,
    SampleResult,
)
from qgp.kit import clock
from qgp.kit.shared_terms import AuditMethod
from qgp.templates.model import Question, TemplateVersion
from tests import factories
from tests.engine.agreement.adding import Adding, pick

DAY = date(2026, 2, 27)
Facts = dict[str, Any]


async def add(adding: Adding) -> None:
    """Make audits in every state, with criteria, team, auditees, answers and samples."""
    rows = await adding.many(
        16, lambda n: factories.audit(pick(AuditStatus, n), **_audit(adding, n))
    )
    audits = [*enumerate(rows)]
    await adding.add(
        factories.audit_standard(audit.id, standard)
        for number, audit in audits
        for standard in adding.standards[: number % 3]
    )
    await adding.add(
        factories.audit_clause(audit.id, clause)
        for number, audit in audits
        for clause in adding.clauses[number % 3 : number % 5]
    )
    await adding.add(
        factories.audit_team_member(audit.id, adding.person(place), role=role)
        for number, audit in audits
        for place, role in enumerate([*AuditTeamRole][: number % 5])
    )
    await adding.add(
        factories.audit_auditee(audit.id, adding.person(place))
        for number, audit in audits
        for place in range(number % 3)
    )
    await adding.add(
        _response(adding, audit, place)
        for number, audit in audits
        for place in range(3 * (number % 4))
    )
    await _samples(adding)


def _audit(adding: Adding, number: int) -> Facts:
    day = DAY + timedelta(days=number % 4)
    facts: Facts = {"type": pick(AuditType, number), "method": pick(AuditMethod, number)}
    facts |= {"title": adding.text(), "source": pick(AuditSource, number)}
    facts |= {"result": pick(AuditResult, number), "conclusion": None}
    if number % 4:
        days = {"planned_start_on": day, "planned_end_on": day + timedelta(number % 3)}
        names = ("criteria", "external_body", "external_reference", "opening_notes")
        facts |= adding.texts("scope", "closing_notes", *names) | days | adding.place(number)
        facts |= {"conclusion": pick(AuditConclusion, number), "started_at": clock.now()}
        facts |= {"template_version_id": adding.one(TemplateVersion, number).id}
        facts |= {"lead_auditor_id": adding.person(number), "raw_score": Decimal("12.50")}
        facts |= {"max_score": Decimal(20), "score_pct": Decimal("62.50")}
    if number % 3 == 0:
        facts |= {"overridden_pct": Decimal("81.25"), "override_reason": adding.text()}
        facts |= {"overridden_by_id": adding.person(number)}
    return facts


def _response(adding: Adding, audit: Audit, place: int) -> AuditResponse:
    question = adding.one(Question, place * 3)
    facts: Facts = {"client_id": adding.text(), "client_sequence": place}
    if place % 4 == 3:
        facts |= {"value": None, "is_na": True, "na_reason": adding.text(), "is_failed": False}
    if place % 3:
        facts |= {"comment": adding.text(), "max_score": Decimal(1), "score": Decimal("0.5")}
    if place % 5 == 1:
        facts["no_finding_reason"] = adding.text()
    verdict, by = pick(("YES", "NO", "MINOR", "PASS"), place), adding.person(place)
    return factories.audit_response(audit.id, question.id, verdict, answered_by_id=by, **facts)


async def _samples(adding: Adding) -> None:
    """Make a sample of each method, and record some of its items."""
    methods = [*SampleMethod]
    await adding.many(len(methods), lambda n: factories.sample_set(
        adding.one(Audit, n).id, population_description=adding.text(), method=methods[n],
        seed="7" if methods[n] is SampleMethod.RANDOM else None,
    ))  # fmt: skip
    await adding.add(
        factories.sample_item(sample.id, position=1 + place, **_sampled(adding, place))
        for sample in adding.rows[SampleSet]
        for place in range(4)
    )


def _sampled(adding: Adding, place: int) -> Facts:
    if place == 3:
        return {}
    texts = adding.texts("reference", "evidence")
    return {"number": 40 + place, "result": pick(SampleResult, place), **texts}
