"""A program: what a plan compiles to, and what requests must share to run it together."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any

from qgp.engine.arguments import Bound, LookUpArguments
from qgp.engine.levels import Beneath, Fixed, Keyed, Register
from qgp.kit.policy import Principal

Answering = Fixed | Keyed | Register


@dataclass(frozen=True, eq=False)
class Program:
    """What runs: roots by response name.

    Attributes:
        beneath: a relation of objects that the reference holds, in place of roots.
        is_personal: whether a statement looks at who asks, not only at their rights.
    """

    roots: Mapping[str, Answering]
    is_personal: bool
    beneath: Beneath | None = None

    @cached_property
    def texts(self) -> Sequence[bytes] | None:
        """The JSON of all roots where no row is read; else None."""
        found = [root.json for root in self.roots.values() if isinstance(root, Fixed)]
        return found if len(found) == len(self.roots) else None

    def group(self, caller: Principal, bound: Sequence[Bound]) -> Hashable | None:
        """Return what requests must share to be answered together; None where they cannot."""
        is_one = len(self.roots) == 1
        if not is_one or not isinstance(next(iter(self.roots.values())), Keyed | Fixed):
            return None
        others = tuple(chain.from_iterable(one.shared for one in bound))
        return self, caller.organization_id, caller.user_id if self.is_personal else None, others

    def key(self, bound: Sequence[Bound]) -> Any:
        """Return the key in which requests of one group differ."""
        (root,) = self.roots.values()
        named = bound[root.arguments] if isinstance(root, Keyed) else None
        return named.key if isinstance(named, LookUpArguments) else None
