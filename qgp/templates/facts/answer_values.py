"""Values of responses: validation by the type of the question, and the stored form."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from qgp.kit.decimals import plain
from qgp.kit.errors import Invalid, InvalidFormat, OutOfRange, between, written_as
from qgp.templates.facts.checklists import VERDICTS_OF
from qgp.templates.model import Question
from qgp.templates.model.terms import CHOICES, MEASURES, QuestionType

_PATH = "value"
_KINDS: Mapping[QuestionType, str] = {
    **dict.fromkeys(VERDICTS_OF, "verdict"),
    **dict.fromkeys(CHOICES, "options"),
    **dict.fromkeys(MEASURES | {QuestionType.RATING}, "number"),
    **dict.fromkeys(
        (QuestionType.TEXT, QuestionType.PHOTO, QuestionType.SIGNATURE, QuestionType.ASSET), "text"
    ),
    QuestionType.DATE: "date",
    QuestionType.TIME: "time",
    QuestionType.PERSON: "user_id",
    QuestionType.SITE: "site_id",
    QuestionType.GPS: "location",
}
_NAMES = {"user_id": "userId", "site_id": "siteId"}


def stored_value(
    question: Question, keys: Sequence[str], value: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the stored form of a value: one entry, named after its kind, of texts.

    Args:
        question: the question.
        keys: of its options.
        value: one entry; ids are public ids.

    Raises:
        Invalid: the value does not fit the question's type, or is out of range.
    """
    (kind,) = value
    expected_kind = _KINDS[question.type]
    if kind != expected_kind:
        name = _NAMES.get(expected_kind, expected_kind)
        message = (
            f"The value does not fit the question, which is of type {question.type.value}. Send "
            f"`{name}`."
        )
        raise Invalid(message, _PATH)
    return {kind: _WRITERS[kind](question, keys, value[kind])}


def _verdict(question: Question, _: Sequence[str], value: Any) -> str:
    fitting = VERDICTS_OF[question.type]
    if value not in fitting:
        message = (
            f"The verdict does not fit the question. Send one of {', '.join(sorted(fitting))}."
        )
        raise Invalid(message, _PATH, "verdict")
    return str(value.value)


def _options(question: Question, keys: Sequence[str], value: Any) -> list[str]:
    chosen: list[str] = sorted(value)
    if strange := next((key for key in chosen if key not in keys), None):
        message = f"The question has no option “{strange[:50]}”. Choose among {', '.join(keys)}."
        raise Invalid(message, _PATH, "options")
    if len(set(chosen)) < len(chosen) or not chosen:
        raise Invalid(
            "No option was sent, or one more than once. Send at least one option, each once.",
            _PATH,
            "options",
        )
    if question.type is QuestionType.SINGLE and len(chosen) > 1:
        raise Invalid(
            "More than one option was sent. A SINGLE question takes exactly one; send one.",
            _PATH,
            "options",
        )
    return chosen


def _number(question: Question, _: Sequence[str], text: str) -> str:
    value = Decimal(text)
    if question.type is not QuestionType.RATING:
        return plain(value)
    low, high = question.minimum or Decimal(0), question.maximum
    if value != value.to_integral_value() or value < low or (high is not None and value > high):
        to = "upwards" if high is None else f"to {plain(high)}"
        raise OutOfRange(
            f"The rating is out of range. It is a whole number from {plain(low)} {to}; send "
            "such a number.",
            _PATH,
            "number",
            constraint=between(plain(low), None if high is None else plain(high)),
        )
    return plain(value)


def _time(_: Question, __: Sequence[str], value: str) -> str:
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value):
        raise InvalidFormat(
            "The time is not valid. A time of day is written HH:MM, from 00:00 to 23:59; send "
            "such a time.",
            _PATH,
            "time",
            constraint=written_as("HH:MM"),
        )
    return value


def _location(_: Question, __: Sequence[str], value: Mapping[str, str]) -> list[str]:
    degrees = {name: Decimal(text) for name, text in value.items()}
    for name, most in (("latitude", 90), ("longitude", 180)):
        if abs(degrees[name]) > most:
            message = (
                f"The {name} is out of range. It is from -{most} to {most} degrees; send such a "
                "number."
            )
            raise OutOfRange(message, _PATH, "location", name, constraint=between(-most, most))
    return [plain(degrees[name]) for name in ("latitude", "longitude")]


def _day(_: Question, __: Sequence[str], value: date) -> str:
    return value.isoformat()


def _text(_: Question, __: Sequence[str], value: Any) -> str:
    return str(value)


_WRITERS: Mapping[str, Callable[[Question, Sequence[str], Any], Any]] = {
    "verdict": _verdict,
    "options": _options,
    "number": _number,
    "text": _text,
    "date": _day,
    "time": _time,
    "user_id": _text,
    "site_id": _text,
    "location": _location,
}
