"""Records written past the API, as a member of a company."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from qgp.kit.work import Work
from qgp.standards.model import Clause
from tests import factories
from tests.company import Company
from tests.kit.work import work_of


@dataclass
class RecordWriter:
    """Unit of work in which records are written, one by one or many together."""

    company: Company
    _open: Work | None = None

    @asynccontextmanager
    async def together(self) -> AsyncIterator[None]:
        """Write all that is written within in one unit of work, which is faster."""
        async with work_of(self.company) as work:
            self._open = work
            yield
        self._open = None

    @asynccontextmanager
    async def working(self) -> AsyncIterator[Work]:
        """Open a unit of work, or go on with the one that is open."""
        if self._open is not None:
            yield self._open
            return
        async with work_of(self.company) as work:
            yield work

    async def clause(self) -> Clause:
        """Write a clause of a standard of its own."""
        async with self.working() as work:
            standard = await work.add(factories.standard())
            return await work.add(factories.clause(standard.id))
