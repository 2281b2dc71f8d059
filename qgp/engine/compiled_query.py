"""A program: what a plan compiles to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from qgp.engine.executor import Level
from qgp.engine.roots import ConstantRoot, ListingRoot, LookupRoot

Answering = ConstantRoot | LookupRoot | ListingRoot


@dataclass(frozen=True, eq=False)
class CompiledQuery:
    """What runs: roots by response name.

    Attributes:
        beneath: a relation of objects that the reference holds, in place of roots.
        is_personal: whether a statement looks at who asks, not only at their rights.
    """

    roots: Mapping[str, Answering]
    is_personal: bool
    beneath: Level | None = None

    @cached_property
    def texts(self) -> Sequence[bytes] | None:
        """The JSON of all roots where no row is read; else None."""
        found = [root.json for root in self.roots.values() if isinstance(root, ConstantRoot)]
        return found if len(found) == len(self.roots) else None

    @cached_property
    def by_key(self) -> LookupRoot | None:
        """The only root where it is a record that the arguments name; else None."""
        found = list(self.roots.values())
        return found[0] if len(found) == 1 and isinstance(found[0], LookupRoot) else None
