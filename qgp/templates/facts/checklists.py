"""Checklists: scoring of responses to questions, and visibility conditions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from qgp.templates.model.terms import (
    MEASURES,
    QuestionCriticality,
    QuestionType,
    ScoringMethod,
    VisibilityOperator,
)

Place = tuple[UUID, int]  # a question, and the run of its section from 0
Worth = tuple[Fraction | None, bool]  # share of the best score, and whether it fails
_VERDICTS: Mapping[str, Worth] = {
    "YES": (Fraction(1), False),
    "NO": (Fraction(0), True),
    "PASS": (Fraction(1), False),
    "FAIL": (Fraction(0), True),
    "CONFORM": (Fraction(1), False),
    "OBSERVATION": (Fraction(1), False),  # the requirement is met
    "MINOR": (Fraction(1, 2), True),
    "MAJOR": (Fraction(0), True),
}
VERDICTS_OF: Mapping[QuestionType, frozenset[str]] = {
    QuestionType.YES_NO: frozenset({"YES", "NO"}),
    QuestionType.PASS_FAIL: frozenset({"PASS", "FAIL"}),
    QuestionType.CONFORMITY: frozenset({"CONFORM", "OBSERVATION", "MINOR", "MAJOR"}),
}


@dataclass(frozen=True)
class Option:
    """An option of a SINGLE or MULTI question."""

    key: str
    score: Decimal = Decimal(0)
    is_fail: bool = False


@dataclass(frozen=True)
class Condition:
    """A visibility condition: a comparison with the response to another question.

    Attributes:
        values: the values to compare with, as texts.
    """

    question_id: UUID
    operator: VisibilityOperator
    values: tuple[str, ...] = ()

    @classmethod
    def of(cls, row: Any) -> "Condition | None":
        """Return the condition of a section or question; None if it is always visible."""
        if row.visible_if_question_id is None or row.visible_if_operator is None:
            return None
        values = tuple(row.visible_if_values)
        return cls(row.visible_if_question_id, row.visible_if_operator, values)


@dataclass(frozen=True)
class Question:
    """A question.

    Attributes:
        max_score: of the best response; None if the question is not scored.
        minimum, maximum: limits of a number, or the ends of a rating; None for no limit.
    """

    id: UUID
    type: QuestionType
    weight: Decimal = Decimal(1)
    max_score: Decimal | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    options: tuple[Option, ...] = ()
    criticality: QuestionCriticality = QuestionCriticality.MINOR
    condition: Condition | None = None

    @property
    def is_critical(self) -> bool:
        """Whether one failure fails the whole audit."""
        return self.criticality is QuestionCriticality.CRITICAL

    @property
    def is_conformity(self) -> bool:
        """Whether its verdicts are degrees of conformity."""
        return self.type is QuestionType.CONFORMITY


@dataclass(frozen=True)
class Section:
    """A section with its questions in order."""

    id: UUID
    weight: Decimal
    questions: tuple[Question, ...]
    condition: Condition | None = None


@dataclass(frozen=True)
class Checklist:
    """The sections of a template version, and its marks.

    Attributes:
        pass_mark, conditional_mark: percentages; None for no such mark.
    """

    scoring: ScoringMethod = ScoringMethod.NONE
    sections: tuple[Section, ...] = ()
    pass_mark: Decimal | None = None
    conditional_mark: Decimal | None = None

    @property
    def is_scored(self) -> bool:
        """Whether responses are scored in percent."""
        return self.scoring is not ScoringMethod.NONE


@dataclass(frozen=True)
class Answer:
    """The response to a question.

    Attributes:
        repeat_index: the repetition of the question's section, from 0.
        texts: the value as texts: a verdict, keys of options, a number, …"""

    question_id: UUID
    repeat_index: int = 0
    texts: tuple[str, ...] = ()
    is_na: bool = False


def score_answer(question: Question, answer: Answer) -> Worth:
    """Return the share of the best score, 0 to 1 or None if not scored, and whether it fails.

    - YES_NO, PASS_FAIL, CONFORMITY: YES, PASS, CONFORM and OBSERVATION are full; MINOR is half and
      fails; NO, FAIL and MAJOR are nothing and fail.
    - SINGLE, MULTI: what the chosen options score together, at least nothing and at most the
      best; fails where one of them fails.
    - NUMBER, TEMPERATURE, CALCULATED: full within minimum and maximum, both included; outside
      nothing, and fails. The client has worked a CALCULATED number out.
    - RATING: its way from the minimum (0 if there is none) to the maximum; fails at the minimum.
    - Everything else is neither scored nor fails.

    Responses to a question of criticality INFO never fail.
    """
    share, is_failed = _JUDGES.get(question.type, _unscored)(question, answer)
    return share, is_failed and question.criticality is not QuestionCriticality.INFO


def is_met(condition: Condition, answer: Answer) -> bool:
    """Return whether a response meets a condition; of several keys, one is enough."""
    texts, values = answer.texts, condition.values
    match condition.operator:
        case VisibilityOperator.ANSWERED:
            return bool(texts)
        case VisibilityOperator.EQ | VisibilityOperator.IN:
            return bool(_plain(texts) & _plain(values))
        case VisibilityOperator.NE:
            return not _plain(texts) & _plain(values)
        case VisibilityOperator.GT:
            return _compared(texts, values, lambda a, b: a > b)
        case VisibilityOperator.LT:
            return _compared(texts, values, lambda a, b: a < b)


def value_texts(value: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Return a stored value as the texts that conditions compare with."""
    if value is None:
        return ()
    (stored,) = value.values()
    return (stored,) if isinstance(stored, str) else tuple(stored)


def number(text: str) -> Decimal | None:
    """Parse a finite number; None for any other text."""
    try:
        value = Decimal(text)
    except ArithmeticError:
        return None
    return value if value.is_finite() else None


def _plain(texts: tuple[str, ...]) -> frozenset[str | Decimal]:
    """Return texts as a set, numbers by their value."""
    pairs = ((text, number(text)) for text in texts)
    return frozenset(text if value is None else value for text, value in pairs)


def _compared(
    texts: tuple[str, ...], values: tuple[str, ...], holds: Callable[[Decimal, Decimal], bool]
) -> bool:
    if len(texts) != 1 or len(values) != 1:
        return False
    a, b = number(texts[0]), number(values[0])
    return a is not None and b is not None and holds(a, b)


def _verdict(_: Question, answer: Answer) -> Worth:
    return _VERDICTS.get(answer.texts[0], (None, False))


def _choice(question: Question, answer: Answer) -> Worth:
    chosen = [option for option in question.options if option.key in answer.texts]
    is_failed = any(option.is_fail for option in chosen)
    if question.max_score is None:
        return None, is_failed
    share = sum(Fraction(option.score) for option in chosen) / Fraction(question.max_score)
    return min(max(share, Fraction(0)), Fraction(1)), is_failed


def _measure(question: Question, answer: Answer) -> Worth:
    value = number(answer.texts[0])
    if value is None:
        return None, False
    is_high = question.maximum is not None and value > question.maximum
    is_low = question.minimum is not None and value < question.minimum
    return (Fraction(0), True) if is_high or is_low else (Fraction(1), False)


def _rating(question: Question, answer: Answer) -> Worth:
    value, lowest = number(answer.texts[0]), question.minimum or Decimal(0)
    if value is None or question.maximum is None or question.maximum <= lowest:
        return None, False
    share = (Fraction(value) - Fraction(lowest)) / (Fraction(question.maximum) - Fraction(lowest))
    return min(max(share, Fraction(0)), Fraction(1)), value <= lowest


def _unscored(_: Question, __: Answer) -> Worth:
    return None, False


_JUDGES: Mapping[QuestionType, Callable[[Question, Answer], Worth]] = {
    **dict.fromkeys(VERDICTS_OF, _verdict),
    QuestionType.SINGLE: _choice,
    QuestionType.MULTI: _choice,
    QuestionType.RATING: _rating,
    **dict.fromkeys(MEASURES, _measure),
}
