"""Commands on attachments: create an upload, store, change, delete."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from qgp.attachments.commands.attachment_storage import lock_address, release
from qgp.attachments.model import Attachment, AttachmentStatus
from qgp.attachments.policy import READ
from qgp.files.config import Files
from qgp.files.media_types import UnsupportedMediaType, check_name
from qgp.files.storage import Address
from qgp.kit import clock
from qgp.kit.errors import Forbidden, Invalid, OutOfRange, StillInUse, Unavailable, between
from qgp.kit.policy import QUALITY
from qgp.kit.subjects import Subject, columns_of, get_visible
from qgp.kit.work import Work

_RETRY_SECONDS = 3600


@dataclass(frozen=True)
class AttachmentUse:
    """Use of attachments by later modules, which the application injects.

    Attributes:
        is_evidence: whether evidence that is not withdrawn consists of the attachment with an id.
    """

    is_evidence: Callable[[Work, UUID], Awaitable[bool]]


async def create_upload(work: Work, *, subject_id: Subject, **facts: Any) -> Attachment:
    """Create a PENDING attachment, whose bytes are uploaded afterwards.

    Raises:
        NotFound: the record is hidden from the caller.
        Invalid: the size is 0 or above the maximum, or the name tells a type that is not accepted.
        Unavailable: the operator has configured no file storage.
    """
    facts["sha256"] = facts["sha256"].lower()
    try:
        check_name(facts["filename"])
    except UnsupportedMediaType as refused:
        raise Invalid(refused.reason, "filename") from None
    files = work.services[Files]
    if files.storage is None:
        message = "No file storage is configured. Ask your operator to set QGP_FILES_DIR."
        raise Unavailable(message, seconds=_RETRY_SECONDS)
    if not 0 < facts["size_bytes"] <= files.max_bytes:
        message = (
            f"The file has {facts['size_bytes']:,} bytes, and a file has 1 to {files.max_bytes:,}. "
            "Choose a file of that size."
        )
        raise OutOfRange(message, "sizeBytes", constraint=between(1, files.max_bytes))
    await get_visible(work, subject_id)
    await lock_address(work, Address(work.caller.organization_id, facts["sha256"]))
    return await work.add(
        Attachment(**columns_of(subject_id), **facts, status=AttachmentStatus.PENDING)
    )


async def store(work: Work, *, id: UUID, content_type: str) -> Attachment:
    """Record that the bytes are stored; a repetition changes nothing.

    Raises:
        NotFound: no such attachment is visible to the caller.
    """
    attachment = await work.get(Attachment, id, read=READ)
    if attachment.status is not AttachmentStatus.PENDING:
        return attachment
    columns: dict[str, Any] = {"status": AttachmentStatus.STORED, "stored_at": clock.now()}
    return await work.change(attachment, columns | {"content_type": content_type})


async def update(work: Work, *, id: UUID, expected_version: int, **changes: Any) -> Attachment:
    """Change the caption.

    Raises:
        Forbidden: the caller neither created it nor is in quality.
        Invalid: it is DELETED.
    """
    attachment = await _changeable(work, id, expected_version)
    return await work.change(attachment, changes)


async def delete(work: Work, *, id: UUID, expected_version: int, reason: str) -> Attachment:
    """Delete an attachment: its bytes are removed after the commit, its row stays.

    Raises:
        Forbidden: the caller neither created it nor is in quality.
        Invalid: it is DELETED already.
        StillInUse: evidence that is not withdrawn consists of it.
    """
    attachment = await _changeable(work, id, expected_version)
    await _require_no_evidence(work, attachment)
    work.set_reason(reason)
    columns: dict[str, Any] = {"status": AttachmentStatus.DELETED, "deleted_at": clock.now()}
    columns |= {"deleted_by_id": work.caller.user_id, "delete_reason": reason}
    await work.change(attachment, columns)
    address = Address(attachment.organization_id, attachment.sha256)
    work.after_commit(partial(release, work.services[Files], address))
    return attachment


async def _require_no_evidence(work: Work, attachment: Attachment) -> None:
    """Refuse an attachment that evidence consists of, even if hidden from the caller."""
    if await work.services[AttachmentUse].is_evidence(work, attachment.id):
        message = (
            "Evidence consists of this attachment, and evidence keeps its file. Withdraw the "
            "evidence first (evidenceItemWithdraw)."
        )
        raise StillInUse(message, "id")


async def _changeable(work: Work, id: UUID, expected_version: int) -> Attachment:
    """Return an attachment that the caller may change, locked.

    Raises:
        NotFound: it is hidden from the caller.
        StaleVersion: it has another version than the caller expected.
        Forbidden: the caller neither created it nor is in quality.
        Invalid: it is DELETED.
    """
    attachment = await work.get(Attachment, id, expected_version=expected_version, read=READ)
    is_creator = attachment.created_by_id == work.caller.user_id
    if not is_creator and work.caller.role not in QUALITY:
        message = (
            "You did not add this attachment, and only its creator or quality changes it. Ask one "
            "of them."
        )
        raise Forbidden(message, "id")
    if attachment.status is AttachmentStatus.DELETED:
        message = "This attachment is DELETED and cannot be changed. Upload the file again."
        raise Invalid(message, "id")
    return attachment
