"""Commands on the questions of a DRAFT template version."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.kit import clock, ids
from qgp.kit.errors import Invalid, OutOfRange, Required, between, require_at_most
from qgp.kit.links import Links
from qgp.kit.names import to_camel
from qgp.kit.work import Work
from qgp.standards.facts import why_unusable
from qgp.templates.commands import conditions, links, sort_positions
from qgp.templates.commands.points import fits
from qgp.templates.commands.sections import remove_questions
from qgp.templates.facts import outline_of_version
from qgp.templates.model import Question, QuestionClause, Section, TemplateVersion
from qgp.templates.model.terms import CHOICES, MEASURES, SCORABLE, QuestionType

MOST_QUESTIONS = 500
_CLAUSES = Links(QuestionClause, "question_id", "clause_id", 50, "clauseIds", why_unusable)


async def create(
    work: Work,
    *,
    section_id: UUID,
    after_id: UUID | None,
    options: Sequence[dict[str, Any]],
    clause_ids: Sequence[UUID],
    visible_if: dict[str, Any] | None,
    **values: Any,
) -> Question:
    """Add a question to a section of a DRAFT, after another one or at the end.

    Raises:
        Invalid: the version is not DRAFT or has 500 questions; fields or options that do not fit
            the type, an invalid condition, a withdrawn clause.
        NotFound: no such section or clause, or no such question to follow.
    """
    section = await _drafted_section(work, section_id, "sectionId")
    values = scored(values)
    fit(values, options)
    position = await _place(work, section, after_id)
    where = {"section_id": section_id, "template_version_id": section.template_version_id}
    question = Question(id=ids.uuid7(), position=position, **where, **values)
    for name, value in (await conditions.condition_columns(work, question, visible_if)).items():
        setattr(question, name, value)
    await work.add(question)
    await links.write_options(work, question, options)
    await _CLAUSES.rewrite(work, question.id, clause_ids)
    return question


async def change(work: Work, *, id: UUID, expected_version: int, **changes: Any) -> Question:
    """Change a question of a DRAFT; options and clauses replace all former ones.

    Raises:
        Invalid, NotFound: see `create`.
    """
    question = await _question(work, id, expected_version)
    outline = await work.load(outline_of_version, question.template_version_id)
    current_options = outline.options[id]
    options, clause_ids = changes.pop("options", None), changes.pop("clause_ids", None)
    merged = {name: getattr(question, name) for name in NAMES} | changes
    fit(merged, current_options if options is None else options)
    if "visible_if" in changes:
        changes |= await conditions.condition_columns(work, question, changes.pop("visible_if"))
    is_changed = options is not None and await links.rewrite_options(
        work, question, current_options, options
    )
    if clause_ids is not None and await _CLAUSES.rewrite(work, question.id, clause_ids):
        is_changed = True
    if is_changed:
        changes["updated_at"] = clock.now()  # the version counts changes of its parts too
    return await work.change(question, changes)


async def move(
    work: Work, *, id: UUID, expected_version: int, section_id: UUID | None, after_id: UUID | None
) -> Question:
    """Move a question of a DRAFT after another one or to the front, in its section or another one.

    Raises:
        Invalid: the version is not DRAFT, or the section belongs to another version.
        NotFound: no such question or section, or no such question to follow.
    """
    question = await _question(work, id, expected_version)
    target = section_id or question.section_id
    outline = await work.load(outline_of_version, question.template_version_id)
    if target not in {section.id for section in outline.sections}:
        await work.get(Section, target, path="sectionId")
        message = (
            "This section belongs to another template version. A question moves within its "
            "version; choose a section of it."
        )
        raise Invalid(message, "sectionId")
    others = [other for other in outline.questions[target] if other.id != id]
    position = await sort_positions.position_after(work, others, after_id, "question")
    return await work.change(question, {"section_id": target, "position": position})


async def delete(work: Work, *, id: UUID, expected_version: int) -> Question:
    """Delete a question of a DRAFT; the audit trail keeps its content.

    Raises:
        Invalid: the version is not DRAFT.
        NotFound: no such question in this organization.
        StillInUse: a condition refers to it.
    """
    question = await _question(work, id, expected_version)
    outline = await work.load(outline_of_version, question.template_version_id)
    await remove_questions(work, outline, [question])
    return question


async def _place(work: Work, section: Section, after_id: UUID | None) -> int:
    """Return a position in a section, after a question or at the end.

    Raises:
        Invalid: the version has 500 questions.
        NotFound: no such question in the section.
    """
    last = sa.func.max(Question.position).filter(Question.section_id == section.id)
    of_version = Question.template_version_id == section.template_version_id
    counted: Any = sa.select(sa.func.count(), last).where(of_version)
    ((count, position),) = await work.tuples(counted)
    message = (
        f"The version has {MOST_QUESTIONS} questions. It has at most {MOST_QUESTIONS}; delete one "
        "first (questionDelete)."
    )
    require_at_most(MOST_QUESTIONS, count + 1, message, "sectionId")
    if after_id is None:
        return sort_positions.position_at_end(position)
    outline = await work.load(outline_of_version, section.template_version_id)
    return await sort_positions.position_after(
        work, outline.questions[section.id], after_id, "question"
    )


async def _drafted_section(work: Work, id: UUID, path: str) -> Section:
    """Lock the version before its section, as each change of a section does."""
    version_id = await work.owner_of(Section.template_version_id, id, path)
    await work.get_open(TemplateVersion, version_id, path=path)
    return await work.get(Section, id, path=path)


async def _question(work: Work, id: UUID, expected_version: int) -> Question:
    """Lock the version before its question."""
    await work.get_open(TemplateVersion, await work.owner_of(Question.template_version_id, id))
    return await work.get(Question, id, expected_version=expected_version)


MOST_OPTIONS = 50
NAMES = (
    *("type", "weight", "max_score", "minimum", "maximum", "unit"),
    *("is_finding_created_on_fail", "fail_grade"),
)
_COUNTED = MEASURES | {QuestionType.RATING}
_RANGE = "999999.999, with up to 3 decimals; send another number."


def scored(values: dict[str, Any]) -> dict[str, Any]:
    """Set the default maximum score: 1 for a type that is scored, else None."""
    default = Decimal(1) if values["type"] in SCORABLE else None
    return {"max_score": default} | values


def fit(values: dict[str, Any], options: Sequence[Any]) -> None:
    """Check that the fields and options of a question fit its type.

    Raises:
        Invalid: a limit, unit, score or option that the type does not have, numbers out of range,
            or a required finding without grade.
    """
    _fit_numbers(values)
    kind: QuestionType = values["type"]
    for name in ("minimum", "maximum", "unit"):
        if values[name] is not None and kind not in _COUNTED:
            message = (
                f"A {kind.value} question has no {to_camel(name)}. Only NUMBER, TEMPERATURE, "
                "CALCULATED and RATING have; leave it out, or send null."
            )
            raise Invalid(message, name)
    if values["max_score"] is not None and kind not in SCORABLE:
        message = (
            f"A {kind.value} question has no maxScore. Responses of this type are not scored; "
            "send null."
        )
        raise Invalid(message, "maxScore")
    if options and kind not in CHOICES:
        message = (
            f"A {kind.value} question has no options. Only SINGLE and MULTI have; send an empty "
            "list."
        )
        raise Invalid(message, "options")
    message = f"The question has too many options. It has at most {MOST_OPTIONS}; send fewer."
    require_at_most(MOST_OPTIONS, len(options), message, "options")
    if values["is_finding_created_on_fail"] and values["fail_grade"] is None:
        raise Required(
            "failGrade is missing. With isFindingCreatedOnFail a question states the grade of the "
            "finding; send failGrade.",
            "failGrade",
        )


def _fit_numbers(values: dict[str, Any]) -> None:
    weight: Decimal = values["weight"]
    if not (weight >= 0 and fits(weight)):
        raise OutOfRange(
            f"weight is out of range. It is from 0 to {_RANGE}",
            "weight",
            constraint=between(0, "999999.999"),
        )
    score: Decimal | None = values["max_score"]
    if score is not None and not (score > 0 and fits(score)):
        raise OutOfRange(
            f"maxScore is out of range. It is more than 0, up to {_RANGE}",
            "maxScore",
            constraint=between("0.001", "999999.999"),
        )
    low, high = values["minimum"], values["maximum"]
    if low is not None and high is not None and low > high:
        raise OutOfRange(
            "minimum is above maximum. It is at most maximum; lower it.",
            "minimum",
            constraint=between(None, "maximum"),
        )
