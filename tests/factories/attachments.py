"""Attachments without their bytes."""

import hashlib
from typing import Any

from qgp.attachments.model import Attachment, AttachmentState
from qgp.kit import clock
from qgp.kit.model import Record

DATA = b"a photo"


def attachment(
    about: Record, state: AttachmentState = AttachmentState.PENDING, **facts: Any
) -> Attachment:
    """Make the attachment of a record in a state."""
    columns = {
        "filename": "photo.txt",
        "bytes": len(DATA),
        "sha256": hashlib.sha256(DATA).hexdigest(),
        **facts,
    }
    if state is not AttachmentState.PENDING:
        columns = {"stored_at": clock.now(), "mime": "text/plain", **columns}
    if state is AttachmentState.DELETED:
        columns = {"deleted_at": clock.now(), "delete_reason": "Blurred.", **columns}
    return Attachment(subject_type=about.prefix, subject_id=about.id, state=state, **columns)
