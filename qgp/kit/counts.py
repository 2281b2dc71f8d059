"""Counts: the number of records that point at a row, loaded for many rows in one statement."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from qgp.kit.loader import Reads
from qgp.kit.model import Record
from qgp.kit.policy import Permission, Principal


@dataclass(frozen=True, eq=False)
class Counted:
    """Loader of the number of rows that point at each key, of those that the caller may read.

    Attributes:
        by: column that points at the key.
        where: further conditions on the rows.
    """

    model: type[Record]
    read: Permission
    by: InstrumentedAttribute[Any]
    where: tuple[sa.ColumnElement[bool], ...] = ()

    def expressed(self, row: Any, caller: Principal) -> sa.ColumnElement[int]:
        """Return the number for a row in SQL."""
        same = (self.model.organization_id == row.organization_id, self.by == row.id)
        rows: Any = sa.select(sa.func.count()).select_from(self.model)
        rows = rows.where(*same, *self.where, *self.read.visible(caller)).correlate(row)
        return sa.type_coerce(rows.scalar_subquery(), sa.Integer)

    async def fetch(self, reads: Reads, keys: list[UUID]) -> list[int]:
        """Return the numbers in the order of the keys."""
        counted: tuple[Any, ...] = (self.by, sa.func.count())
        rows = sa.select(*counted).where(self.by.in_(keys), *self.where)
        rows = rows.where(*self.read.visible(reads.caller)).group_by(self.by)
        numbers: dict[UUID, int] = dict(await reads.tuples(rows))
        return [numbers.get(key, 0) for key in keys]
