"""Imports of standards from uploaded files, which run in the background.

A running import holds an advisory lock in the transaction that writes the standard. A process
that obtains the lock of a RUNNING import records it as FAILED, since its process has ended.
"""

import asyncio
import time
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, TypeVar
from uuid import UUID

import sqlalchemy as sa

from qgp.kit import clock
from qgp.kit.background import BackgroundTasks
from qgp.kit.constraints import constraint_errors
from qgp.kit.errors import Conflict, DomainError
from qgp.kit.operating import operating
from qgp.kit.operator_actions import OperatorAction
from qgp.kit.policy import Principal
from qgp.kit.services import ServicesByType
from qgp.kit.session import Database, Scope
from qgp.kit.uploads import UploadedFile, Uploads
from qgp.kit.work import Work
from qgp.standards.commands.oscal.document import require_size
from qgp.standards.commands.oscal.process import read_in_process
from qgp.standards.commands.oscal_import import import_edition
from qgp.standards.model import Standard, StandardImport
from qgp.standards.model.terms import ImportStatus

T = TypeVar("T")
ACTION: Final = "standardImport"
_LOCK = 0x737469  # namespace of the advisory locks
_START = timedelta(seconds=10)  # for an import to get its lock
_IDLE_SECONDS = 3.0  # between statements of a transaction that waits for the file
_WATCH_SECONDS = 1.0  # between two updates of the rows done
_INTERRUPTED = "The process ended during the import. Nothing was imported; import the file again."
_UNEXPECTED = "The import failed unexpectedly. Nothing was imported; import the file again."


async def start(work: Work, *, attachment_id: UUID, supersedes_id: UUID | None) -> StandardImport:
    """Record an import as RUNNING, and run it after the commit.

    Raises:
        NotFound: the upload or the standard is hidden from the caller.
        Invalid: the file is not uploaded yet, or too large.
        Conflict: an import of this organization is running.
    """
    if supersedes_id is not None:
        await work.get(Standard, supersedes_id, path="supersedesId")
    file = await work.services[Uploads].find(work, attachment_id, "attachmentId")
    require_size(file.size_bytes, "attachmentId")
    await _require_none_running(work)
    row = StandardImport(
        status=ImportStatus.RUNNING, filename=file.filename, supersedes_id=supersedes_id
    )
    await work.add(row)
    run = _Run(row.id, work.caller, work.services, file, supersedes_id)
    work.after_commit(run.begin)
    return row


async def fail_interrupted(database: Database, organization_id: UUID) -> None:
    """Record the imports of an organization as FAILED whose process has ended."""
    async with operating(database, organization_id, OperatorAction.STANDARD_IMPORT) as work:
        await _running(work)


async def _require_none_running(work: Work) -> None:
    await work.rows(sa.select(sa.func.pg_advisory_xact_lock(_key(work.caller.organization_id))))
    for row in await _running(work):
        raise Conflict(
            f"The import of {row.filename} is running. One import of an organization runs at a "
            "time; wait until it has ended.",
            "attachmentId",
            current=row.id,
        )


async def _running(work: Work) -> list[StandardImport]:
    """Return the imports that run; those that were interrupted become FAILED."""
    started = sa.select(StandardImport).where(StandardImport.status == ImportStatus.RUNNING)
    running = []
    for row in await work.rows(started):
        if clock.now() - row.created_at < _START or not await _lock(work, row.id):
            running.append(row)
        else:
            await work.change(await work.get(StandardImport, row.id), _failed(_INTERRUPTED))
    return running


async def _lock(work: Work, id: UUID) -> bool:
    """Take the lock of an import until the transaction ends; return whether it was free."""
    (is_free,) = await work.rows(sa.select(sa.func.pg_try_advisory_xact_lock(_key(id))))
    return bool(is_free)


def _key(id: UUID) -> Any:
    return sa.func.hashtextextended(str(id), _LOCK)


def _failed(error: str) -> dict[str, Any]:
    return {"status": ImportStatus.FAILED, "error": error, "ended_at": clock.now()}


@dataclass(eq=False)
class _Run:
    """Run of one import as its caller."""

    id: UUID
    caller: Principal
    services: ServicesByType
    file: UploadedFile
    supersedes_id: UUID | None
    _watched: float = 0.0

    async def begin(self, database: Database) -> None:
        """Run in the background."""
        self.services[BackgroundTasks].start(self._run(database))

    async def _run(self, database: Database) -> None:
        error: str | None = _UNEXPECTED
        try:
            await self._import(database)
            error = None
        except DomainError as refusal:
            error = refusal.message
        except asyncio.CancelledError:
            error = _INTERRUPTED
            raise
        finally:
            if error is not None:
                await self._record(database, _failed(error))

    async def _import(self, database: Database) -> None:
        with constraint_errors():
            async with database.write(self._scope) as session:
                work = Work(session, self.caller, self.services)
                await _lock(work, self.id)
                content = b"".join([part async for part in self.file.parts()])
                source = await _waiting(work, read_in_process(content))
                rows = len(source.clauses)
                await self._record(database, {"rows": rows})

                async def watch(done: int) -> None:
                    if time.monotonic() - self._watched > _WATCH_SECONDS:
                        self._watched = time.monotonic()
                        await self._record(database, {"rows_done": done})

                standard, tally = await import_edition(work, source, self.supersedes_id, watch)
                counts = {"added": tally.added, "changed": tally.changed}
                ended = {"status": ImportStatus.COMPLETED, "ended_at": clock.now()}
                ended |= {"standard_id": standard.id, "rows_done": rows}
                row = await work.get(StandardImport, self.id)
                await work.change(row, {**counts, **ended, "withdrawn": tally.withdrawn})

    async def _record(self, database: Database, values: dict[str, Any]) -> None:
        """Change the record in a transaction of its own."""
        async with database.write(self._scope) as session:
            work = Work(session, self.caller, self.services)
            await work.change(await work.get(StandardImport, self.id), values)

    @property
    def _scope(self) -> Scope:
        return Scope(self.caller.organization_id, actor_id=self.caller.user_id, action=ACTION)


async def _waiting(work: Work, result: Awaitable[T]) -> T:
    """Wait for a result without leaving the transaction idle for long."""
    task = asyncio.ensure_future(result)
    try:
        while not (await asyncio.wait({task}, timeout=_IDLE_SECONDS))[0]:
            await work.rows(sa.select(1))
        return task.result()
    finally:
        task.cancel()
        await asyncio.wait({task})
