"""SQL that concatenates parts of a JSON text, and sends it as bytes."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from qgp.engine.scalars import Element, literal

MAX_ARGUMENTS = 90  # of one function call; PostgreSQL allows 100
Part = str | Element


def json_text(parts: Sequence[Any]) -> Element:
    """Concatenate constant texts and columns; adjacent constants become one."""
    merged: list[Any] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        else:
            merged.append(part)
    elements = [literal(part) if isinstance(part, str) else part for part in merged]
    while len(elements) > MAX_ARGUMENTS:
        elements = [
            sa.func.concat(*elements[at : at + MAX_ARGUMENTS], type_=sa.Text)
            for at in range(0, len(elements), MAX_ARGUMENTS)
        ]
    return sa.func.concat(*elements, type_=sa.Text)


def json_bytes(text: Element) -> Element:
    """Convert a text to bytes, so that the driver need not decode it."""
    return sa.func.convert_to(text, literal("UTF8"), type_=sa.LargeBinary)
