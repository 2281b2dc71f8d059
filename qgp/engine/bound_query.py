"""Bound queries: a compiled query with the arguments of a request, ready to be executed."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any
from uuid import UUID

from qgp.engine.arguments import BoundArguments, LookupArguments
from qgp.engine.compiled_query import CompiledQuery
from qgp.engine.kept_totals import KeptTotals
from qgp.kit.policy import Principal


@dataclass(frozen=True, eq=False)
class BoundQuery:
    """A compiled query with arguments, for all callers of equal access in one organization.

    As long as it is cached, there is one for the same document, variables, access and organization.
    """

    compiled: CompiledQuery
    arguments: Sequence[BoundArguments]
    organization_id: UUID

    def batch_key(self, caller: Principal) -> Hashable:
        """Return what requests must have in common to be answered by one execution.

        Lookups of one record, and relations, may differ in the key; all other requests must be the
        same.
        """
        if self.compiled.depends_on_caller:
            return caller.user_id, self._batch_key
        return self._batch_key

    def execution_key(self, caller: Principal) -> Hashable:
        """Return the key of the query, equal for those that read the same data."""
        return (caller.user_id, self) if self.compiled.depends_on_caller else self

    @cached_property
    def totals(self) -> KeptTotals | None:
        """The kept totals of its listings; None if they may differ between callers."""
        return None if self.compiled.depends_on_caller else KeptTotals()

    @cached_property
    def _batch_key(self) -> Hashable:
        if self.compiled.lookup is None and self.compiled.relation is None:
            return self
        others = chain.from_iterable(each.batch_key for each in self.arguments)
        return self.compiled, self.organization_id, *others

    @cached_property
    def key(self) -> Any:
        """The key of the record that is looked up; None for other queries."""
        root = self.compiled.lookup
        arguments = None if root is None else self.arguments[root.arguments]
        return arguments.key if isinstance(arguments, LookupArguments) else None

    def data(self, roots: Sequence[bytes]) -> bytes:
        """Return the JSON of `data`, made of that of each root field."""
        return self._template % tuple(roots)

    @cached_property
    def _template(self) -> bytes:
        return b"{%b}" % b",".join(b'"%b":%%b' % name.encode() for name in self.compiled.roots)
