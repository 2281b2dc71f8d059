"""Copies of versions, with all that is in them."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import class_mapper

from qgp.kit import ids
from qgp.kit.model import Record
from qgp.kit.text_keys import DERIVED
from qgp.kit.work import Work
from qgp.templates.model import (
    Question,
    QuestionClause,
    QuestionOption,
    Section,
    TemplateVersion,
)
from qgp.templates.outline import Outline, outline_of_version
from qgp.templates.terms import TemplateVersionStatus

_OWN = {
    *("organization_id", "id", "version"),
    *("created_at", "created_by_id", "updated_at", "updated_by_id"),
}
_OF_VERSION: tuple[str, ...] = (
    "scoring",
    "pass_mark",
    "conditional_mark",
    "is_na_allowed",
    "template_id",
)
_OF_VERSION += ("is_comment_required_on_fail", "is_photo_required_on_fail")


async def clone(work: Work, source: TemplateVersion, number: int) -> TemplateVersion:
    """Write a draft with a number that has everything that a version has."""
    outline = await work.load(outline_of_version, source.id)
    facts = {name: getattr(source, name) for name in _OF_VERSION}
    version = TemplateVersion(number=number, status=TemplateVersionStatus.DRAFT, **facts)
    await work.add(version)
    await _parts(work, outline, version.id)
    return version


async def _parts(work: Work, outline: Outline, version_id: UUID) -> None:
    """Copy the sections with their questions, each behind what its condition looks at."""
    clauses = sa.select(QuestionClause).join(Question, Question.id == QuestionClause.question_id)
    questions = outline.all_questions
    new = {row.id: ids.uuid7() for row in (*outline.sections, *questions)}
    among = [question.id for question in questions]
    linked = await work.rows(
        clauses.where(QuestionClause.question_id.in_(among)).order_by(QuestionClause.id)
    )
    for section in outline.sections:
        own = {"id": new[section.id], "template_version_id": version_id}
        await work.add(_copy(section, **own, **_condition(section, new)))
        for question in outline.questions[section.id]:
            own = {"id": new[question.id], "template_version_id": version_id}
            work.session.add(
                _copy(question, **own, section_id=new[section.id], **_condition(question, new))
            )
        await work.flush()
    for option in (option for question in questions for option in outline.options[question.id]):
        work.session.add(_copy(option, question_id=new[option.question_id]))
    for link in linked:
        work.session.add(_copy(link, question_id=new[link.question_id]))
    await work.flush()


def _condition(row: Section | Question, new: dict[UUID, UUID]) -> dict[str, Any]:
    target = row.visible_if_question_id
    return {"visible_if_question_id": None if target is None else new[target]}


def _copy(row: Section | Question | QuestionOption | QuestionClause, **changes: Any) -> Record:
    kind = type(row)
    columns = class_mapper(kind).column_attrs
    names = {column.key for column in columns if DERIVED not in column.columns[0].info} - _OWN
    return kind(**{name: getattr(row, name) for name in names} | changes)
