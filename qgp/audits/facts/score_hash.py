"""Hash of the inputs of a score, which proves later that they are unchanged."""

import hashlib
from collections.abc import Iterable, Mapping, Set
from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from qgp.kit.audit_content import canonical
from qgp.kit.decimals import plain
from qgp.kit.former_names import FORMER_VERDICTS
from qgp.templates.facts.checklists import Answer, Condition, Place


def score_hash(checklist: Any, answers: Iterable[Answer], corrected: Set[Place]) -> str:
    """Return the SHA-256, in hex, of the inputs as canonical JSON (RFC 8785).

    Numbers are texts without trailing zeros, responses are in the order of question and
    repetition, and verdicts have their former names: the same inputs always give the same hash.
    """
    ordered = sorted(answers, key=lambda answer: (answer.question_id, answer.repeat_index))
    inputs = {
        "checklist": checklist,
        "answers": ordered,
        "mended": sorted(corrected),  # the name of this key is part of stored hashes
    }
    questions = [question for section in checklist.sections for question in section.questions]
    judged = {question.id for question in questions if question.is_conformity}
    return hashlib.sha256(canonical(_plain(inputs, judged)).encode()).hexdigest()


_VERDICTS_IN: Mapping[type, str] = {Answer: "texts", Condition: "values"}


def _plain(value: Any, judged: Set[UUID]) -> Any:
    """Return a value in JSON's types.

    Args:
        judged: the questions of type CONFORMITY.
    """
    match value:
        case Decimal():
            return plain(value)
        case UUID():
            return str(value)
        case Answer(question_id=id) | Condition(question_id=id) if id in judged:
            parts, verdicts = _parts(value, judged), _VERDICTS_IN[type(value)]
            return {**parts, verdicts: _former(parts[verdicts])}
        case list() | tuple():
            return [_plain(one, judged) for one in value]
        case dict():
            return {name: _plain(one, judged) for name, one in value.items()}
    return _parts(value, judged) if is_dataclass(value) else value


def _parts(value: Any, judged: Set[UUID]) -> dict[str, Any]:
    return {part.name: _plain(getattr(value, part.name), judged) for part in fields(value)}


def _former(verdicts: Iterable[str]) -> list[str]:
    """Return verdicts as they were called when scores were first hashed."""
    former = {present: name for name, present in FORMER_VERDICTS.items()}
    return [former.get(verdict, verdict) for verdict in verdicts]
