"""A request made ready: all that can be known of a read before the database is asked."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any
from uuid import UUID

from qgp.engine.arguments import BoundArguments, LookupArguments
from qgp.engine.compiled_query import CompiledQuery
from qgp.kit.policy import Principal


@dataclass(frozen=True, eq=False)
class BoundQuery:
    """A program with its arguments, for all callers of equal rights in one organization.

    As long as it is remembered there is one for the same document, variables, rights and
    organization.
    """

    program: CompiledQuery
    bound: Sequence[BoundArguments]
    organization_id: UUID

    def group(self, caller: Principal) -> Hashable:
        """Return what requests must share to be answered together.

        Where one record is looked up, that leaves its key open; else they must be the same.
        """
        return (caller.user_id, self._group) if self.program.is_personal else self._group

    @cached_property
    def _group(self) -> Hashable:
        if self.program.by_key is None:
            return self
        others = chain.from_iterable(one.shared for one in self.bound)
        return self.program, self.organization_id, *others

    @cached_property
    def key(self) -> Any:
        """The key in which requests of one group may differ."""
        root = self.program.by_key
        named = None if root is None else self.bound[root.arguments]
        return named.key if isinstance(named, LookupArguments) else None

    def data(self, texts: Sequence[bytes]) -> bytes:
        """Return the JSON of `data` from that of each root."""
        return self._template % tuple(texts)

    @cached_property
    def _template(self) -> bytes:
        return b"{%b}" % b",".join(b'"%b":%%b' % name.encode() for name in self.program.roots)
