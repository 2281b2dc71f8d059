"""Root fields of a compiled query."""

from dataclasses import dataclass

from qgp.engine.executor.execution import Execution
from qgp.engine.executor.levels import OneByKey
from qgp.engine.executor.page import PageByKey

_ONLY_KEY = True


@dataclass(frozen=True)
class ConstantRoot:
    """A root field whose JSON needs no row."""

    json: bytes

    async def load(self, _: Execution) -> bytes:
        """Return the JSON."""
        return self.json


@dataclass(frozen=True)
class LookupRoot:
    """A root field that returns the record whose key the arguments contain.

    Attributes:
        arguments: index of the field's arguments in the plan.
    """

    level: OneByKey
    arguments: int

    async def load(self, execution: Execution) -> bytes:
        """Return the JSON of the record, or null."""
        return (await self.level.load(execution, [execution.lookup_key(self.arguments)]))[0]


@dataclass(frozen=True)
class ListingRoot:
    """A root field that returns a page of a listing."""

    level: PageByKey

    async def load(self, execution: Execution) -> bytes:
        """Return the JSON of the connection."""
        return (await self.level.load(execution, [_ONLY_KEY]))[0]


Root = ConstantRoot | LookupRoot | ListingRoot
