"""Random operations on units of work, beside the model of what they have to store."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from random import Random
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from qgp.kit import clock, ids
from qgp.kit.errors import AlreadyExists, DomainError, NotFound
from qgp.organizations.model import Site
from qgp.standards.model.terms import StandardStatus
from tests.kit.random_rows import KINDS, RandomRows, Values
from tests.kit.stored_model import StoredModel
from tests.kit.work import work_of

ACTION = "siteUpdate"
Operation = Callable[["Sequence"], Awaitable[None]]


class Undone(Exception):
    """Rolls back a transaction, or to a savepoint."""


@dataclass
class Sequence:
    """Sequence of units of work.

    Attributes:
        loaded: the rows of the present unit of work, by id.
    """

    random: Random
    model: StoredModel
    rows: RandomRows
    loaded: dict[UUID, Any] = field(default_factory=dict)
    work: Any = None
    _now: datetime = datetime(2026, 3, 1, 8, 0, 0, 1, UTC)
    _numbers: Iterator[int] = field(default_factory=count)

    async def unit(self) -> None:
        """Do one unit of work, which is committed or rolled back."""
        kept, self.loaded = self.model.copy(), {}
        try:
            async with work_of(self.model.company, ACTION) as self.work:
                self.model.reason = None
                for _ in range(self.random.randint(2, 7)):
                    await self._one_of(*SIMPLE, Sequence.savepoint, Sequence.broken)
                if self.random.random() < 0.25:
                    raise Undone
                await self._one_of(Sequence.flush)
        except Undone:
            self.model = kept
            return
        for id, row in self.loaded.items():
            if not sa.inspect(row).expired:
                assert row.version == self.model.rows[id].version

    async def add(self) -> None:
        """Add one row, or several that refer to each other."""
        rows = [self._new(self.random.choice([*KINDS])) for _ in range(self._few())]
        assert await self.work.add(*rows) is rows[0]
        self.model.flush(self._now)

    async def change(self) -> None:
        """Change a row, in part to the values that it has."""
        if id := self._any():
            row = await self._get(id)
            await self.work.change(row, self._changed(id))
            self.model.flush(self._now)

    async def assign(self) -> None:
        """Set values of some rows, which a later operation writes."""
        for _ in range(self.random.randint(2, 4)):
            if id := self._any():
                row = await self._get(id)
                for name, value in self._changed(id).items():
                    setattr(row, name, value)

    async def activate(self) -> None:
        """Change the status of a standard, unless it is active."""
        if standards := self.model.ids_of("standards"):
            row = await self._get(self.random.choice(standards), is_read=True)
            self.model.set(row.id, {"status": StandardStatus.ACTIVE})
            row.enter(StandardStatus.ACTIVE)
            await self.flush()

    async def touch(self) -> None:
        """Increase the version of a row."""
        if id := self._any():
            await self._one_of(Sequence.flush)
            await self._one_of(partial(Sequence._touch, id=id))

    async def _touch(self, id: UUID) -> None:
        await self.work.touch(await self._get(id))
        self.model.flush(self._now, touched=id)

    async def remove(self) -> None:
        """Delete some options of a question."""
        await self.flush()
        options = self.model.ids_of("question_options")
        removed = self.random.sample(options, len(options) // 2)
        await self.work.remove(*[await self._get(id) for id in removed])
        for id in removed:
            self.model.remove(id)
            del self.loaded[id]

    async def give_reason(self) -> None:
        """Set the reason of what follows."""
        self.model.reason = self.random.choice((None, "So.", "Ja; \u2028"))
        self.work.set_reason(self.model.reason)

    async def flush(self) -> None:
        """Write what was set and collected."""
        await self.work.flush()
        self.model.flush(self._now)

    async def savepoint(self) -> None:
        """Do some operations in a savepoint, and perhaps roll back to it."""
        await self.flush()
        kept, loaded = self.model.copy(), {*self.loaded}
        try:
            async with self.work.session.begin_nested():
                for _ in range(self.random.randint(1, 4)):
                    await self._one_of(*SIMPLE)
                if self.random.random() < 0.6:
                    raise Undone
                await self._one_of(Sequence.flush)
        except Undone:
            self._undo(kept, loaded)

    async def broken(self) -> None:
        """Add sites of which the last one breaks a constraint, in a savepoint."""
        await self.flush()
        kept, loaded = self.model.copy(), {*self.loaded}
        rows = [self._new("sites") for _ in range(self.random.randint(2, 5))]
        error: type[DomainError] = self.random.choice((AlreadyExists, NotFound))
        if error is AlreadyExists:
            rows[-1].code = rows[0].code
        else:
            rows[-1].parent_id = ids.uuid7()
        with pytest.raises(error) as refused:
            await self._add_in_savepoint(rows)
        assert refused.value.path == (("code",) if error is AlreadyExists else ("parentId",))
        self._undo(kept, loaded)

    async def _add_in_savepoint(self, rows: list[Site]) -> None:
        async with self.work.session.begin_nested():
            await self.work.add(*rows)
            await self.work.flush()

    def _undo(self, model: StoredModel, loaded: set[UUID]) -> None:
        self.model = model
        self.loaded = {id: row for id, row in self.loaded.items() if id in loaded}

    async def _one_of(self, *operations: Operation) -> None:
        """Do an operation, a second after the one before."""
        self._now += timedelta(seconds=1)
        with clock.fixed(self._now):
            await self.random.choice(operations)(self)

    def _few(self) -> int:
        return self.random.choice((1, 1, 5))

    def _new(self, table: str) -> Any:
        """Return a new row, and add it to the model."""
        id, others = ids.uuid7(), self.model.ids_of(table)
        values = self.rows.fixed(table, next(self._numbers)) | self.rows.values(table, others)
        self.model.add(table, id, values, self._now)
        row = self.loaded[id] = KINDS[table](id=id, **values)
        return row

    def _changed(self, id: UUID) -> Values:
        """Return values to set on a row, and set them in the model."""
        table = self.model.rows[id].table
        values = self.rows.some_values(table, self.model.ids_of(table))
        self.model.set(id, values)
        return values

    def _any(self) -> UUID | None:
        """Return the id of a row of any kind, or None."""
        return self.random.choice([*self.model.rows, None])

    async def _get(self, id: UUID, *, is_read: bool = False) -> Any:
        """Return a row as it is in memory, or read it, which writes what was set before."""
        if not is_read and id in self.loaded and self.random.random() < 0.7:
            return self.loaded[id]
        self.loaded[id] = await self.work.get(KINDS[self.model.rows[id].table], id)
        self.model.flush(self._now)
        return self.loaded[id]


SIMPLE: tuple[Operation, ...] = (
    Sequence.add,
    Sequence.add,
    Sequence.change,
    Sequence.change,
    Sequence.assign,
    Sequence.activate,
    Sequence.touch,
    Sequence.remove,
    Sequence.give_reason,
    Sequence.flush,
)
