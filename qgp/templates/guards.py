"""Guards of the template version workflow: completeness before approval."""

from collections.abc import Iterator, Sequence

from qgp.kit.loader import one
from qgp.kit.transitions import GuardContext, Missing, guard
from qgp.templates.facts import Outline, outline_of_version
from qgp.templates.facts.checklists import Condition
from qgp.templates.model import AuditTemplate, Question, QuestionOption, TemplateVersion
from qgp.templates.model.terms import CHOICES, QuestionType, ScoringMethod
from qgp.templates.policy import READ

MOST_TOLD = 10
LEAST_OPTIONS = 2
_template = one(AuditTemplate, READ)


@guard("PASS_MARK")
async def marked(_: GuardContext, version: TemplateVersion) -> str | None:
    """The pass mark of a scored version is set."""
    if version.scoring is ScoringMethod.NONE or version.pass_mark is not None:
        return None
    return (
        "The version has no pass mark. A scored version has one; set passMark, or set scoring to "
        "NONE (templateVersionUpdate)."
    )


@guard("HAS_QUESTIONS")
async def has_questions(facts: GuardContext, version: TemplateVersion) -> str | None:
    """The version has a question."""
    outline = await facts.load(outline_of_version, version.id)
    if outline.all_questions:
        return None
    return (
        "The version has no questions. It needs at least one; add a section and a question "
        "(questionCreate)."
    )


@guard("OPTIONS_COMPLETE")
async def options_are_complete(facts: GuardContext, version: TemplateVersion) -> Missing:
    """Each choice question has at least two options, with scores that fit its maximum."""
    outline = await facts.load(outline_of_version, version.id)
    is_scored = version.scoring is not ScoringMethod.NONE
    blockers = [
        (message, question.public_id)
        for question in outline.all_questions
        if question.type in CHOICES
        and (message := _lacking(question, outline.options[question.id], is_scored=is_scored))
    ]
    return blockers[:MOST_TOLD]


def _lacking(
    question: Question, options: Sequence[QuestionOption], *, is_scored: bool
) -> str | None:
    if len(options) < LEAST_OPTIONS:
        return (
            f"“{question.text}” has fewer than two options. A SINGLE or MULTI question has at "
            "least two; add options (questionUpdate)."
        )
    scores = [option.score or 0 for option in options]
    if question.max_score is None or not is_scored:
        return None
    if max(scores) > question.max_score:
        return (
            f"An option of “{question.text}” scores more than its maxScore. Options score at most "
            "maxScore; change one of them (questionUpdate)."
        )
    if max(scores) <= 0:
        return (
            f"No option of “{question.text}” has a score above 0. With a maxScore at least one "
            "has; set a score, or set maxScore to null (questionUpdate)."
        )
    return None


@guard("LIMITS_COMPLETE")
async def limits_are_complete(facts: GuardContext, version: TemplateVersion) -> Missing:
    """Each rating question has whole numbers as minimum and maximum."""
    outline = await facts.load(outline_of_version, version.id)
    return [
        (
            f"The rating “{question.text}” has no valid scale. It needs whole numbers as "
            "minimum and maximum, the minimum lower; set them (questionUpdate).",
            question.public_id,
        )
        for question in outline.all_questions
        if question.type is QuestionType.RATING and not _is_scale(question)
    ][:MOST_TOLD]


def _is_scale(question: Question) -> bool:
    low, high = question.minimum, question.maximum
    if low is None or high is None or low >= high:
        return False
    return low == low.to_integral_value() and high == high.to_integral_value()


@guard("CONDITIONS_SOUND")
async def conditions_are_sound(facts: GuardContext, version: TemplateVersion) -> Missing:
    """Each condition refers to a question that is answered before, once."""
    outline = await facts.load(outline_of_version, version.id)
    return [*_unsound(outline)][:MOST_TOLD]


def _unsound(outline: Outline) -> Iterator[tuple[str, str]]:
    for row in outline.conditional:
        condition = Condition.of(row)
        fault = condition and outline.fault(row, condition)
        if fault:
            name = row.text if isinstance(row, Question) else row.title
            message = f"The condition of “{name}” is invalid. {fault}"
            yield message, row.public_id


@guard("WEIGHTS_COUNT")
async def weights_count(facts: GuardContext, version: TemplateVersion) -> str | None:
    """A scored version has a question with a weight and a maximum score."""
    if version.scoring is ScoringMethod.NONE:
        return None
    outline = await facts.load(outline_of_version, version.id)
    if any(question.max_score and question.weight for question in outline.all_questions):
        return None
    return (
        "No question is scored. A scored version has a question with a weight above 0 and a "
        "maxScore; set both (questionUpdate), or set scoring to NONE (templateVersionUpdate)."
    )


@guard("TEMPLATE_IN_USE")
async def template_is_in_use(facts: GuardContext, version: TemplateVersion) -> Missing:
    """The template is not archived."""
    template = await facts.load(_template, version.template_id)
    if template is None or template.archived_at is None:
        return []
    message = (
        f"{template.reference} is archived. Only versions of a template in use are published; "
        "restore it first (auditTemplateRestore)."
    )
    return [(message, template.public_id)]
