"""Values as a document spells them, where JSON has too few words: enum values, variables."""

import json
from dataclasses import dataclass
from typing import Any


class Word(str):
    """The value of an enum: bare in a document, a text in the variables."""

    __slots__ = ()


@dataclass(frozen=True)
class Use:
    """A variable in the place of a value."""

    name: str


def spelled(value: Any) -> str:
    """Return a value as GraphQL writes it."""
    if isinstance(value, Use):
        return f"${value.name}"
    if isinstance(value, Word):
        return value
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {spelled(part)}" for name, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(spelled, value)) + "]"
    if isinstance(value, str) and "\n" in value and _fits_block(value):
        return f'"""{value}"""'
    return json.dumps(value, ensure_ascii=False)


def _fits_block(text: str) -> bool:
    """Say whether a block string keeps the text: no indentation, no blank edges to be cut off."""
    lines = text.split("\n")
    is_kept = all(line and not line[0].isspace() for line in (lines[0], lines[-1]))
    return is_kept and not any(line[:1].isspace() for line in lines) and text[-1] not in '"\\'
