"""What holds for every checklist and whatever is answered."""

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from qgp.audits.facts.scoring import AnsweredChecklist, score
from qgp.audits.model.terms import AuditResult
from qgp.templates.facts.checklists import Answer, Checklist, Condition, Question, Section
from qgp.templates.model.terms import (
    QuestionCriticality,
    QuestionType,
    ScoringMethod,
    VisibilityOperator,
)

MOST = 8
_WEIGHTS = st.decimals(0, 1000, places=3)
_KINDS = {
    QuestionType.YES_NO: st.sampled_from(["YES", "NO"]),
    QuestionType.CONFORMITY: st.sampled_from(["CONFORM", "OBSERVATION", "MINOR", "MAJOR"]),
    QuestionType.NUMBER: st.decimals(-10, 10, places=2).map(str),
    QuestionType.RATING: st.integers(0, 5).map(str),
    QuestionType.TEXT: st.text("aÄ0 ", min_size=1, max_size=3),
}

_CRITICALITIES = st.sampled_from([QuestionCriticality.MINOR, QuestionCriticality.CRITICAL])


@st.composite
def questions(draw: st.DrawFn, number: int) -> Question:
    kind = draw(st.sampled_from(sorted(_KINDS)))
    earlier = draw(st.integers(0, number)) if number else 0
    shown = Condition(UUID(int=earlier), VisibilityOperator.EQ, ("YES",))
    return Question(
        UUID(int=number),
        kind,
        draw(_WEIGHTS),
        draw(st.none() | st.decimals("0.001", 100, places=3)),
        minimum=Decimal(0),
        maximum=Decimal(5),
        criticality=draw(
            st.sampled_from([QuestionCriticality.MINOR, QuestionCriticality.CRITICAL])
        ),
        condition=draw(st.sampled_from([None, None, shown])) if earlier < number else None,
    )


@st.composite
def sheets(draw: st.DrawFn) -> AnsweredChecklist:
    drawn = [draw(questions(number)) for number in range(draw(st.integers(0, MOST)))]
    cut = draw(st.integers(0, len(drawn)))
    parts = tuple(
        Section(UUID(int=100 + place), draw(st.decimals("0.001", 10, places=3)), tuple(of_it))
        for place, of_it in enumerate((drawn[:cut], drawn[cut:]))
    )
    answers = [
        Answer(question.id, run, (draw(_KINDS[question.type]),), draw(st.booleans()))
        for question in drawn
        for run in draw(st.sets(st.integers(0, 2)))
    ]
    return AnsweredChecklist.of(
        Checklist(ScoringMethod.PERCENT, parts, Decimal(80), Decimal(60)), answers
    )


@settings(max_examples=25, deadline=None)
@given(sheets())
def test_a_percentage_is_from_0_to_100(sheet: AnsweredChecklist) -> None:
    outcome = score(sheet)
    assert 0 <= outcome.raw <= outcome.maximum
    for pct in (outcome.pct, *(part.pct for part in outcome.sections)):
        assert pct is None or 0 <= pct <= 100
    if outcome.pct is None:
        assert outcome.result in {AuditResult.UNSCORED, AuditResult.FAIL}
    if outcome.is_critical_failed:
        assert outcome.result is AuditResult.FAIL


@settings(max_examples=25, deadline=None)
@given(sheets(), st.randoms())
def test_the_order_does_not_matter(sheet: AnsweredChecklist, chance: object) -> None:
    answers = list(sheet.answers.values())
    parts = [
        replace(part, questions=tuple(reversed(part.questions)))
        for part in reversed(sheet.checklist.sections)
    ]
    other = AnsweredChecklist.of(replace(sheet.checklist, sections=tuple(parts)), reversed(answers))
    mine, its = score(sheet), score(other)
    assert (mine.raw, mine.maximum, mine.pct, mine.result) == (
        (its.raw, its.maximum, its.pct, its.result)
    )
    assert set(mine.failed) == set(its.failed)
    again = AnsweredChecklist.of(sheet.checklist, reversed(answers))
    assert score(again) == mine  # the hash as well


@settings(max_examples=25, deadline=None)
@given(sheets())
def test_an_answer_that_does_not_apply_changes_nothing_but_the_hash(
    sheet: AnsweredChecklist,
) -> None:
    before = score(sheet)
    missing = [
        question
        for part in sheet.checklist.sections
        for question in part.questions
        if (question.id, 0) not in sheet.answers
    ]
    answers = [*sheet.answers.values(), *(Answer(q.id, is_na=True) for q in missing)]
    after = score(AnsweredChecklist.of(sheet.checklist, answers))
    assert replace(after, hash="") == replace(before, hash="")
    assert (after.hash == before.hash) == (not missing)


@settings(max_examples=25, deadline=None)
@given(sheets(), st.decimals("0.5", 20, places=1))
def test_only_the_proportion_of_weights_counts(sheet: AnsweredChecklist, factor: Decimal) -> None:
    heavier = tuple(
        replace(
            part,
            weight=part.weight * factor,
            questions=tuple(replace(q, weight=q.weight * factor) for q in part.questions),
        )
        for part in sheet.checklist.sections
    )
    other = AnsweredChecklist(replace(sheet.checklist, sections=heavier), sheet.answers)
    mine, its = score(sheet), score(other)
    assert (mine.pct, mine.result) == (its.pct, its.result)


@settings(max_examples=25, deadline=None)
@given(sheets())
def test_mending_what_fails_never_lowers_the_score(sheet: AnsweredChecklist) -> None:
    before = score(sheet)
    after = score(sheet, frozenset(before.failed))
    assert after.failed == ()
    assert before.pct is None or (after.pct is not None and after.pct >= before.pct)
