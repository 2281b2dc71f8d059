"""What payloads of mutations hold beside the record and the errors."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from qgp.kit.context import Context
from qgp.kit.loader import One


@dataclass(frozen=True)
class Offer:
    """Something beside the record in a payload, made from it only when a client asks.

    Attributes:
        make: takes the context and the record; None where there is nothing to offer.
        kind: what is made, a text or a type.
    """

    make: Callable[[Context, Any], Any]
    description: str
    kind: type = str


ADDED: dict[str, dict[str, Offer]] = {}  # by mutation, then by field


def adds_to_payload(mutation: str, **offers: Offer) -> None:
    """Add fields to the payload of a mutation whose module need not know them."""
    ADDED.setdefault(mutation, {}).update(offers)


@dataclass(frozen=True)
class Beside:
    """A second record in a payload: the one that the input names.

    Attributes:
        names: the input's field that holds its id.
    """

    loader: One[Any]
    names: str
    description: str
