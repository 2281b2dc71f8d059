"""Commands on the sections of a DRAFT template version."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.kit import ids
from qgp.kit.errors import (
    Invalid,
    OutOfRange,
    Required,
    StillInUse,
    between,
    require_at_most,
)
from qgp.kit.work import Work
from qgp.templates.commands import conditions, sort_positions
from qgp.templates.commands.points import fits
from qgp.templates.facts import Outline, outline_of_version
from qgp.templates.model import MOST_REPEATS, Question, QuestionClause, Section, TemplateVersion

MOST_SECTIONS = 100


async def create(
    work: Work,
    *,
    template_version_id: UUID,
    after_id: UUID | None,
    visible_if: dict[str, Any] | None,
    **values: Any,
) -> Section:
    """Add a section to a DRAFT, after another one or at the end.

    Raises:
        Invalid: the version is not DRAFT or has 100 sections; an invalid weight, repetition or
            condition.
        NotFound: no such version, or no such section in it to follow.
    """
    await work.get_open(TemplateVersion, template_version_id, path="templateVersionId")
    outline = await work.load(outline_of_version, template_version_id)
    message = (
        f"The version has {MOST_SECTIONS} sections. It has at most {MOST_SECTIONS}; delete one "
        "first (sectionDelete)."
    )
    require_at_most(MOST_SECTIONS, len(outline.sections) + 1, message, "templateVersionId")
    _fit(values)
    last = max((section.position for section in outline.sections), default=None)
    position = sort_positions.position_at_end(last)
    if after_id is not None:
        position = await sort_positions.position_after(work, outline.sections, after_id, "section")
    place = {"id": ids.uuid7(), "position": position}
    section = Section(template_version_id=template_version_id, **place, **values)
    condition = await conditions.condition_columns(work, section, visible_if)
    for name, value in condition.items():
        setattr(section, name, value)
    return await work.add(section)


async def change(work: Work, *, id: UUID, expected_version: int, **changes: Any) -> Section:
    """Change a section of a DRAFT.

    Raises:
        Invalid: the version is not DRAFT; an invalid weight, repetition or condition.
        NotFound: no such section in this organization.
    """
    section = await _section(work, id, expected_version)
    merged = {name: getattr(section, name) for name in ("weight", "is_repeatable", "max_repeats")}
    _fit(merged | changes)
    if "visible_if" in changes:
        changes |= await conditions.condition_columns(work, section, changes.pop("visible_if"))
    return await work.change(section, changes)


async def move(work: Work, *, id: UUID, expected_version: int, after_id: UUID | None) -> Section:
    """Move a section of a DRAFT after another one, or to the front.

    Raises:
        Invalid: the version is not DRAFT.
        NotFound: no such section, or none in the version to follow.
    """
    section = await _section(work, id, expected_version)
    outline = await work.load(outline_of_version, section.template_version_id)
    others = [other for other in outline.sections if other.id != id]
    position = await sort_positions.position_after(work, others, after_id, "section")
    return await work.change(section, {"position": position})


async def delete(work: Work, *, id: UUID, expected_version: int) -> Section:
    """Delete a section of a DRAFT with all its questions; the audit trail keeps their content.

    Raises:
        Invalid: the version is not DRAFT.
        NotFound: no such section in this organization.
        StillInUse: a condition refers to one of its questions.
    """
    section = await _section(work, id, expected_version)
    outline = await work.load(outline_of_version, section.template_version_id)
    await remove_questions(work, outline, outline.questions[id], beside=section)
    await work.remove(section)
    return section


async def remove_questions(
    work: Work, outline: Outline, gone: list[Question], *, beside: Section | None = None
) -> None:
    """Delete questions with their options and clauses.

    Raises:
        StillInUse: a condition of a question or section that stays refers to one of them.
    """
    lost = {question.id for question in gone}
    going = lost | ({beside.id} if beside else set())
    for row in outline.conditional:
        if row.visible_if_question_id in lost and row.id not in going:
            name = row.text if isinstance(row, Question) else row.title
            message = f'Whether "{name}" is asked depends on it. Change that condition first.'
            raise StillInUse(message, "id")
    options = [option for question in gone for option in outline.options[question.id]]
    linked = sa.select(QuestionClause).where(QuestionClause.question_id.in_(lost))
    await work.remove(*await work.rows(linked))
    await work.remove(*options)
    for question in reversed(gone):  # the last one first: conditions look back
        await work.remove(question)


async def _section(work: Work, id: UUID, expected_version: int) -> Section:
    """Lock the version before its section, as each addition of a section does."""
    await work.get_open(TemplateVersion, await work.owner_of(Section.template_version_id, id))
    return await work.get(Section, id, expected_version=expected_version)


def _fit(values: dict[str, Any]) -> None:
    weight: Decimal = values["weight"]
    if not (weight > 0 and fits(weight)):
        message = (
            "weight is out of range. The weight of a section is more than 0, up to 999999.999, "
            "with up to 3 decimals; send another number."
        )
        raise OutOfRange(message, "weight", constraint=between("0.001", "999999.999"))
    most = values["max_repeats"]
    if values["is_repeatable"] and (most is None or not 2 <= most <= MOST_REPEATS):
        message = (
            "maxRepeats is missing or out of range. A section with isRepeatable has 2 to "
            f"{MOST_REPEATS} repetitions; send maxRepeats."
        )
        if most is None:
            raise Required(message, "maxRepeats")
        raise OutOfRange(message, "maxRepeats", constraint=between(2, MOST_REPEATS))
    if not values["is_repeatable"] and most is not None:
        message = (
            "maxRepeats was sent without isRepeatable. Only a repeatable section has it; leave it "
            "out, or send null."
        )
        raise Invalid(message, "maxRepeats")
