"""What a field says of itself, for both interpreters: the resolver that it gets, and a plan.

A field without a declaration is opaque: only its resolver knows what it answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from qgp.kit import ids
from qgp.kit.loader import Expressed, Granted, Linked, Many, One
from qgp.kit.policy import Permission
from qgp.kit.text_normalization import LONGEST, composed

DECLARED = "declared"


@dataclass(frozen=True)
class Column:
    """The row's attribute of the same name."""


@dataclass(frozen=True)
class PublicId:
    """The row's id with its prefix."""


@dataclass(frozen=True)
class Expression:
    """What SQL makes of the row; never null where the field is not."""

    loader: Expressed


@dataclass(frozen=True)
class Facet:
    """Some of the row's own columns as an object; null where the column `key` is."""

    key: str


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
class AllowedOn:
    """Whether the caller holds the permission, and the rule lets them use it on the row."""

    loader: Granted


@dataclass(frozen=True)
class Options:
    """Where the row's workflow leads from its state."""


@dataclass(frozen=True)
class Lookup:
    """The record that the argument `by` names, each key read through its loader."""

    loaders: Mapping[str, One[Any]]

    def named(self, by: Any) -> tuple[One[Any], Any]:
        """Return the loader and the key that the one-of input names.

        Raises:
            Invalid: an id of another kind, or a text that is too long.
        """
        name, value = next((n, v.value) for n in self.loaders if (v := getattr(by, n)) is not None)
        loader = self.loaders[name]
        if name == "id":
            return loader, ids.decode(loader.model.prefix, value, "by", "id")
        return loader, loader.key(composed(value, LONGEST, "by", name))


@dataclass(frozen=True)
class AnyRecord:
    """The record that the argument `id` names, whatever its kind.

    Attributes:
        loaders: by the prefix of the id.
    """

    loaders: Mapping[str, One[Any]]

    def named(self, id: str, *path: str) -> tuple[One[Any] | None, UUID]:
        """Return the loader, None where nothing of the kind can be looked up, and the key.

        Raises:
            Invalid: the text is no id.
        """
        prefix, key = ids.split(id, *(path or ("id",)))
        return self.loaders.get(prefix), key
