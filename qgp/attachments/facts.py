"""Statements about attachments for the commands and guards of other modules."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from qgp.attachments.model import Attachment, AttachmentStatus
from qgp.attachments.policy import READ
from qgp.files.config import Files
from qgp.files.storage import Address, Storage, StorageUnavailable
from qgp.kit.availability import RETRY_SECONDS
from qgp.kit.errors import Invalid, Unavailable
from qgp.kit.work import Work

_PART = 64 * 1024  # bytes that are read at once


class VisibleAttachment(NamedTuple):
    """Attachment that is visible to the caller.

    Attributes:
        is_stored: whether its bytes can be downloaded.
    """

    id: UUID
    sha256: str
    is_stored: bool


async def visible_attachment(work: Work, id: UUID, path: str) -> VisibleAttachment:
    """Return an attachment, locked until the unit of work ends; `path` locates its id.

    Raises:
        NotFound: it is hidden from the caller.
    """
    row = await work.get(Attachment, id, path=path, read=READ)
    return VisibleAttachment(row.id, row.sha256, row.status is AttachmentStatus.STORED)


@dataclass(frozen=True)
class UploadedFile:
    """Stored file of an attachment.

    Attributes:
        parts: yields its bytes in parts.
    """

    filename: str
    size_bytes: int
    content_type: str
    parts: Callable[[], AsyncIterator[bytes]]


async def uploaded_file(work: Work, id: UUID, path: str) -> UploadedFile:
    """Return the stored file of an attachment; `path` locates its id.

    Raises:
        NotFound: it is hidden from the caller.
        Invalid: its bytes are not uploaded yet, or deleted.
    """
    row = await work.get(Attachment, id, path=path, read=READ)
    if row.status is not AttachmentStatus.STORED:
        message = (
            f"The attachment is {row.status.value}, and its bytes are read. Upload them as "
            "fileUploadCreate says, and send a STORED attachment."
        )
        raise Invalid(message, path)
    storage, address = work.services[Files].storage, Address(row.organization_id, row.sha256)
    parts = partial(_parts, storage, address, row.size_bytes)
    return UploadedFile(row.filename, row.size_bytes, row.content_type or "", parts)


async def _parts(storage: Storage | None, address: Address, size: int) -> AsyncIterator[bytes]:
    """Yield the bytes of a stored file.

    Raises:
        Unavailable: the storage does not respond, or has no such file.
    """
    assert storage is not None, "a stored file has a storage"
    try:
        async with storage.open(address, size) as source:
            while part := await source.read(_PART):
                yield part
    except (StorageUnavailable, FileNotFoundError) as failure:
        message = f"The file storage does not respond. Try again in {RETRY_SECONDS} seconds."
        raise Unavailable(message, seconds=RETRY_SECONDS) from failure


def photos_unfiltered() -> Any:
    """Return a table `subject_id` of the stored images."""
    is_image = Attachment.content_type.startswith("image/", autoescape=True)
    rows = sa.select(Attachment.subject_id)
    return rows.where(Attachment.status == AttachmentStatus.STORED, is_image).subquery()
