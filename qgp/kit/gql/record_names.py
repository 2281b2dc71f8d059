"""Names of records that are known by id only: reference, code, number or name."""

from dataclasses import dataclass
from functools import cache
from uuid import UUID

from qgp.kit.gql.columns import name_fields
from qgp.kit.gql.export_columns import Selection
from qgp.kit.loader import Reads
from qgp.kit.policy import Permission
from qgp.kit.visibility import NODES, Loads, Named


@dataclass(frozen=True, eq=False)
class _Names:
    """Loader of the names of a kind's records; None for one that is missing or hidden."""

    prefix: str
    read: Permission

    async def fetch(self, reads: Reads, keys: list[UUID]) -> list[str | None]:
        """Return the names in the order of the keys, in one statement."""
        model, names = NODES[self.prefix].model, dict[UUID, str]()
        selected = Selection(model, model, reads.caller)
        for path in ("id", *name_fields(model)):
            selected.add(path)
        limits = self.read.visible(reads.caller)
        statement = selected.statement().where(model.id.in_(keys), *limits)
        for id, *values in await reads.tuples(statement):
            writes = zip(selected.writes[1:], values, strict=True)
            names[id] = " ".join(write(value) for write, value in writes if value is not None)
        return [names.get(key) for key in keys]


@cache
def _names_of(prefix: str) -> _Names:
    return _Names(prefix, NODES[prefix].read)


async def name_of(loads: Loads, record: Named) -> str | None:
    """Return the name of a record; None if it is missing, unnamed or hidden from the caller."""
    prefix, id = record
    if not loads.caller.may(NODES[prefix].read):
        return None
    name: str | None = await loads.load(_names_of(prefix), id)
    return name or None
