"""Statements about attachments for the commands and guards of other modules."""

from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from qgp.attachments.model import Attachment, AttachmentStatus
from qgp.attachments.policy import READ
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


def photos_unfiltered() -> Any:
    """Return a table `subject_id` of the stored images."""
    is_image = Attachment.content_type.startswith("image/", autoescape=True)
    rows = sa.select(Attachment.subject_id)
    return rows.where(Attachment.status == AttachmentStatus.STORED, is_image).subquery()
