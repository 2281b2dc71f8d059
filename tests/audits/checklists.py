"""Checklists and answers for the arithmetic of scores, without a database."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from qgp.audits.facts.scoring import AnsweredChecklist
from qgp.templates.facts.checklists import (
    Answer,
    Checklist,
    Condition,
    Option,
    Question,
    Section,
)
from qgp.templates.model.terms import QuestionType, ScoringMethod, VisibilityOperator

_ids = count(1)


def decimal(value: Any) -> Decimal:
    return Decimal(str(value))


def question(kind: QuestionType = QuestionType.YES_NO, /, **facts: Any) -> Question:
    """A question that scores 1 at the best, unless told otherwise."""
    numbers = {"weight", "max_score", "minimum", "maximum"}
    values: dict[str, Any] = {
        name: decimal(value) if name in numbers and value is not None else value
        for name, value in {"max_score": 1, **facts}.items()
    }
    return Question(UUID(int=next(_ids)), kind, **values)


def options(**scores: Any) -> tuple[Option, ...]:
    """Options by key; a score of 0 fails."""
    return tuple(Option(key, decimal(score), score == 0) for key, score in scores.items())


def section(*questions: Question, weight: Any = 1, condition: Condition | None = None) -> Section:
    return Section(UUID(int=next(_ids)), decimal(weight), questions, condition)


def sheet(
    sections: Sequence[Section],
    *answers: Answer,
    scoring: ScoringMethod = ScoringMethod.PERCENT,
    marks: tuple[Any, Any] = (80, 60),
) -> AnsweredChecklist:
    """A checklist that is passed from 80 and conditionally from 60 percent, and its answers."""
    passing, conditional = [None if mark is None else decimal(mark) for mark in marks]
    return AnsweredChecklist.of(Checklist(scoring, tuple(sections), passing, conditional), answers)


def said(question: Question, *texts: str, run: int = 0) -> Answer:
    return Answer(question.id, run, texts)


def na(question: Question, run: int = 0) -> Answer:
    return Answer(question.id, run, is_na=True)


def when(question: Question, *values: str, is_: str = "EQ") -> Condition:
    return Condition(question.id, VisibilityOperator(is_), values)
