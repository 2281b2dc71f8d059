"""Statements about attachments for the commands and guards of other modules."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from qgp.attachments.model import Attachment, AttachmentStatus
from qgp.attachments.policy import READ
from qgp.files.config import Files
from qgp.files.storage import Address
from qgp.kit.errors import Invalid
from qgp.kit.work import Work


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
        read: reads its bytes.
    """

    filename: str
    size_bytes: int
    read: Callable[[], Awaitable[bytes]]


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
    storage = work.services[Files].storage
    address, size = Address(row.organization_id, row.sha256), row.size_bytes

    async def read() -> bytes:
        assert storage is not None
        async with storage.open(address, size) as source:
            return await source.read(size)

    return UploadedFile(row.filename, size, read)


def photos_unfiltered() -> Any:
    """Return a table `subject_id` of the stored images."""
    is_image = Attachment.content_type.startswith("image/", autoescape=True)
    rows = sa.select(Attachment.subject_id)
    return rows.where(Attachment.status == AttachmentStatus.STORED, is_image).subquery()
