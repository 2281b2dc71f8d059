"""Attachments as clients see them, and how to send and fetch their bytes."""

from datetime import datetime
from typing import Any

from qgp.attachments import model, policy
from qgp.attachments.model import AttachmentStatus
from qgp.authentication import file_addresses
from qgp.kit.context import Context
from qgp.kit.gql import (
    FILTER,
    LISTED,
    UPDATE,
    Info,
    Node,
    Recorded,
    belongs_to,
    column,
    computed,
    object_type,
    plain_list,
    record,
    subject_field,
    viewer_can_on,
)
from qgp.users.loaders import user_by_id
from qgp.users.refs import UserRef
from qgp.users.types import Authored

_KIND = "application/octet-stream"


def _url(root: Any, info: Info) -> str | None:
    if root.status is not AttachmentStatus.STORED:
        return None
    until = file_addresses.download_until()
    return file_addresses.address(info.context, file_addresses.DOWNLOAD, root, until)


@record(model.Attachment)
class Attachment(Authored, Recorded, Node):
    """A file that belongs to a record; who sees the record sees it."""

    subject: Node | None = subject_field("The record it belongs to.")
    filename: str = column("What it was called where it came from.", LISTED)
    caption: str | None = column("What it shows or says.", UPDATE | FILTER, max_length=2000)
    size_bytes: int = column("How many bytes it has.", LISTED)
    sha256: str = column("SHA-256 of its bytes, 64 lower-case hexadecimal digits.", FILTER)
    status: AttachmentStatus = column("What has become of it.", LISTED)
    content_type: str | None = column(
        "What its bytes are, as they themselves tell, e.g. `application/pdf`; null until they "
        "come.",
        LISTED,
    )
    stored_at: datetime | None = column("When its bytes came; null before.", LISTED)
    deleted_at: datetime | None = column("When it was deleted; null unless it is.", LISTED)
    delete_reason: str | None = column("Why it was deleted; null unless it is.")
    deleted_by: UserRef | None = belongs_to(
        user_by_id, "Who deleted it; null unless it is.", FILTER
    )
    url: str | None = computed(
        _url,
        "Where to GET its bytes, an absolute address, without further headers, for the next 10 to "
        "15 minutes or until you sign out. It answers `Range`, `If-None-Match` and HEAD. Null "
        "unless the status is STORED.",
    )
    viewer_can_update: bool = viewer_can_on(
        policy.AMEND, policy.is_amendable, "change its caption: you added it, or look after quality"
    )
    viewer_can_delete: bool = viewer_can_on(
        policy.AMEND,
        policy.is_amendable,
        "delete it, unless it is evidence that counts: you added it, or look after quality",
    )


@object_type
class UploadHeader:
    """A header to send along."""

    name: str = column("Its name.")
    value: str = column("Its value.")


@object_type
class FileUpload:
    """How to send the bytes.

    200 says that the file is STORED, and sending the same bytes again changes nothing. 403: the
    address does not hold any more. 409: other bytes are stored. 413: longer than promised. 415: no
    such type is taken. 422: shorter, or another SHA-256. Nothing is kept of what is refused.
    """

    url: str = column("Where to send them, an absolute address, without your access token.")
    method: str = column("The HTTP method: PUT.")
    headers: list[UploadHeader] = plain_list("What to send along.", 10)
    expires_at: datetime = column("Begin before then, or ask anew.")


def upload_of(context: Context, attachment: model.Attachment) -> FileUpload | None:
    """Return how whoever promised the bytes may send them, as long as they have not come."""
    is_own = attachment.created_by_id == context.caller.user_id
    if attachment.status is not AttachmentStatus.PENDING or not is_own:
        return None
    until = file_addresses.upload_until()
    return FileUpload(
        url=file_addresses.address(context, file_addresses.UPLOAD, attachment, until),
        method="PUT",
        headers=[UploadHeader(name="Content-Type", value=_KIND)],
        expires_at=until,
    )
