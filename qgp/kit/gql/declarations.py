"""Declarations in a field's metadata, which resolvers and planned reads are both made from.

A field without a declaration is opaque: only its resolver can return its value.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from qgp.kit import ids
from qgp.kit.counts import Counted
from qgp.kit.loader import Excerpt, Expressed, Granted, Linked, Many, One
from qgp.kit.policy import Permission
from qgp.kit.text_normalization import LONGEST, composed

DECLARED = "declared"


@dataclass(frozen=True)
class Column:
    """Attribute of the row, of the same name."""


@dataclass(frozen=True)
class PublicId:
    """Public id of the row."""


@dataclass(frozen=True)
class Expression:
    """SQL expression over the row; never null where the field is non-null."""

    loader: Expressed


@dataclass(frozen=True)
class NestedObject:
    """Object made of columns of the row; null where the column `key` is null."""

    key: str


@dataclass(frozen=True)
class Relation:
    """Records that `loader` returns for the key in attribute `key`."""

    loader: One[Any] | Many[Any] | Linked[Any]
    key: str


@dataclass(frozen=True)
class Excerpted:
    """Few fields of the record that the attribute `key` points at.

    Attributes:
        granted: whether the caller may read them for the row; None where its readers may.
    """

    loader: Excerpt[Any]
    key: str
    granted: Granted | None


@dataclass(frozen=True)
class Allowed:
    """Boolean: whether the caller holds the permission."""

    permission: Permission


@dataclass(frozen=True)
class AllowedOn:
    """Boolean: whether the caller holds the permission and its rule admits the row."""

    loader: Granted


@dataclass(frozen=True)
class Number:
    """Number of the records that point at the row, of those that the caller may read."""

    loader: Counted


@dataclass(frozen=True)
class Options:
    """Available transitions of the row."""


@dataclass(frozen=True)
class Lookup:
    """Root look-up by the one-of argument `by`: a loader for each of its fields."""

    loaders: Mapping[str, One[Any]]

    def named(self, by: Any) -> tuple[One[Any], Any]:
        """Return the loader and the key of the one-of input.

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
    """Root look-up of a record of any kind by its public id.

    Attributes:
        loaders: by the prefix of the id.
    """

    loaders: Mapping[str, One[Any]]

    def named(self, id: str, *path: str) -> tuple[One[Any] | None, UUID]:
        """Return the loader, None where no loader reads that kind, and the key.

        Raises:
            Invalid: the text is no id.
        """
        prefix, key = ids.split(id, *(path or ("id",)))
        return self.loaders.get(prefix), key
