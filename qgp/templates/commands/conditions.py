"""Visibility conditions of sections and questions, checked before they are saved."""

from typing import Any

from qgp.kit.errors import Invalid
from qgp.kit.work import Work
from qgp.templates.facts import Outline, outline_of_version
from qgp.templates.facts.checklists import Condition
from qgp.templates.model import Question, Section

_NONE: dict[str, Any] = {
    "visible_if_question_id": None,
    "visible_if_operator": None,
    "visible_if_values": [],
}


async def condition_columns(
    work: Work, row: Section | Question, condition_input: dict[str, Any] | None
) -> dict[str, Any]:
    """Return the columns of a condition; None clears it.

    Args:
        work: the unit of work.
        row: in its position, with its id; it need not be saved yet.
        condition_input: question, operator and values.

    Raises:
        NotFound: no such question.
        Invalid: the question is not an earlier one, or its responses cannot be compared.
    """
    if condition_input is None:
        return dict(_NONE)
    await work.get(Question, condition_input["question_id"], path="visibleIf")
    condition = Condition(
        condition_input["question_id"], condition_input["operator"], condition_input["values"]
    )
    outline: Outline = await work.load(outline_of_version, row.template_version_id)
    fault = outline.fault(row, condition)
    if fault:
        raise Invalid(fault, "visibleIf")
    return {
        "visible_if_question_id": condition.question_id,
        "visible_if_operator": condition.operator,
        "visible_if_values": list(condition.values),
    }
