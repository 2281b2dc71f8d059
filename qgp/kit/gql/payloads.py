"""Further fields of mutation payloads, beside the record and the errors."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from qgp.kit.context import Context
from qgp.kit.loader import One


@dataclass(frozen=True)
class Offer:
    """Further field of a payload: a second record, a value computed from the first, or an answer.

    Attributes:
        description: of the field.
        make: returns the value for context and record, only when a client selects it; None where
            there is no value.
        kind: type of the value.
        record: loader of the second record: the other side of a link.
        names: the input's field that holds its id.
        is_answer: whether it is the value that the service function stores in `Work.answers` under
            the name of the field; null on refusal, and where an idempotency key is repeated.
        most: the most items of an answer that is a list.
    """

    description: str
    make: Callable[[Context, Any], Any] | None = None
    kind: Any = str
    record: One[Any] | None = None
    names: str = ""
    is_answer: bool = False
    most: int | None = None
