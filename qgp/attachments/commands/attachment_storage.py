"""Consistency of attachments and stored files: no file is removed that an attachment refers to.

Adding an attachment and removing a file both hold an advisory lock on the file's address, and a
file is uploaded only after its attachment is committed. So an attachment that is added during a
removal waits for it, and its file is uploaded again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import structlog

from qgp.attachments.model import Attachment, AttachmentStatus
from qgp.files.config import Files
from qgp.files.storage import Address, Storage, StorageUnavailable
from qgp.kit import clock
from qgp.kit.operating import operating
from qgp.kit.operator_actions import OperatorAction
from qgp.kit.session import Database
from qgp.kit.work import Work

UPLOAD_DEADLINE = timedelta(days=1)  # for a PENDING attachment, and a draft on disk
_LOCK = 0x617474  # namespace of the advisory locks on addresses of stored files
_BATCH = 200  # addresses in one query
_log = structlog.get_logger(__name__)


async def lock_address(work: Work, address: Address) -> None:
    """Hold the lock on a stored file's address until the unit of work ends."""
    key = sa.func.hashtextextended(address.name, _LOCK)
    await work.rows(sa.select(sa.func.pg_advisory_xact_lock(key)))


async def release(files: Files, address: Address, database: Database) -> bool:
    """Remove a stored file unless an attachment refers to it; return whether it was removed.

    A failure of the storage leaves the file to the sweep.
    """
    if files.storage is None:
        return False
    organization_id = address.organization_id
    try:
        async with operating(database, organization_id, OperatorAction.FILE_REMOVE) as work:
            await lock_address(work, address)
            if await _is_referenced(work, address):
                return False
            await files.storage.remove(address)
    except StorageUnavailable:
        _log.warning("file_not_removed", organization=str(organization_id), sha256=address.sha256)
        return False
    return True


@dataclass(frozen=True)
class SweepResult:
    """Counts of what a sweep removed.

    Attributes:
        uploads: PENDING attachments whose upload never came.
        files: stored files without an attachment.
    """

    uploads: int = 0
    files: int = 0

    def __add__(self, other: "SweepResult") -> "SweepResult":
        """Return the sums of both."""
        return SweepResult(self.uploads + other.uploads, self.files + other.files)


async def sweep(files: Files, database: Database, organization_id: UUID) -> SweepResult:
    """Remove PENDING attachments older than a day, and stored files without an attachment.

    Raises:
        StorageUnavailable: the storage is unavailable.
    """
    async with operating(database, organization_id, OperatorAction.FILE_SWEEP) as work:
        overdue = await work.rows(_overdue_uploads())
        for attachment in overdue:
            await work.remove(attachment)
    removed = 0
    if files.storage is not None:
        async for addresses in files.storage.list_addresses(organization_id):
            removed += await _remove_unreferenced(files, addresses, database)
    return SweepResult(len(overdue), removed)


async def _remove_unreferenced(
    files: Files, addresses: Sequence[Address], database: Database
) -> int:
    """Remove the files of one organization without an attachment; return their number."""
    removed = 0
    for start in range(0, len(addresses), _BATCH):
        batch = addresses[start : start + _BATCH]
        organization_id = batch[0].organization_id
        statement = sa.select(Attachment.sha256).where(
            Attachment.sha256.in_([address.sha256 for address in batch]),
            Attachment.status != AttachmentStatus.DELETED,
        )
        async with operating(database, organization_id, OperatorAction.FILE_SWEEP) as work:
            referenced = set(await work.rows(statement))
        for address in batch:
            if address.sha256 not in referenced:
                removed += await release(files, address, database)
    return removed


def _overdue_uploads() -> sa.Select[Any]:
    """Select and lock the PENDING attachments past the upload deadline."""
    return (
        sa.select(Attachment)
        .where(
            Attachment.status == AttachmentStatus.PENDING,
            Attachment.created_at < clock.now() - UPLOAD_DEADLINE,
        )
        .with_for_update(skip_locked=True)
    )


async def _is_referenced(work: Work, address: Address) -> bool:
    statement = sa.select(Attachment.id).where(
        Attachment.sha256 == address.sha256, Attachment.status != AttachmentStatus.DELETED
    )
    return bool(await work.rows(statement.limit(1)))


def clear_drafts(storage: Storage) -> int:
    """Remove drafts that ended processes left behind a day ago; return their number."""
    oldest = (clock.now() - UPLOAD_DEADLINE).timestamp()
    if not storage.incoming.is_dir():
        return 0
    abandoned = [path for path in storage.incoming.iterdir() if path.stat().st_mtime < oldest]
    for path in abandoned:
        path.unlink(missing_ok=True)
    return len(abandoned)
