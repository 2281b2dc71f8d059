"""What a field says of itself, for both interpreters: the resolver that it gets, and a plan.

A field without a declaration is opaque: only its resolver knows what it answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qgp.kit.loader import Linked, Many, One
from qgp.kit.policy import Permission

DECLARED = "declared"


@dataclass(frozen=True)
class Column:
    """The row's attribute of the same name."""


@dataclass(frozen=True)
class PublicId:
    """The row's id with its prefix."""


@dataclass(frozen=True)
class Relation:
    """What `loader` finds for the key in attribute `key`."""

    loader: One[Any] | Many[Any] | Linked[Any]
    key: str


@dataclass(frozen=True)
class Allowed:
    """Whether the caller holds the permission."""

    permission: Permission


@dataclass(frozen=True)
class Options:
    """Where the row's workflow leads from its state."""


@dataclass(frozen=True)
class Found:
    """The record that the argument `by` names, each key read through its loader."""

    loaders: Mapping[str, One[Any]]


@dataclass(frozen=True)
class AnyRecord:
    """The record that the argument `id` names, whatever its kind.

    Attributes:
        loaders: by the prefix of the id.
    """

    loaders: Mapping[str, One[Any]]
