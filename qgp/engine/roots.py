"""Where a program begins: the roots of a document, or a field of objects that are there."""

from dataclasses import dataclass

from qgp.engine.executor import OneByKey, PageByKey, Run

_NO_KEY = True


@dataclass(frozen=True)
class ConstantRoot:
    """JSON that needs no row."""

    json: bytes

    async def value(self, _: Run) -> bytes:
        """Return the JSON."""
        return self.json


@dataclass(frozen=True)
class LookupRoot:
    """A root whose key the arguments name."""

    level: OneByKey
    arguments: int

    async def value(self, run: Run) -> bytes:
        """Ask the level for this one key."""
        return (await self.level.values(run, [run.key(self.arguments)]))[0]


@dataclass(frozen=True)
class ListingRoot:
    """A root that is a register as a whole."""

    level: PageByKey

    async def value(self, run: Run) -> bytes:
        """Ask the level once."""
        return (await self.level.values(run, [_NO_KEY]))[0]
