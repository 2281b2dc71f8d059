"""Responses of audit teams, and the findings they lead to."""

import math
from collections.abc import Mapping
from decimal import Decimal
from random import Random
from typing import Any

from qgp.audits.model import Audit, AuditResponse
from qgp.audits.model.terms import AnswerVerdict, AuditSource
from qgp.demo.cases import Case, case_of
from qgp.demo.findings import create_finding
from qgp.demo.playback import Playback, Scenario, random_for
from qgp.demo.programme import Planned
from qgp.demo.templates import EARLIER
from qgp.demo.themes import ALL
from qgp.demo.themes.customers import IMPROVEMENT
from qgp.demo.words import fill
from qgp.findings.model import Finding, FindingSource
from qgp.kit.shared_terms import FindingGrade
from qgp.templates.facts import outline_of_version
from qgp.templates.model import Question, Section
from qgp.templates.model.terms import QuestionType

_V = AnswerVerdict
_CHOICES: Mapping[QuestionType, tuple[tuple[AnswerVerdict, ...], tuple[float, ...]]] = {
    QuestionType.CONFORMITY: ((_V.CONFORM, _V.OBSERVATION, _V.MINOR, _V.MAJOR), (80, 9, 9, 1.6)),
    QuestionType.YES_NO: ((_V.YES, _V.NO), (88, 12)),
    QuestionType.PASS_FAIL: ((_V.PASS, _V.FAIL), (90, 10)),
}
_GRADES = {
    _V.OBSERVATION: FindingGrade.OBSERVATION,
    _V.MINOR: FindingGrade.MINOR,
    _V.MAJOR: FindingGrade.MAJOR,
    _V.NO: FindingGrade.MINOR,
    _V.FAIL: FindingGrade.MINOR,
}
_BY_NAME = {theme.name: theme for theme in ALL} | {EARLIER: IMPROVEMENT}
_FINE = ("Three examples looked at.", "Seen in {area}.", "Record of order {order} complete.")
_NO_NEED = "Mended while we stood there; the check of last week shows that it is a single lapse."
Found = list[tuple[Finding, Case]]


async def record_responses(
    playback: Playback, plan: Planned, audit: Audit, chance: Random, findings: Found, share: float
) -> Scenario:
    """Record responses to the checklist, spread over the days of the audit.

    Args:
        share: of the questions that are answered, 0 to 1.
    """
    assert audit.template_version_id is not None
    outline = await playback.work.load(outline_of_version, audit.template_version_id)
    questions = [
        (section, question, run)
        for section in outline.sections
        for run in range(2 if section.is_repeatable else 1)
        for question in outline.questions[section.id]
    ]
    questions = questions[: math.ceil(len(questions) * share)]
    for place, (section, question, run) in enumerate(questions):
        if question.visible_if_question_id is None:
            team = (plan.lead, *plan.team)
            who = team[place % len(team)]
            await _answer(playback, plan, audit, who, section, question, run, chance, findings)
        if place % 6 == 5:
            yield plan.length * 6 / len(questions)


async def _answer(
    playback: Playback,
    plan: Planned,
    audit: Audit,
    who: str,
    section: Section,
    question: Question,
    run: int,
    chance: Random,
    findings: Found,
) -> None:
    theme = _BY_NAME.get(section.title)
    verdict = None
    if question.type in _CHOICES:
        verdict = chance.choices(*_CHOICES[question.type])[0]
    is_na = verdict is not None and chance.random() < 0.03
    grade = None if is_na or verdict is None else _GRADES.get(verdict)
    case = None
    if theme and grade:
        case_chance = random_for("case", plan.key, question.position, theme.name, run)
        case = case_of(theme, case_chance, plan.site, question.text)
    comment = _comment(case, chance)
    playback.sequence += 1
    response = await playback.run(
        who,
        "auditResponsesRecord",
        audit_id=audit.id,
        question_id=question.id,
        repeat_index=run,
        client_id=f"tablet-{who}",
        client_sequence=playback.sequence,
        answered_at=playback.instant,
        value=None if is_na else _value(playback, plan, question, verdict, chance),
        is_na=is_na,
        na_reason="Not part of what is done here." if is_na else None,
        comment=comment if case or chance.random() < 0.3 else None,
    )
    if case and grade:
        await _follow_up(playback, plan, response, case, grade, who, findings)


def _comment(case: Case | None, chance: Random) -> str:
    return case.seen.evidence if case else fill(chance.choice(_FINE), chance)


async def _follow_up(
    playback: Playback,
    plan: Planned,
    response: AuditResponse,
    case: Case,
    grade: FindingGrade,
    who: str,
    findings: Found,
) -> None:
    """Create a finding for a failing response, or justify that there is none."""
    if response.is_failed and case.chance.random() < 0.08:
        facts: dict[str, Any] = {"id": response.id, "expected_version": response.version}
        await playback.run(who, "auditResponseJustifyNoFinding", **facts, reason=_NO_NEED)
        return
    is_supplied = plan.source is AuditSource.SECOND_PARTY
    source = FindingSource.SUPPLIER if is_supplied else FindingSource.AUDIT
    finding = await create_finding(playback, case, who, grade, source, response_id=response.id)
    findings.append((finding, case))


def _value(
    playback: Playback, plan: Planned, question: Question, verdict: Any, chance: Random
) -> dict[str, Any]:
    match question.type:
        case QuestionType.TEXT:
            return {"text": fill("{person}, and the shift leader of {area}", chance)}
        case QuestionType.SITE:
            return {"site_id": playback.sites[plan.site or "BER"]}
        case QuestionType.RATING:
            return {"number": Decimal(chance.choices((2, 3, 4, 5), (1, 3, 5, 3))[0])}
        case QuestionType.SINGLE:
            return {"options": [chance.choices(("yes", "some", "no"), (6, 3, 1))[0]]}
    return {"verdict": verdict}
