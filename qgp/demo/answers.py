"""What the teams of audits answer, and the findings that come of it."""

import math
from collections.abc import Mapping
from decimal import Decimal
from random import Random
from typing import Any

from qgp.audits.model import Audit, AuditResponse
from qgp.audits.model.terms import AnswerVerdict, AuditSource
from qgp.demo.cases import Case, case_of
from qgp.demo.faults import raised
from qgp.demo.programme import Planned
from qgp.demo.publishing import EARLIER
from qgp.demo.stage import Stage, Story, dice
from qgp.demo.themes import ALL
from qgp.demo.themes.customers import IMPROVEMENT
from qgp.demo.words import said
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


async def answered(
    stage: Stage, plan: Planned, audit: Audit, chance: Random, found: Found, share: float
) -> Story:
    """Go through the checklist, at the pace of the audit.

    Args:
        share: 0 to 1, how far the team gets.
    """
    assert audit.template_version_id is not None
    outline = await stage.work.load(outline_of_version, audit.template_version_id)
    asked = [
        (section, question, run)
        for section in outline.sections
        for run in range(2 if section.is_repeatable else 1)
        for question in outline.questions[section.id]
    ]
    asked = asked[: math.ceil(len(asked) * share)]
    for place, (section, question, run) in enumerate(asked):
        if question.visible_if_question_id is None:
            team = (plan.lead, *plan.team)
            who = team[place % len(team)]
            await _answer(stage, plan, audit, who, section, question, run, chance, found)
        if place % 6 == 5:
            yield plan.length * 6 / len(asked)


async def _answer(
    stage: Stage,
    plan: Planned,
    audit: Audit,
    who: str,
    section: Section,
    question: Question,
    run: int,
    chance: Random,
    found: Found,
) -> None:
    theme = _BY_NAME.get(section.title)
    verdict = None
    if question.type in _CHOICES:
        verdict = chance.choices(*_CHOICES[question.type])[0]
    is_na = verdict is not None and chance.random() < 0.03
    grade = None if is_na or verdict is None else _GRADES.get(verdict)
    case = None
    if theme and grade:
        own = dice("case", plan.key, question.position, theme.name, run)
        case = case_of(theme, own, plan.site, question.text)
    comment = _comment(case, chance)
    stage.sequence += 1
    response = await stage.act(
        who,
        "auditResponsesRecord",
        audit_id=audit.id,
        question_id=question.id,
        repeat_index=run,
        client_id=f"tablet-{who}",
        client_sequence=stage.sequence,
        answered_at=stage.instant,
        value=None if is_na else _value(stage, plan, question, verdict, chance),
        is_na=is_na,
        na_reason="Not part of what is done here." if is_na else None,
        comment=comment if case or chance.random() < 0.3 else None,
    )
    if case and grade:
        await _follow_up(stage, plan, response, case, grade, who, found)


def _comment(case: Case | None, chance: Random) -> str:
    return case.seen.evidence if case else said(chance.choice(_FINE), chance)


async def _follow_up(
    stage: Stage,
    plan: Planned,
    response: AuditResponse,
    case: Case,
    grade: FindingGrade,
    who: str,
    found: Found,
) -> None:
    """Raise a finding for the answer, or say why there is none."""
    if response.is_failed and case.chance.random() < 0.08:
        facts: dict[str, Any] = {"id": response.id, "expected_version": response.version}
        await stage.act(who, "auditResponseJustifyNoFinding", **facts, reason=_NO_NEED)
        return
    is_supplied = plan.source is AuditSource.SECOND_PARTY
    source = FindingSource.SUPPLIER if is_supplied else FindingSource.AUDIT
    finding = await raised(stage, case, who, grade, source, response_id=response.id)
    found.append((finding, case))


def _value(
    stage: Stage, plan: Planned, question: Question, verdict: Any, chance: Random
) -> dict[str, Any]:
    match question.type:
        case QuestionType.TEXT:
            return {"text": said("{person}, and the shift leader of {area}", chance)}
        case QuestionType.SITE:
            return {"site_id": stage.sites[plan.site or "BER"]}
        case QuestionType.RATING:
            return {"number": Decimal(chance.choices((2, 3, 4, 5), (1, 3, 5, 3))[0])}
        case QuestionType.SINGLE:
            return {"options": [chance.choices(("yes", "some", "no"), (6, 3, 1))[0]]}
    return {"verdict": verdict}
