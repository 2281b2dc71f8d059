"""Links: the set of records that a record refers to, stored in rows of their own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.kit.errors import Invalid, NotFound, require_at_most
from qgp.kit.model import records
from qgp.kit.visibility import limits_of
from qgp.kit.work import Work


@dataclass(frozen=True)
class Links:
    """Links of one kind.

    Attributes:
        link: the rows.
        owner: their column that points at the record with the links.
        column: their column that points at a linked record.
        most: the most links of one record.
        path: the input's field.
        unusable: returns a sentence why a record cannot be linked anew; None where it can.
    """

    link: type[Any]
    owner: str
    column: str
    most: int
    path: str
    unusable: Callable[[Any], str | None] = lambda _: None

    @property
    def target(self) -> type[Any]:
        """The kind of the linked records."""
        return records()[getattr(self.link, self.column).property.columns[0].info["ref"]]

    async def rewrite(self, work: Work, owner_id: UUID, target_ids: Sequence[UUID]) -> bool:
        """Link a record to these and no others; return whether anything changed.

        Raises:
            Invalid: one is repeated, they are too many, or one cannot be linked anew.
            NotFound: there is no such record, or it is hidden from the caller.
        """
        message = f"`{self.path}` has {len(target_ids)} ids; at most {self.most} are allowed."
        require_at_most(self.most, len(target_ids), message, self.path)
        if len(set(target_ids)) < len(target_ids):
            message = f"`{self.path}` names a {self.target.__name__} twice. Name each once."
            raise Invalid(message, self.path)
        statement = sa.select(self.link).where(getattr(self.link, self.owner) == owner_id)
        current = {getattr(row, self.column): row for row in await work.rows(statement)}
        new = [id for id in target_ids if id not in current]
        removed = [row for id, row in current.items() if id not in set(target_ids)]
        await self._usable(work, new)
        await work.remove(*removed)
        if new:
            named = [self.link(**{self.owner: owner_id, self.column: id}) for id in new]
            await work.add(*named)
        return bool(new or removed)

    async def _usable(self, work: Work, new: Sequence[UUID]) -> None:
        if not new:
            return
        visible = limits_of(self.target, work.caller)
        statement = sa.select(self.target).where(self.target.id.in_(new), *visible)
        targets = {row.id: row for row in await work.rows(statement)}
        for id in new:
            if id not in targets:
                message = f"No {self.target.__name__} with this id is visible to you."
                raise NotFound(message, self.path)
            if refusal := self.unusable(targets[id]):
                raise Invalid(refusal, self.path)
