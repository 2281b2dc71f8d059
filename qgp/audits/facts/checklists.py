"""An audit's checklist with its answers, read from the tables for the arithmetic of scores."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa

from qgp.audits.facts import question_scoring, scoring
from qgp.audits.facts.question_scoring import Answer, Condition, Option, Place, texts
from qgp.audits.model import Audit, AuditResponse
from qgp.audits.policy import READ
from qgp.kit.loader import Reads
from qgp.kit.policy import Permission
from qgp.kit.shared_terms import FindingGrade
from qgp.templates.model import Question, QuestionOption, Section, TemplateVersion
from qgp.templates.model.terms import CHOICES, ScoringMethod

_OPTION: Any = (QuestionOption.question_id, QuestionOption.key)
_OPTION += (QuestionOption.score, QuestionOption.is_fail)
_BARE = scoring.Checklist(ScoringMethod.NONE, ())


@dataclass(frozen=True)
class Filled:
    """A checklist as it is filled in.

    Attributes:
        version: of the template; None where the audit has no checklist.
        questions: the rows behind what the sheet asks, by id.
        responses: the rows behind its answers.
    """

    sheet: scoring.Sheet = field(default_factory=lambda: scoring.Sheet(_BARE, {}))
    version: TemplateVersion | None = None
    sections: Mapping[UUID, Section] = field(default_factory=dict)
    questions: Mapping[UUID, Question] = field(default_factory=dict)
    responses: Mapping[Place, AuditResponse] = field(default_factory=dict)

    @property
    def visible(self) -> Sequence[tuple[Question, Place]]:
        """What is asked, in the order of the checklist."""
        return [(self.questions[place[0]], place) for _, _, place in self.sheet.visible]

    @property
    def unanswered(self) -> Sequence[tuple[Question, Place]]:
        """What is asked and has no answer."""
        return [(row, place) for row, place in self.visible if place not in self.responses]

    @property
    def failing(self) -> Sequence[tuple[Question, AuditResponse]]:
        """The visible answers that fail."""
        found = [(row, self.responses.get(place)) for row, place in self.visible]
        return [(row, response) for row, response in found if response and response.is_failed]


@dataclass(frozen=True, eq=False)
class Sheets:
    """Loads the checklists of many audits in five statements."""

    read: ClassVar[Permission] = READ

    async def fetch(self, reads: Reads, keys: list[UUID]) -> list[Filled]:
        """Return the filled checklists in the order of the keys."""
        of_audit = await _versions(reads, keys)
        wanted = {version.id for version in of_audit.values()}
        if not wanted:
            return [Filled() for _ in keys]
        sections = await _parts(reads, Section, wanted)
        questions = await _parts(reads, Question, wanted)
        options = await _options(reads, wanted)
        responses = await _responses(reads, keys)
        return [
            Filled()
            if (version := of_audit.get(key)) is None
            else _filled(
                version, sections[version.id], questions[version.id], options, responses[key]
            )
            for key in keys
        ]


async def _versions(reads: Reads, keys: list[UUID]) -> dict[UUID, TemplateVersion]:
    wanted: Any = sa.select(Audit.id, TemplateVersion)
    wanted = wanted.join(TemplateVersion, TemplateVersion.id == Audit.template_version_id)
    return dict(await reads.tuples(wanted.where(Audit.id.in_(keys))))


async def _parts(reads: Reads, kind: type[Any], versions: set[UUID]) -> dict[UUID, list[Any]]:
    wanted = sa.select(kind).where(kind.template_version_id.in_(versions))
    groups: dict[UUID, list[Any]] = defaultdict(list)
    for row in await reads.rows(wanted.order_by(kind.position, kind.id)):
        groups[row.template_version_id].append(row)
    return groups


async def _options(reads: Reads, versions: set[UUID]) -> dict[UUID, list[Option]]:
    told: Any = sa.select(*_OPTION)
    told = told.join(Question, Question.id == QuestionOption.question_id)
    told = told.where(Question.template_version_id.in_(versions)).order_by(QuestionOption.key)
    return _by_question(await reads.tuples(told))


async def options_of(reads: Reads, row: Question) -> Sequence[Option]:
    """Return what there is to choose for an answer to the question."""
    if row.type not in CHOICES:
        return ()
    told: Any = sa.select(*_OPTION).where(QuestionOption.question_id == row.id)
    return _by_question(await reads.tuples(told.order_by(QuestionOption.key)))[row.id]


def _by_question(found: Iterable[Any]) -> dict[UUID, list[Option]]:
    groups: dict[UUID, list[Option]] = defaultdict(list)
    for question_id, key, score, is_fail in found:
        groups[question_id].append(Option(key, score or Option.score, is_fail))
    return groups


async def _responses(reads: Reads, keys: list[UUID]) -> dict[UUID, list[AuditResponse]]:
    groups: dict[UUID, list[AuditResponse]] = defaultdict(list)
    for row in await reads.rows(sa.select(AuditResponse).where(AuditResponse.audit_id.in_(keys))):
        groups[row.audit_id].append(row)
    return groups


def _filled(
    version: TemplateVersion,
    sections: Sequence[Section],
    questions: Sequence[Question],
    options: Mapping[UUID, Sequence[Option]],
    responses: Iterable[AuditResponse],
) -> Filled:
    inside: dict[UUID, list[question_scoring.Question]] = defaultdict(list)
    for row in questions:
        inside[row.section_id].append(question(row, options.get(row.id, ())))
    parts = [
        scoring.Section(row.id, row.weight, tuple(inside[row.id]), _condition(row))
        for row in sections
    ]
    checklist = scoring.Checklist(
        version.scoring, tuple(parts), version.pass_mark, version.conditional_mark
    )
    placed = {(row.question_id, row.repeat_index): row for row in responses}
    sheet = scoring.Sheet(checklist, {place: _answer(row) for place, row in placed.items()})
    by_id = {row.id: row for row in questions}
    return Filled(sheet, version, {row.id: row for row in sections}, by_id, placed)


def question(row: Question, options: Iterable[Option]) -> question_scoring.Question:
    """Return a question as the arithmetic takes it."""
    return question_scoring.Question(
        row.id,
        row.type,
        row.weight,
        row.max_score,
        row.minimum,
        row.maximum,
        tuple(options),
        row.criticality,
        _condition(row),
    )


def _condition(row: Section | Question) -> Condition | None:
    if row.visible_if_question_id is None or row.visible_if_operator is None:
        return None
    values = tuple(row.visible_if_values)
    return Condition(row.visible_if_question_id, row.visible_if_operator, values)


def _answer(row: AuditResponse) -> Answer:
    return Answer(row.question_id, row.repeat_index, texts(row.value), row.is_na)


sheet_of_audit = Sheets()


_GRADES = tuple(FindingGrade)  # the heaviest first


def grade_of(question: Question) -> FindingGrade:
    """Return how the finding of a failing answer is graded, or at least has to be."""
    return question.fail_grade or FindingGrade.MINOR


def unfound(filled: Filled, found: Sequence[Any]) -> Sequence[tuple[Question, AuditResponse]]:
    """Return the failing answers without a finding that will do, in the order of the checklist.

    Args:
        filled: the checklist with its answers.
        found: the audit's findings as `related.findings` tells them; one will do that the audit
            itself brought to light and that weighs enough.
    """
    heaviest: dict[UUID, int] = defaultdict(lambda: len(_GRADES))
    for response_id, grade, _, is_of_audit in found:
        if is_of_audit:
            heaviest[response_id] = min(heaviest[response_id], _GRADES.index(grade))
    return [
        (question, response)
        for question, response in filled.failing
        if question.is_finding_created_on_fail
        and heaviest[response.id] > _GRADES.index(grade_of(question))
    ]
