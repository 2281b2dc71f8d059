"""Outline of a template version: its sections, questions and options, and faulty conditions."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa

from qgp.kit import decimals
from qgp.kit.errors import Invalid
from qgp.kit.loader import Reads
from qgp.kit.policy import Permission
from qgp.kit.work import Work
from qgp.standards.facts import clauses_in_use_unfiltered
from qgp.templates.facts.checklists import VERDICTS_OF, Condition
from qgp.templates.model import (
    Question,
    QuestionClause,
    QuestionOption,
    Section,
    TemplateVersion,
)
from qgp.templates.model.terms import (
    CHOICES,
    MEASURES,
    QuestionType,
    TemplateVersionStatus,
    VisibilityOperator,
)
from qgp.templates.policy import READ

MOST_VALUES = 50
_COUNTED = MEASURES | {QuestionType.RATING}
_COMPARING = (VisibilityOperator.GT, VisibilityOperator.LT)


@dataclass
class Outline:
    """The sections, questions and options of one version, in their order."""

    sections: list[Section] = field(default_factory=list)
    questions: dict[UUID, list[Question]] = field(default_factory=lambda: defaultdict(list))
    options: dict[UUID, list[QuestionOption]] = field(default_factory=lambda: defaultdict(list))

    @property
    def conditional(self) -> list[Section | Question]:
        """The sections and questions, which may have a condition."""
        return [*self.sections, *self.all_questions]

    @property
    def all_questions(self) -> list[Question]:
        """Every question, section by section."""
        return [question for section in self.sections for question in self.questions[section.id]]

    def fault(self, row: Section | Question, condition: Condition) -> str | None:
        """Return why a section or question cannot have a condition; None if it can."""
        target = {q.id: q for q in self.all_questions}.get(condition.question_id)
        if target is None:
            return (
                "The condition refers to a question of another version. Choose a question of this "
                "version."
            )
        sections = {section.id: section for section in self.sections}
        target_section = sections[target.section_id]
        own_section = row if isinstance(row, Section) else sections[row.section_id]
        is_earlier = _place(target_section) < _place(own_section)
        if target_section is own_section and isinstance(row, Question):
            is_earlier = _place(target) < _place(row)
        if not is_earlier:
            return (
                "The condition refers to a question that does not come before. Choose an earlier "
                "question."
            )
        if target_section.is_repeatable and target_section is not own_section:
            return (
                "The condition refers to a question of another, repeatable section. Choose a "
                "question of a section without repetitions, or of the same section."
            )
        return self._unfit(target, condition)

    def _unfit(self, target: Question, condition: Condition) -> str | None:
        """Return why values cannot be compared with the responses; None if they can."""
        operator, values = condition.operator, condition.values
        if operator is VisibilityOperator.ANSWERED:
            return (
                ("The operator ANSWERED takes no values. Leave the values out.") if values else None
            )
        if operator is VisibilityOperator.IN:
            if not 1 <= len(values) <= MOST_VALUES:
                return f"The operator IN takes 1 to {MOST_VALUES} values. Send as many."
        elif len(values) != 1:
            return f"The operator {operator.value} takes exactly one value. Send one."
        if operator in _COMPARING and target.type not in _COUNTED:
            return (
                f"The operator {operator.value} compares numbers, and the question takes none. "
                "Choose another operator or question."
            )
        return self._unknown(target, values)

    def _unknown(self, target: Question, values: Sequence[str]) -> str | None:
        if target.type in _COUNTED:
            if all(decimals.read(value) is not None for value in values):
                return None
            return "A value is not a number, and the question takes numbers. Write it like 12.5."
        keys: frozenset[str] | None = VERDICTS_OF.get(target.type)
        if target.type in CHOICES:
            keys = frozenset(option.key for option in self.options[target.id])
        if keys is None or keys.issuperset(values):
            return None
        return (
            "A value is no possible response to the question. Choose among "
            f"{', '.join(sorted(keys)) or 'its options, once it has some'}."
        )


def _place(row: Section | Question) -> tuple[int, UUID]:
    return row.position, row.id


@dataclass(frozen=True, eq=False)
class _Outlines:
    """Loads the outlines of versions in three statements."""

    read: ClassVar[Permission] = READ

    async def fetch(self, reads: Reads, keys: list[UUID]) -> list[Outline]:
        """Return the outlines in the order of the keys."""
        outlines = {key: Outline() for key in keys}
        for section in await reads.rows(_of(Section, keys)):
            outlines[section.template_version_id].sections.append(section)
        for question in await reads.rows(_of(Question, keys)):
            outlines[question.template_version_id].questions[question.section_id].append(question)
        options: Any = (
            sa.select(QuestionOption, Question.template_version_id)
            .join(Question, Question.id == QuestionOption.question_id)
            .where(Question.template_version_id.in_(keys))
            .order_by(QuestionOption.position, QuestionOption.id)
        )
        for option, version in await reads.tuples(options):
            outlines[version].options[option.question_id].append(option)
        return [outlines[key] for key in keys]


def _of(kind: type[Section] | type[Question], keys: list[UUID]) -> sa.Select[Any]:
    within = sa.select(kind).where(kind.template_version_id.in_(keys))
    return within.order_by(kind.position, kind.id)


outline_of_version = _Outlines()


async def require_published(work: Work, id: UUID | None, path: str) -> None:
    """Check that a version, if any, is PUBLISHED; `path` locates the input.

    Raises:
        Invalid: it has another status.
        NotFound: no such version in this organization.
    """
    if id is None:
        return
    version = await work.get(TemplateVersion, id, path=path, read=READ)
    if version.status is not TemplateVersionStatus.PUBLISHED:
        message = (
            f"Template version {version.number} is {version.status.value}. Audits use a PUBLISHED "
            "version; choose one."
        )
        raise Invalid(message, path)


async def question_of_version(reads: Reads, id: UUID, version_id: UUID | None) -> Sequence[Any]:
    """Return a question of a version with its section and the version; empty if there is none."""
    rows: Any = sa.select(Question, Section, TemplateVersion)
    rows = rows.join(Section, Section.id == Question.section_id)
    rows = rows.join(TemplateVersion, TemplateVersion.id == Question.template_version_id)
    rows = rows.where(Question.id == id, TemplateVersion.id == version_id)
    return await reads.tuples(rows.where(*READ.visible(reads.caller)))


async def clauses_of_questions(reads: Reads, ids: Sequence[UUID]) -> Sequence[Any]:
    """Return the ids of each question and its clauses in use, in the order of entry."""
    link, used = QuestionClause, clauses_in_use_unfiltered()
    rows: Any = sa.select(link.question_id, link.clause_id)
    rows = rows.join(used, used.c.id == link.clause_id).order_by(link.created_at, link.id)
    return await reads.tuples(rows.where(link.question_id.in_(ids)))


def clauses_asked_after_unfiltered() -> Any:
    """Return a table `template_version_id`, `clause_id` of the clauses that questions verify."""
    rows: Any = sa.select(Question.template_version_id, QuestionClause.clause_id)
    rows = rows.join(QuestionClause, QuestionClause.question_id == Question.id)
    return rows.subquery("asked_after")
