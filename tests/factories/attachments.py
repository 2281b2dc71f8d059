"""Attachments without their bytes."""

import hashlib
from typing import Any

from qgp.attachments.model import Attachment, AttachmentStatus
from qgp.kit import clock
from qgp.kit.model import Record

DATA = b"a photo"


def attachment(
    about: Record, status: AttachmentStatus = AttachmentStatus.PENDING, **facts: Any
) -> Attachment:
    """Make the attachment of a record in a state."""
    columns = {
        "filename": "photo.txt",
        "size_bytes": len(DATA),
        "sha256": hashlib.sha256(DATA).hexdigest(),
        **facts,
    }
    if status is not AttachmentStatus.PENDING:
        columns = {"stored_at": clock.now(), "content_type": "text/plain", **columns}
    if status is AttachmentStatus.DELETED:
        columns = {"deleted_at": clock.now(), "delete_reason": "Blurred.", **columns}
    return Attachment(subject_type=about.prefix, subject_id=about.id, status=status, **columns)
