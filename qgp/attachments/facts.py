"""Facts about attachments for other modules' commands and guards."""

from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from qgp.attachments.model import Attachment, AttachmentState
from qgp.attachments.policy import READ
from qgp.kit.work import Work


class VisibleAttachment(NamedTuple):
    """A file that the caller sees.

    Attributes:
        is_stored: whether its bytes can be fetched.
    """

    id: UUID
    sha256: str
    is_stored: bool


async def visible_attachment(work: Work, id: UUID, path: str) -> VisibleAttachment:
    """Return a file, its row locked until the work ends; `path` locates its id.

    Raises:
        NotFound: the caller does not see it.
    """
    file = await work.get(Attachment, id, path=path, read=READ)
    return VisibleAttachment(file.id, file.sha256, file.state is AttachmentState.STORED)


def photos_unfiltered() -> Any:
    """Return a table `subject_id` of the images whose bytes are stored."""
    is_image = Attachment.mime.startswith("image/", autoescape=True)
    rows = sa.select(Attachment.subject_id)
    return rows.where(Attachment.state == AttachmentState.STORED, is_image).subquery()
