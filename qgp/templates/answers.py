"""What a question may say of its answers, by the kind that it takes."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from qgp.kit.decimals import fits
from qgp.kit.errors import Invalid, OutOfRange, Required, TooLong, between, max_items
from qgp.templates.terms import CHOICES, MEASURES, SCORABLE, QuestionType

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
            told = f"An answer to {kind.value} is no number. Leave this out, or clear it."
            raise Invalid(told, name)
    if values["max_score"] is not None and kind not in SCORABLE:
        told = f"An answer to {kind.value} cannot be judged. Set maxScore to null."
        raise Invalid(told, "maxScore")
    if options and kind not in CHOICES:
        told = f"{kind.value} has no options; SINGLE and MULTI have. Send an empty list."
        raise Invalid(told, "options")
    if len(options) > MOST_OPTIONS:
        raise TooLong(
            f"A question has at most {MOST_OPTIONS} options.",
            "options",
            constraint=max_items(MOST_OPTIONS),
        )
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
