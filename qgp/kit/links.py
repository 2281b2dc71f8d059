"""What a record names by rows of their own, each once: written and replaced as a whole."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.kit.errors import Invalid, NotFound, require_at_most
from qgp.kit.model import records
from qgp.kit.work import Work


@dataclass(frozen=True)
class Links:
    """The links of one kind.

    Attributes:
        link: the rows, whose columns `owner` and `column` point at who names and at what is named.
        most: how many of them one record names.
        path: the input's field.
        unusable: says in a sentence why something cannot be named anew; None if it can.
    """

    link: type[Any]
    owner: str
    column: str
    most: int
    path: str
    unusable: Callable[[Any], str | None] = lambda _: None

    @property
    def target(self) -> type[Any]:
        """The record that is named: the one that the column points at."""
        return records()[getattr(self.link, self.column).property.columns[0].info["ref"]]

    async def rewrite(self, work: Work, owner_id: UUID, target_ids: Sequence[UUID]) -> bool:
        """Let a record name these and no others; say whether anything differs.

        Raises:
            Invalid: one twice, too many, or one that cannot be named anew.
            NotFound: there is no such record in this organization.
        """
        message = f"Name at most {self.most} in {self.path}; these are {len(target_ids)}."
        require_at_most(self.most, len(target_ids), message, self.path)
        if len(set(target_ids)) < len(target_ids):
            raise Invalid(f"Name each {self.target.__name__} once.", self.path)
        statement = sa.select(self.link).where(getattr(self.link, self.owner) == owner_id)
        current = {getattr(row, self.column): row for row in await work.rows(statement)}
        new = [id for id in target_ids if id not in current]
        gone = [row for id, row in current.items() if id not in set(target_ids)]
        await self._usable(work, new)
        await work.remove(*gone)
        if new:
            named = [self.link(**{self.owner: owner_id, self.column: id}) for id in new]
            await work.add(*named)
        return bool(new or gone)

    async def _usable(self, work: Work, new: Sequence[UUID]) -> None:
        if not new:
            return
        statement = sa.select(self.target).where(self.target.id.in_(new))
        targets = {row.id: row for row in await work.rows(statement)}
        for id in new:
            if id not in targets:
                message = f"No {self.target.__name__} with this id is visible to you."
                raise NotFound(message, self.path)
            if why := self.unusable(targets[id]):
                raise Invalid(why, self.path)
