"""Content of template versions, read for the computation of scores."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.kit.loader import Reads
from qgp.templates.facts import checklists
from qgp.templates.facts.checklists import Checklist, Condition, Option
from qgp.templates.model import Question, QuestionOption, Section, TemplateVersion
from qgp.templates.model.terms import CHOICES

_OPTION: Any = (QuestionOption.question_id, QuestionOption.key)
_OPTION += (QuestionOption.score, QuestionOption.is_fail)


@dataclass(frozen=True)
class Parts:
    """One version with its content.

    Attributes:
        sections, questions: each by its position.
        options: of each question, by key.
    """

    version: TemplateVersion
    sections: Sequence[Section]
    questions: Sequence[Question]
    options: Mapping[UUID, Sequence[Option]]

    @property
    def checklist(self) -> Checklist:
        """The checklist of the version, for the computation of scores."""
        inside: dict[UUID, list[checklists.Question]] = defaultdict(list)
        for row in self.questions:
            inside[row.section_id].append(scored_question(row, self.options.get(row.id, ())))
        sections = [
            checklists.Section(row.id, row.weight, tuple(inside[row.id]), Condition.of(row))
            for row in self.sections
        ]
        version = self.version
        marks = (version.pass_mark, version.conditional_mark)
        return Checklist(version.scoring, tuple(sections), *marks)


def with_version_unfiltered(rows: sa.Select[Any], version_id: Any) -> sa.Select[Any]:
    """Join the template versions that a column refers to, and select them too."""
    joined = rows.join(TemplateVersion, TemplateVersion.id == version_id)
    return joined.add_columns(TemplateVersion)


async def parts_unfiltered(
    reads: Reads, versions: Collection[TemplateVersion]
) -> Mapping[UUID, Parts]:
    """Return the content of versions by id, in three statements."""
    by_id = {version.id: version for version in versions}
    sections = await _of(reads, Section, by_id)
    questions = await _of(reads, Question, by_id)
    options = await _options(reads, by_id)
    return {
        id: Parts(version, sections[id], questions[id], options) for id, version in by_id.items()
    }


async def options_of_unfiltered(reads: Reads, row: Question) -> Sequence[Option]:
    """Return the options of a question; empty unless it is SINGLE or MULTI."""
    if row.type not in CHOICES:
        return ()
    rows: Any = sa.select(*_OPTION).where(QuestionOption.question_id == row.id)
    return _by_question(await reads.tuples(rows.order_by(QuestionOption.key)))[row.id]


def scored_question(row: Question, options: Iterable[Option]) -> checklists.Question:
    """Return a question for the computation of scores."""
    return checklists.Question(
        row.id,
        row.type,
        row.weight,
        row.max_score,
        row.minimum,
        row.maximum,
        tuple(options),
        row.criticality,
        Condition.of(row),
    )


async def _of(
    reads: Reads, kind: type[Any], versions: Collection[UUID]
) -> Mapping[UUID, list[Any]]:
    rows = sa.select(kind).where(kind.template_version_id.in_(versions))
    groups: dict[UUID, list[Any]] = defaultdict(list)
    for row in await reads.rows(rows.order_by(kind.position, kind.id)):
        groups[row.template_version_id].append(row)
    return groups


async def _options(reads: Reads, versions: Collection[UUID]) -> Mapping[UUID, list[Option]]:
    rows: Any = sa.select(*_OPTION)
    rows = rows.join(Question, Question.id == QuestionOption.question_id)
    rows = rows.where(Question.template_version_id.in_(versions)).order_by(QuestionOption.key)
    return _by_question(await reads.tuples(rows))


def _by_question(rows: Iterable[Any]) -> Mapping[UUID, list[Option]]:
    groups: dict[UUID, list[Option]] = defaultdict(list)
    for question_id, key, score, is_fail in rows:
        groups[question_id].append(Option(key, score or Option.score, is_fail))
    return groups
