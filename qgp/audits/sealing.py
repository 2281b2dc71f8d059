"""A hash over everything that a score is made from, so that anybody can make sure of it."""

import hashlib
from collections.abc import Iterable, Set
from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from qgp.audits.judging import Answer, Place
from qgp.kit.audit import canonical
from qgp.kit.decimals import plain


def sealed(checklist: Any, answers: Iterable[Answer], mended: Set[Place]) -> str:
    """Return the SHA-256, in hex, of the inputs as canonical JSON (RFC 8785).

    Numbers are texts without zeros at the end, and answers stand in the order of question and run:
    the same inputs always give the same hash.
    """
    ordered = sorted(answers, key=lambda answer: (answer.question_id, answer.repeat_index))
    inputs = {"checklist": checklist, "answers": ordered, "mended": sorted(mended)}
    return hashlib.sha256(canonical(_plain(inputs)).encode()).hexdigest()


def _plain(value: Any) -> Any:
    """Return a value as what JSON knows."""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, UUID):
        return str(value)
    if is_dataclass(value):
        return {part.name: _plain(getattr(value, part.name)) for part in fields(value)}
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value
