"""Options of a question, created and replaced as a whole."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from qgp.kit.errors import Invalid, OutOfRange, between
from qgp.kit.work import Work
from qgp.templates.commands.points import fits
from qgp.templates.model import Question, QuestionOption

Options = Sequence[dict[str, Any]]


async def write_options(work: Work, question: Question, options: Options) -> None:
    """Create the options of a new question.

    Raises:
        Invalid: two options have the same key, or a score is out of range.
    """
    _fit(options)
    rows = [
        QuestionOption(question_id=question.id, position=place, **option)
        for place, option in enumerate(options)
    ]
    if rows:
        await work.add(*rows)


async def rewrite_options(
    work: Work, question: Question, current: Sequence[QuestionOption], options: Options
) -> bool:
    """Replace the options, matched by key; return whether anything changed.

    Raises:
        Invalid: see `write_options`.
    """
    _fit(options)
    by_key = {option.key: option for option in current}
    values_by_key = {option["key"]: {**option, "position": n} for n, option in enumerate(options)}
    gone = [option for key, option in by_key.items() if key not in values_by_key]
    changed = [
        key
        for key, values in values_by_key.items()
        if key not in by_key
        or any(getattr(by_key[key], name) != value for name, value in values.items())
    ]
    await work.remove(*gone)
    for key in changed:
        if key in by_key:
            await work.change(by_key[key], values_by_key[key])
        else:
            await work.add(QuestionOption(question_id=question.id, **values_by_key[key]))
    return bool(gone or changed)


def _fit(options: Options) -> None:
    keys = [option["key"] for option in options]
    for place, option in enumerate(options):
        if option["key"] in keys[:place]:
            message = (
                "Another option has this key. Keys are unique in the question; send another key."
            )
            raise Invalid(message, "options", str(place), "key")
        score: Decimal | None = option["score"]
        if score is not None and not (score >= 0 and fits(score)):
            message = (
                "The score of this option is out of range. A score is from 0 to 999999.999, with "
                "up to 3 decimals; send another."
            )
            raise OutOfRange(
                message, "options", str(place), "score", constraint=between(0, "999999.999")
            )
