"""Conditions under which sections and questions are asked, checked before they are written."""

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


async def checked(
    work: Work, row: Section | Question, condition_input: dict[str, Any] | None
) -> dict[str, Any]:
    """Return the columns of a condition that was given; None clears it.

    Args:
        work: the unit of work.
        row: in its place, with its id; it need not be written yet.
        given: question, operator and values.

    Raises:
        NotFound: there is no such question.
        Invalid: it looks at what is not asked before, or compares what cannot be compared.
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
