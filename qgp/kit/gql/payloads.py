"""What payloads of mutations hold beside the record and the errors."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from qgp.kit.context import Context
from qgp.kit.loader import One


@dataclass(frozen=True)
class Offer:
    """Something beside the record in a payload: a second record, or what is made of the first.

    Attributes:
        make: makes it of the context and the record, only when a client asks; None where there is
            nothing to offer.
        kind: what is made, a text or a type.
        record: loads the second record: the other side of a link.
        names: the input's field that holds its id.
    """

    description: str
    make: Callable[[Context, Any], Any] | None = None
    kind: type = str
    record: One[Any] | None = None
    names: str = ""


ADDED: dict[str, dict[str, Offer]] = {}  # by mutation, then by field


def adds_to_payload(mutation: str, **offers: Offer) -> None:
    """Add fields to the payload of a mutation whose module need not know them."""
    ADDED.setdefault(mutation, {}).update(offers)
