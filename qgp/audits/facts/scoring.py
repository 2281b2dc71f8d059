"""Score of an audit: pure arithmetic over a checklist and its responses.

A question is worth score / maximum. A section is the weighted mean of its questions, and an audit
the weighted mean of its sections: `sum(weight * share) / sum(weight)`, over the questions that are
answered, visible, applicable and scored. Each repetition of a section counts as a section of its
own with the section's weight. A part without any such question is left out; if that is the whole
audit, the result is UNSCORED. One failed CRITICAL question fails the audit at any percentage.

The arithmetic is exact, on fractions, and rounded once at the end: percentages and points to two
decimals, half up; marks are compared with the rounded percentage, the one that clients see.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import floor
from uuid import UUID

from qgp.audits.facts.score_hash import score_hash
from qgp.audits.model.terms import AuditResult
from qgp.templates.facts.checklists import (
    Answer,
    Checklist,
    Condition,
    Place,
    Question,
    Section,
    is_met,
    score_answer,
)

NOTHING: Set[Place] = frozenset()


@dataclass(frozen=True)
class SectionScore:
    """Score of one repetition of a section.

    Attributes:
        raw, maximum: points achieved, and the highest number achievable.
        pct: 0 to 100; None where no scored question was answered.
    """

    section_id: UUID
    repeat_index: int
    raw: Decimal
    maximum: Decimal
    pct: Decimal | None


@dataclass(frozen=True)
class Score:
    """Score of an audit.

    Attributes:
        failed: places with a failing response, in the order of the checklist.
        hash: SHA-256, in hex, of the inputs of the score.
    """

    raw: Decimal
    maximum: Decimal
    pct: Decimal | None
    result: AuditResult
    is_critical_failed: bool
    sections: tuple[SectionScore, ...]
    failed: tuple[Place, ...]
    hash: str


@dataclass(frozen=True)
class AnsweredChecklist:
    """A checklist with its responses; a place without one is unanswered."""

    checklist: Checklist
    answers: Mapping[Place, Answer]

    @classmethod
    def of(cls, checklist: Checklist, answers: Iterable[Answer]) -> "AnsweredChecklist":
        """Index the responses by their place."""
        return cls(checklist, {(a.question_id, a.repeat_index): a for a in answers})

    @cached_property
    def _home(self) -> Mapping[UUID, tuple[Section, Question]]:
        return {q.id: (part, q) for part in self.checklist.sections for q in part.questions}

    @cached_property
    def runs(self) -> Sequence[tuple[Section, int]]:
        """The sections with their repetitions; the first one always exists."""
        begun: dict[UUID, set[int]] = defaultdict(lambda: {0})
        for question_id, repeat_index in self.answers:
            if question_id in self._home:
                begun[self._home[question_id][0].id].add(repeat_index)
        sections = self.checklist.sections
        return [(part, index) for part in sections for index in sorted(begun[part.id])]

    @cached_property
    def visible(self) -> Sequence[tuple[Section, Question, Place]]:
        """The visible questions, in the order of the checklist."""
        return [
            (section, question, (question.id, index))
            for section, index in self.runs
            for question in section.questions
            if self._is_asked((question.id, index), frozenset())
        ]

    def applicable(self, place: Place) -> Answer | None:
        """Return the response; None where there is none or the question is not applicable."""
        answer = self.answers.get(place)
        return None if answer is None or answer.is_na or not answer.texts else answer

    def _is_asked(self, place: Place, above: frozenset[Place]) -> bool:
        """Return whether a place is visible; one that depends on itself is not."""
        if place in above or place[0] not in self._home:
            return False
        section, question = self._home[place[0]]
        return all(
            self._holds(condition, section, place, above | {place})
            for condition in (section.condition, question.condition)
            if condition is not None
        )

    def _holds(
        self, condition: Condition, section: Section, place: Place, above: frozenset[Place]
    ) -> bool:
        """Return whether a condition is met, in the same repetition or else the first."""
        other = self._home.get(condition.question_id)
        if other is None:
            return False
        index = place[1] if other[0] is section else 0
        target = (condition.question_id, index)
        answer = self.applicable(target)
        return answer is not None and self._is_asked(target, above) and is_met(condition, answer)


@dataclass
class _Tally:
    """Sums of a weighted mean."""

    raw: Fraction = Fraction(0)
    maximum: Fraction = Fraction(0)
    weighted: Fraction = Fraction(0)
    weight: Fraction = Fraction(0)
    failed: list[Place] = field(default_factory=list)

    def count(self, weight: Decimal, share: Fraction) -> None:
        """Add a part with its weight."""
        self.weighted += Fraction(weight) * share
        self.weight += Fraction(weight)

    @property
    def share(self) -> Fraction | None:
        """The weighted mean, 0 to 1; None without any weight."""
        return self.weighted / self.weight if self.weight else None


def result(checklist: Checklist, pct: Decimal | None, *, is_critical_failed: bool) -> AuditResult:
    """Return the result of a percentage; None means that no scored question was answered."""
    if not checklist.is_scored:
        return AuditResult.UNSCORED
    if is_critical_failed:
        return AuditResult.FAIL
    if pct is None or checklist.pass_mark is None:
        return AuditResult.UNSCORED
    if pct >= checklist.pass_mark:
        return AuditResult.PASS
    if checklist.conditional_mark is not None and pct >= checklist.conditional_mark:
        return AuditResult.CONDITIONAL
    return AuditResult.FAIL


def score(sheet: AnsweredChecklist, corrected: Set[Place] = NOTHING) -> Score:
    """Compute the score.

    Args:
        sheet: the checklist with its responses.
        corrected: places that count as fully met.
    """
    checklist = sheet.checklist
    whole, sections, critical = _Tally(), [], False
    for section, index, questions in _by_run(sheet):
        tally = _Tally()
        for question, place in questions:
            failed = _count(tally, sheet, question, place, is_corrected=place in corrected)
            critical |= failed and question.is_critical
        sections.append(_of_section(section, index, tally))
        whole.raw += tally.raw
        whole.maximum += tally.maximum
        whole.failed += tally.failed
        if tally.share is not None:
            whole.count(section.weight, tally.share)
    pct = percentage(whole.share) if checklist.is_scored else None
    return Score(
        rounded(whole.raw),
        rounded(whole.maximum),
        pct,
        result(checklist, pct, is_critical_failed=critical),
        critical,
        tuple(sections),
        tuple(whole.failed),
        score_hash(checklist, sheet.answers.values(), corrected),
    )


def _by_run(
    sheet: AnsweredChecklist,
) -> Iterator[tuple[Section, int, list[tuple[Question, Place]]]]:
    visible: dict[tuple[UUID, int], list[tuple[Question, Place]]] = defaultdict(list)
    for section, question, place in sheet.visible:
        visible[section.id, place[1]].append((question, place))
    for section, index in sheet.runs:
        yield section, index, visible[section.id, index]


def _count(
    tally: _Tally, sheet: AnsweredChecklist, question: Question, place: Place, *, is_corrected: bool
) -> bool:
    """Add the score of a response; return whether it fails."""
    answer = sheet.applicable(place)
    if answer is None:
        return False
    share, is_failed = (Fraction(1), False) if is_corrected else score_answer(question, answer)
    if is_failed:
        tally.failed.append(place)
    if question.max_score is not None and share is not None:
        maximum = Fraction(question.max_score)
        tally.raw += share * maximum
        tally.maximum += maximum
        tally.count(question.weight, share)
    return is_failed


def _of_section(section: Section, index: int, tally: _Tally) -> SectionScore:
    points = (rounded(tally.raw), rounded(tally.maximum))
    return SectionScore(section.id, index, *points, percentage(tally.share))


def percentage(share: Fraction | None) -> Decimal | None:
    """Return a share as a percentage with two decimals, half up."""
    return None if share is None else rounded(share * 100)


def rounded(value: Fraction) -> Decimal:
    """Return a non-negative number with two decimals, half up."""
    return Decimal(floor(value * 100 + Fraction(1, 2))).scaleb(-2)
