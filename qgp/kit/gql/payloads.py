"""Further fields of mutation payloads, beside the record and the errors."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from qgp.kit.context import Context
from qgp.kit.loader import One


@dataclass(frozen=True)
class Offer:
    """Further field of a payload: a second record, or a value computed from the first.

    Attributes:
        description: of the field.
        make: returns the value for context and record, only when a client selects it; None where
            there is no value.
        kind: type of the value.
        record: loader of the second record: the other side of a link.
        names: the input's field that holds its id.
    """

    description: str
    make: Callable[[Context, Any], Any] | None = None
    kind: type = str
    record: One[Any] | None = None
    names: str = ""


ADDED: dict[str, dict[str, Offer]] = {}  # by mutation, then by field


def adds_to_payload(mutation: str, **offers: Offer) -> None:
    """Add fields to the payload of another module's mutation."""
    ADDED.setdefault(mutation, {}).update(offers)
