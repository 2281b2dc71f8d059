"""Promising, storing, describing and deleting files."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from qgp.attachments.commands.attachment_storage import lock_holder, release
from qgp.attachments.model import Attachment, AttachmentStatus
from qgp.attachments.policy import READ
from qgp.files.place import Files
from qgp.files.storage import Address
from qgp.kit import clock
from qgp.kit.errors import Forbidden, Invalid, OutOfRange, StillInUse, Unavailable, between
from qgp.kit.policy import QUALITY
from qgp.kit.subjects import Subject, columns_of, get_visible
from qgp.kit.work import Work

_LATER = 3600


@dataclass(frozen=True)
class AttachmentUse:
    """What uses attachments, asked before one is deleted; the application lends it.

    Attributes:
        is_evidence: whether evidence that is not withdrawn consists of the attachment with an id.
    """

    is_evidence: Callable[[Work, UUID], Awaitable[bool]]


async def promise(work: Work, *, subject_id: Subject, **facts: Any) -> Attachment:
    """Say which bytes will come; nothing is kept yet.

    Raises:
        NotFound: the caller does not see the record.
        Invalid: it is empty or longer than allowed.
        Unavailable: the operator has named no place for files.
    """
    facts["sha256"] = facts["sha256"].lower()
    files = work.services[Files]
    if files.storage is None:
        told = "No place is set up for files. Ask your operator to set QGP_FILES_DIR."
        raise Unavailable(told, seconds=_LATER)
    if not 0 < facts["size_bytes"] <= files.most:
        told = f"A file has 1 to {files.most:,} bytes; this has {facts['size_bytes']:,}."
        raise OutOfRange(told, "sizeBytes", constraint=between(1, files.most))
    await get_visible(work, subject_id)
    own = work.caller.organization_id
    await lock_holder(work, Address(own, facts["sha256"]))
    made = Attachment(**columns_of(subject_id), **facts, status=AttachmentStatus.PENDING)
    return await work.add(made)


async def store(work: Work, *, id: UUID, content_type: str) -> Attachment:
    """Note that the bytes are here; a second time it changes nothing.

    Raises:
        NotFound: there is no such attachment any more that the caller sees.
    """
    attachment = await work.get(Attachment, id, read=READ)
    if attachment.status is not AttachmentStatus.PENDING:
        return attachment
    here: dict[str, Any] = {"status": AttachmentStatus.STORED, "stored_at": clock.now()}
    return await work.change(attachment, here | {"content_type": content_type})


async def update(work: Work, *, id: UUID, expected_version: int, **changes: Any) -> Attachment:
    """Describe it otherwise.

    Raises:
        Forbidden: it is somebody else's.
        Invalid: it is deleted.
    """
    attachment = await _own(work, id, expected_version)
    return await work.change(attachment, changes)


async def delete(work: Work, *, id: UUID, expected_version: int, reason: str) -> Attachment:
    """Let the bytes go and keep the row, which says who deleted them and why.

    Raises:
        Forbidden: it is somebody else's.
        Invalid: it is deleted already.
        StillInUse: evidence that counts consists of it.
    """
    attachment = await _own(work, id, expected_version)
    await _is_no_evidence(work, attachment)
    work.set_reason(reason)
    gone: dict[str, Any] = {"status": AttachmentStatus.DELETED, "deleted_at": clock.now()}
    gone |= {"deleted_by_id": work.caller.user_id, "delete_reason": reason}
    await work.change(attachment, gone)
    address = Address(attachment.organization_id, attachment.sha256)
    work.after_commit(partial(release, work.services[Files], address))
    return attachment


async def _is_no_evidence(work: Work, attachment: Attachment) -> None:
    """Refuse a file that evidence consists of, whether or not the caller sees the evidence."""
    if await work.services[AttachmentUse].is_evidence(work, attachment.id):
        told = "Evidence consists of this file. Withdraw the evidence first, or keep the file."
        raise StillInUse(told, "id")


async def _own(work: Work, id: UUID, expected_version: int) -> Attachment:
    """Return one that the caller may change, locked.

    Raises:
        NotFound: the caller does not see it.
        StaleVersion: it has another version than the caller expected.
        Forbidden: it is somebody else's.
        Invalid: it is deleted.
    """
    attachment = await work.get(Attachment, id, expected_version=expected_version, read=READ)
    is_own = attachment.created_by_id == work.caller.user_id
    if not is_own and work.caller.role not in QUALITY:
        told = "Somebody else added this file. Ask them, or a quality manager."
        raise Forbidden(told, "id")
    if attachment.status is AttachmentStatus.DELETED:
        raise Invalid("This file is deleted; it takes no change.", "id")
    return attachment
