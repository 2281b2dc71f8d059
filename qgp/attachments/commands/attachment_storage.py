"""Rows and bytes together: none of the bytes is removed that a row still names.

Whoever adds a row that names bytes, and whoever removes bytes, holds a lock on their name. Bytes
come only after their row is committed. So a row that is added while its bytes are removed waits,
and then they come again.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import structlog

from qgp.attachments.model import Attachment, AttachmentStatus
from qgp.files.place import Files
from qgp.files.storage import Address, Storage, StorageAway
from qgp.kit import clock
from qgp.kit.operator_actions import OperatorAction
from qgp.kit.session import Database
from qgp.kit.work import Work, operating

PATIENCE = timedelta(days=1)  # for bytes that were promised
_LOCK = 0x617474  # of all advisory locks, those on the bytes of an organization
_PORTION = 200
_log = structlog.get_logger(__name__)


async def lock_holder(work: Work, address: Address) -> None:
    """Let nobody else add a row that names the bytes, or remove them, until the work ends."""
    key = sa.func.hashtextextended(address.name, _LOCK)
    await work.rows(sa.select(sa.func.pg_advisory_xact_lock(key)))


async def release(files: Files, address: Address, database: Database) -> bool:
    """Remove the bytes unless a row names them; say whether they were removed.

    What cannot be removed now is left to the sweep.
    """
    if files.storage is None:
        return False
    own = address.organization_id
    try:
        async with operating(database, own, OperatorAction.FILE_REMOVE) as work:
            await lock_holder(work, address)
            if await _is_named(work, address):
                return False
            await files.storage.remove(address)
    except StorageAway:
        _log.warning("file_not_removed", organization=str(own), sha256=address.sha256)
        return False
    return True


@dataclass(frozen=True)
class Swept:
    """What a sweep removed.

    Attributes:
        promises: rows whose bytes never came.
        files: bytes that no row names.
    """

    promises: int = 0
    files: int = 0

    def __add__(self, other: "Swept") -> "Swept":
        """Return both together."""
        return Swept(self.promises + other.promises, self.files + other.files)


async def sweep(files: Files, database: Database, organization_id: UUID) -> Swept:
    """Remove an organization's promises of more than a day ago, and bytes that no row names.

    Raises:
        StorageAway: the place for files is.
    """
    async with operating(database, organization_id, OperatorAction.FILE_SWEEP) as work:
        forgotten = await work.rows(_forgotten())
        for attachment in forgotten:
            await work.remove(attachment)
    removed = 0
    if files.storage is not None:
        async for portion in files.storage.kept(organization_id):
            removed += await _clear(files, portion, database)
    return Swept(len(forgotten), removed)


async def _clear(files: Files, portion: Any, database: Database) -> int:
    removed = 0
    for start in range(0, len(portion), _PORTION):
        addresses = portion[start : start + _PORTION]
        own = addresses[0].organization_id
        named = sa.select(Attachment.sha256).where(
            Attachment.sha256.in_([address.sha256 for address in addresses]),
            Attachment.status != AttachmentStatus.DELETED,
        )
        async with operating(database, own, OperatorAction.FILE_SWEEP) as work:
            known = set(await work.rows(named))
        for address in addresses:
            if address.sha256 not in known:
                removed += await release(files, address, database)
    return removed


def _forgotten() -> sa.Select[Any]:
    """Select the promises that nobody kept."""
    return (
        sa.select(Attachment)
        .where(
            Attachment.status == AttachmentStatus.PENDING,
            Attachment.created_at < clock.now() - PATIENCE,
        )
        .with_for_update(skip_locked=True)
    )


async def _is_named(work: Work, address: Address) -> bool:
    named = sa.select(Attachment.id).where(
        Attachment.sha256 == address.sha256, Attachment.status != AttachmentStatus.DELETED
    )
    return bool(await work.rows(named.limit(1)))


def clear_drafts(storage: Storage) -> int:
    """Remove drafts that a process left behind a day ago or longer; return how many."""
    oldest = (clock.now() - PATIENCE).timestamp()
    if not storage.incoming.is_dir():
        return 0
    left = [path for path in storage.incoming.iterdir() if path.stat().st_mtime < oldest]
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)
