"""Commands on the questions of a draft."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.kit import clock, ids
from qgp.kit.decimals import fits
from qgp.kit.errors import Invalid, OutOfRange, Required, between, require_at_most
from qgp.kit.links import Links
from qgp.kit.work import Work
from qgp.standards.facts import why_unusable
from qgp.templates.commands import conditions, links, sort_positions
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
    """Add a question to a section of a draft, behind another one or at the end.

    Raises:
        Invalid: the version is no draft or has 500 questions; something that does not fit the
            type, options or a condition that do not fit, a clause that is withdrawn.
        NotFound: no such section or clause, or no such question to stand behind.
    """
    section = await _drafted_section(work, section_id, "sectionId")
    values = scored(values)
    fit(values, options)
    position = await _place(work, section, after_id)
    where = {"section_id": section_id, "template_version_id": section.template_version_id}
    question = Question(id=ids.uuid7(), position=position, **where, **values)
    for name, value in (await conditions.checked(work, question, visible_if)).items():
        setattr(question, name, value)
    await work.add(question)
    await links.write_options(work, question, options)
    await _CLAUSES.rewrite(work, question.id, clause_ids)
    return question


async def change(work: Work, *, id: UUID, expected_version: int, **changes: Any) -> Question:
    """Change a question of a draft; options and clauses that are given replace all there were.

    Raises:
        Invalid, NotFound: see `create`.
        StillInUse: the version's conditions need what would be gone.
    """
    question = await _question(work, id, expected_version)
    outline = await work.load(outline_of_version, question.template_version_id)
    current_options = outline.options[id]
    options, clause_ids = changes.pop("options", None), changes.pop("clause_ids", None)
    merged = {name: getattr(question, name) for name in NAMES} | changes
    fit(merged, current_options if options is None else options)
    if "visible_if" in changes:
        changes |= await conditions.checked(work, question, changes.pop("visible_if"))
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
    """Put a question of a draft behind another one or first, in its section or another one.

    Raises:
        Invalid: the version is no draft, or the section is of another one.
        NotFound: no such question or section, or no such question to stand behind.
    """
    question = await _question(work, id, expected_version)
    target = section_id or question.section_id
    outline = await work.load(outline_of_version, question.template_version_id)
    if target not in {section.id for section in outline.sections}:
        await work.get(Section, target, path="sectionId")
        message = "This section belongs to another version. Choose one of the same."
        raise Invalid(message, "sectionId")
    others = [other for other in outline.questions[target] if other.id != id]
    position = await sort_positions.behind(work, others, after_id, "question")
    return await work.change(question, {"section_id": target, "position": position})


async def delete(work: Work, *, id: UUID, expected_version: int) -> Question:
    """Take a question out of a draft; the trail keeps that it was.

    Raises:
        Invalid: the version is no draft.
        NotFound: no such question in this organization.
        StillInUse: a condition elsewhere looks at it.
    """
    question = await _question(work, id, expected_version)
    outline = await work.load(outline_of_version, question.template_version_id)
    await remove_questions(work, outline, [question])
    return question


async def _place(work: Work, section: Section, after_id: UUID | None) -> int:
    """Return a position in a section, behind a question or all of them.

    Raises:
        Invalid: the version has 500 questions.
        NotFound: no such question in the section.
    """
    last = sa.func.max(Question.position).filter(Question.section_id == section.id)
    of_version = Question.template_version_id == section.template_version_id
    counted: Any = sa.select(sa.func.count(), last).where(of_version)
    ((count, position),) = await work.tuples(counted)
    message = f"A version has at most {MOST_QUESTIONS} questions."
    require_at_most(MOST_QUESTIONS, count + 1, message, "sectionId")
    if after_id is None:
        return sort_positions.at_end(position)
    outline = await work.load(outline_of_version, section.template_version_id)
    return await sort_positions.behind(work, outline.questions[section.id], after_id, "question")


async def _drafted_section(work: Work, id: UUID, path: str) -> Section:
    """Lock the version before its section, as whoever changes one does."""
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
_SHORT = "less than a million, with up to 3 decimal places."


def scored(values: dict[str, Any]) -> dict[str, Any]:
    """Let the best answer score 1 where it can be judged and nothing else is said."""
    default = Decimal(1) if values["type"] in SCORABLE else None
    return {"max_score": default} | values


def fit(values: dict[str, Any], options: Sequence[Any]) -> None:
    """Check what a question says of its answers.

    Raises:
        Invalid: a limit, unit, score or option where the type has none, numbers out of range, or
            a finding without grade.
    """
    _fit_numbers(values)
    kind: QuestionType = values["type"]
    for name in ("minimum", "maximum", "unit"):
        if values[name] is not None and kind not in _COUNTED:
            message = f"An answer to {kind.value} is no number. Leave this out, or clear it."
            raise Invalid(message, name)
    if values["max_score"] is not None and kind not in SCORABLE:
        message = f"An answer to {kind.value} cannot be judged. Set maxScore to null."
        raise Invalid(message, "maxScore")
    if options and kind not in CHOICES:
        message = f"{kind.value} has no options; SINGLE and MULTI have. Send an empty list."
        raise Invalid(message, "options")
    message = f"A question has at most {MOST_OPTIONS} options."
    require_at_most(MOST_OPTIONS, len(options), message, "options")
    if values["is_finding_created_on_fail"] and values["fail_grade"] is None:
        raise Required("Say how the finding is graded that a failing answer makes.", "failGrade")


def _fit_numbers(values: dict[str, Any]) -> None:
    weight: Decimal = values["weight"]
    if not (weight >= 0 and fits(weight, whole=6, places=3)):
        raise OutOfRange(
            f"A weight is 0 or more, {_SHORT}", "weight", constraint=between(0, "999999.999")
        )
    score: Decimal | None = values["max_score"]
    if score is not None and not (score > 0 and fits(score, whole=6, places=3)):
        raise OutOfRange(
            f"The best score is more than 0, {_SHORT}",
            "maxScore",
            constraint=between("0.001", "999999.999"),
        )
    low, high = values["minimum"], values["maximum"]
    if low is not None and high is not None and low > high:
        raise OutOfRange(
            "The minimum is not above the maximum. Lower it.",
            "minimum",
            constraint=between(None, "maximum"),
        )
