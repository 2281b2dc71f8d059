"""What answers are worth, worked out by hand beside each example."""

from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest

from qgp.audits.facts.score_hash import score_hash
from qgp.audits.facts.scoring import score
from qgp.audits.model.terms import AuditResult
from qgp.templates.facts.checklists import (
    Answer,
    Checklist,
    Condition,
    Option,
    Question,
    Section,
    score_answer,
)
from qgp.templates.model.terms import (
    QuestionCriticality,
    QuestionType,
    ScoringMethod,
    VisibilityOperator,
)
from tests.audits.checklists import na, options, question, said, section, sheet, when

D = Decimal
CRITICAL = {"criticality": QuestionCriticality.CRITICAL}


def test_weights_count_in_sections_and_among_them() -> None:
    a, b = question(weight=2), question(weight=1)
    c = question(QuestionType.CONFORMITY, weight=1, max_score=10)
    parts = [section(a, b, weight=1), section(c, weight=3)]
    outcome = score(sheet(parts, said(a, "YES"), said(b, "NO"), said(c, "MINOR")))
    # first: (2*1 + 1*0) / 3 = 66.666…; second: 5/10 = 50; audit: (1*2/3 + 3*1/2) / 4 = 13/24
    assert [part.pct for part in outcome.sections] == [D("66.67"), D("50.00")]
    assert (outcome.pct, outcome.result) == (D("54.17"), AuditResult.FAIL)
    # points: 1 + 0 + 5 of 1 + 1 + 10
    assert (outcome.raw, outcome.maximum) == (D("6.00"), D("12.00"))
    assert outcome.failed == ((b.id, 0), (c.id, 0))


def test_what_does_not_apply_is_left_out() -> None:
    a, b = question(weight=1), question(weight=9)
    outcome = score(sheet([section(a, b)], said(a, "YES"), na(b)))
    # 1*1 / 1; the 9 count neither above nor below the line
    assert (outcome.pct, outcome.result, outcome.maximum) == (
        D("100.00"),
        AuditResult.PASS,
        D("1.00"),
    )


def test_what_is_not_answered_is_left_out() -> None:
    a, b = question(), question()
    outcome = score(sheet([section(a, b)], said(a, "NO")))
    assert (outcome.pct, outcome.result) == (D("0.00"), AuditResult.FAIL)


def test_hidden_answers_are_left_out_at_every_depth() -> None:
    a = question()
    b = question(condition=when(a, "YES"))
    c = question(condition=when(b, "NO"))
    d = question()
    parts = [section(a, b, c), section(d, condition=when(c, is_="ANSWERED"))]
    answers = [said(b, "NO"), said(c, "NO"), said(d, "NO")]
    shown = score(sheet(parts, said(a, "YES"), *answers))
    # first: (1 + 0 + 0) / 3; second: 0; audit: (1/3 + 0) / 2 = 16.666…
    assert (shown.pct, len(shown.failed)) == (D("16.67"), 3)
    hidden = score(sheet(parts, said(a, "NO"), *answers))
    # a = NO hides b, so c, so the second section: 0 / 1
    assert (hidden.pct, hidden.failed) == (D("0.00"), ((a.id, 0),))
    assert [part.pct for part in hidden.sections] == [D("0.00"), None]


def test_each_run_of_a_section_is_a_section_of_its_own() -> None:
    a, b = question(), question()
    c = question()
    parts = [section(a, b, weight=2), section(c, weight=1)]
    outcome = score(
        sheet(
            parts,
            *(said(a, "YES"), said(b, "NO")),
            *(said(a, "YES", run=1), said(b, "YES", run=1)),
            *(na(a, run=4), na(b, run=4)),
            said(c, "NO"),
        )
    )
    # runs: 1/2 and 1, the third has nothing to divide by; audit: (2*1/2 + 2*1 + 1*0) / 5 = 60
    runs = [(part.repeat_index, part.pct) for part in outcome.sections]
    assert runs == [(0, D("50.00")), (1, D("100.00")), (4, None), (0, D("0.00"))]
    assert (outcome.pct, outcome.result) == (D("60.00"), AuditResult.CONDITIONAL)


def test_conditions_look_into_the_same_run() -> None:
    a = question()
    b = question(condition=when(a, "YES"))
    outcome = score(
        sheet(
            [section(a, b)],
            *(said(a, "YES"), said(b, "NO")),
            *(said(a, "NO", run=1), said(b, "NO", run=1)),
        )
    )
    # run 0: (1 + 0) / 2; run 1: 0 / 1, b is hidden; audit: (1/2 + 0) / 2
    assert (outcome.pct, len(outcome.failed)) == (D("25.00"), 2)


@pytest.mark.parametrize(
    ("text", "pct", "result"),
    [("YES", D("100.00"), AuditResult.PASS), ("NO", D("99.01"), AuditResult.FAIL)],
)
def test_one_critical_failure_fails_the_audit(text: str, pct: D, result: AuditResult) -> None:
    a, b = question(weight=100), question(**CRITICAL)
    outcome = score(sheet([section(a, b)], said(a, "YES"), said(b, text)))
    # 100 / 101 = 99.0099…, far above the mark
    assert (outcome.pct, outcome.result) == (pct, result)
    assert outcome.is_critical_failed == (text == "NO")


def test_a_critical_failure_needs_no_score() -> None:
    a = question(max_score=None, **CRITICAL)
    outcome = score(sheet([section(a)], said(a, "NO")))
    assert (outcome.pct, outcome.result) == (None, AuditResult.FAIL)


def test_a_critical_question_that_is_hidden_or_does_not_apply_fails_nothing() -> None:
    a = question()
    b, c = question(condition=when(a, "NO"), **CRITICAL), question(**CRITICAL)
    outcome = score(sheet([section(a, b, c)], said(a, "YES"), said(b, "NO"), na(c)))
    assert (outcome.pct, outcome.result) == (D("100.00"), AuditResult.PASS)


def test_nothing_to_measure_is_unscored() -> None:
    empty = score(sheet([]))
    assert (empty.pct, empty.result, empty.maximum) == (None, AuditResult.UNSCORED, D("0.00"))
    a, b = question(weight=0), question(weight=0)
    weightless = score(sheet([section(a, b)], said(a, "YES"), said(b, "NO")))
    assert (weightless.pct, weightless.result) == (None, AuditResult.UNSCORED)
    assert score(sheet([section(a)])).pct is None
    assert score(sheet([section(a)], na(a))).pct is None


def test_without_scoring_nothing_is_judged_as_a_whole() -> None:
    a = question(**CRITICAL)
    outcome = score(sheet([section(a)], said(a, "NO"), scoring=ScoringMethod.NONE))
    assert (outcome.pct, outcome.result) == (None, AuditResult.UNSCORED)
    assert outcome.failed == ((a.id, 0),)


@pytest.mark.parametrize(
    ("yes", "marks", "result"),
    [
        (80, (80, 60), AuditResult.PASS),
        (79, (80, 60), AuditResult.CONDITIONAL),
        (60, (80, 60), AuditResult.CONDITIONAL),
        (59, (80, 60), AuditResult.FAIL),
        (79, (80, None), AuditResult.FAIL),
        (100, (None, None), AuditResult.UNSCORED),
    ],
)
def test_marks_include_themselves(yes: int, marks: Any, result: AuditResult) -> None:
    a, b = question(weight=yes), question(weight=100 - yes)
    outcome = score(sheet([section(a, b)], said(a, "YES"), said(b, "NO"), marks=marks))
    assert (outcome.pct, outcome.result) == (D(yes).quantize(D("0.01")), result)


def test_percentages_are_rounded_half_up_before_they_meet_a_mark() -> None:
    a, b = question(weight="79.995"), question(weight="20.005")
    outcome = score(sheet([section(a, b)], said(a, "YES"), said(b, "NO")))
    # exactly 79.995 of 100
    assert (outcome.pct, outcome.result) == (D("80.00"), AuditResult.PASS)


_CHOICE = {"max_score": 10, "options": options(good=10, fair=6, poor=2, none=0)}
_LIMITED = {"minimum": 2, "maximum": 8}


@pytest.mark.parametrize(
    ("kind", "facts", "texts", "share", "fails"),
    [
        (QuestionType.YES_NO, {}, ["YES"], 1, False),
        (QuestionType.YES_NO, {}, ["NO"], 0, True),
        (QuestionType.PASS_FAIL, {}, ["PASS"], 1, False),
        (QuestionType.PASS_FAIL, {}, ["FAIL"], 0, True),
        (QuestionType.CONFORMITY, {}, ["CONFORM"], 1, False),
        (QuestionType.CONFORMITY, {}, ["OBSERVATION"], 1, False),
        (QuestionType.CONFORMITY, {}, ["MINOR"], "0.5", True),
        (QuestionType.CONFORMITY, {}, ["MAJOR"], 0, True),
        (QuestionType.SINGLE, _CHOICE, ["fair"], "0.6", False),
        (QuestionType.SINGLE, _CHOICE, ["none"], 0, True),
        (QuestionType.SINGLE, {**_CHOICE, "max_score": None}, ["none"], None, True),
        (QuestionType.MULTI, _CHOICE, ["fair", "poor"], "0.8", False),
        (QuestionType.MULTI, _CHOICE, ["good", "fair"], 1, False),
        (QuestionType.MULTI, _CHOICE, ["poor", "none"], "0.2", True),
        (QuestionType.NUMBER, _LIMITED, ["2"], 1, False),
        (QuestionType.NUMBER, _LIMITED, ["8.0"], 1, False),
        (QuestionType.NUMBER, _LIMITED, ["1.999999"], 0, True),
        (QuestionType.TEMPERATURE, _LIMITED, ["8.1"], 0, True),
        (QuestionType.TEMPERATURE, {"maximum": 8}, ["-40"], 1, False),
        (QuestionType.CALCULATED, _LIMITED, ["9"], 0, True),
        (QuestionType.NUMBER, {}, ["12"], 1, False),
        (QuestionType.RATING, {"minimum": 1, "maximum": 5}, ["4"], "0.75", False),
        (QuestionType.RATING, {"minimum": 1, "maximum": 5}, ["1"], 0, True),
        (QuestionType.RATING, {"minimum": 0, "maximum": 4}, ["4"], 1, False),
        (QuestionType.TEXT, {"max_score": None}, ["Seen."], None, False),
        (QuestionType.DATE, {"max_score": None}, ["2026-01-01"], None, False),
    ],
)
def test_each_type_is_judged(
    kind: QuestionType, facts: Any, texts: list[str], share: int | str | None, fails: bool
) -> None:
    scored = question(kind, **facts)
    worth = None if share is None else Fraction(share)
    assert score_answer(scored, said(scored, *texts)) == (worth, fails)
    informative = question(kind, criticality=QuestionCriticality.INFO, **facts)
    assert score_answer(informative, said(informative, *texts)) == (worth, False)


@pytest.mark.parametrize(
    ("operator", "values", "texts", "shows"),
    [
        ("EQ", ["a"], ["a"], True),
        ("EQ", ["a"], ["b"], False),
        ("EQ", ["12.5"], ["12.50"], True),
        ("EQ", ["a"], ["b", "a"], True),
        ("NE", ["a"], ["b"], True),
        ("NE", ["a"], ["a"], False),
        ("IN", ["a", "b"], ["b"], True),
        ("IN", ["a", "b"], ["c"], False),
        ("GT", ["9"], ["10"], True),
        ("GT", ["9"], ["9"], False),
        ("GT", ["9"], ["many"], False),
        ("LT", ["9"], ["8.9"], True),
        ("LT", ["9"], ["9"], False),
        ("ANSWERED", [], ["whatever"], True),
    ],
)
def test_each_condition_shows_what_it_says(
    operator: str, values: list[str], texts: list[str], shows: bool
) -> None:
    a = question(QuestionType.MULTI)
    b = question(condition=when(a, *values, is_=operator))
    assert [q.id for _, q, _ in sheet([section(a, b)], said(a, *texts)).visible] == (
        [a.id, b.id] if shows else [a.id]
    )
    assert [q.id for _, q, _ in sheet([section(a, b)]).visible] == [a.id]
    assert [q.id for _, q, _ in sheet([section(a, b)], na(a)).visible] == [a.id]


def test_what_depends_on_itself_is_never_asked() -> None:
    a = question()
    b = question(condition=when(a, "YES"))
    circle = question(condition=when(b, "YES"))
    ring = section(*(q for q in (a, b, circle)))
    object.__setattr__(a, "condition", when(circle, "YES"))
    answers = [said(q, "YES") for q in (a, b, circle)]
    assert sheet([ring], *answers).visible == []


def test_what_is_mended_counts_in_full() -> None:
    a, b = question(weight=3), question(**CRITICAL)
    answered = sheet([section(a, b)], said(a, "YES"), said(b, "NO"))
    # 3 / 4 with a critical failure; mended (3 + 1) / 4
    assert (score(answered).pct, score(answered).result) == (D("75.00"), AuditResult.FAIL)
    after = score(answered, frozenset({(b.id, 0)}))
    assert (after.pct, after.result, after.failed) == (D("100.00"), AuditResult.PASS, ())
    assert after.hash != score(answered).hash


def test_a_score_is_sealed_over_the_former_names_of_verdicts() -> None:
    verdict, choice, last, part = (UUID(int=number) for number in range(1, 5))
    shown = Condition(verdict, VisibilityOperator.IN, ("CONFORM", "MINOR"))
    questions = (
        Question(verdict, QuestionType.CONFORMITY),
        Question(choice, QuestionType.SINGLE, options=(Option("C", D(1)), Option("MIN"))),
        Question(last, QuestionType.YES_NO, condition=shown),
    )
    chosen = Condition(choice, VisibilityOperator.EQ, ("C",))
    checklist = Checklist(ScoringMethod.POINTS, (Section(part, D(1), questions, chosen),))
    answers = [Answer(verdict, 0, ("MINOR",)), Answer(choice, 0, ("C",)), Answer(last, 0, ("YES",))]
    # What a release with the verdicts C and MIN made of the same inputs.
    former = "0198217f60d676ec217eaacf7f5027e40ded5ae8503d4a630ae025641eaad47c"
    assert score_hash(checklist, answers, frozenset()) == former
