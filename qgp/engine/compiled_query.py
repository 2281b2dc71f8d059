"""Compiled queries: SQL and templates of a plan, ready for any parameters of one shape."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from qgp.engine.executor.levels import Level
from qgp.engine.executor.roots import ConstantRoot, LookupRoot, Root


@dataclass(frozen=True, eq=False)
class CompiledQuery:
    """SQL statements and JSON templates of one plan, for one set of shapes of arguments.

    Attributes:
        roots: root fields by response name.
        depends_on_caller: whether a statement has a parameter that identifies the caller, so that
            callers of equal access may get different answers.
        relation: a field below objects that the resolvers have loaded, in place of root fields.
    """

    roots: Mapping[str, Root]
    depends_on_caller: bool
    relation: Level | None = None

    @cached_property
    def constants(self) -> Sequence[bytes] | None:
        """The JSON of all root fields if none of them reads a row; otherwise None."""
        constants = [root.json for root in self.roots.values() if isinstance(root, ConstantRoot)]
        return constants if len(constants) == len(self.roots) else None

    @cached_property
    def lookup(self) -> LookupRoot | None:
        """The only root field if it looks up a record; otherwise None."""
        roots = list(self.roots.values())
        return roots[0] if len(roots) == 1 and isinstance(roots[0], LookupRoot) else None
