"""GraphQL types of attachments and their uploads."""

from datetime import datetime
from typing import Any

from qgp.attachments import model, policy
from qgp.attachments.model import AttachmentStatus
from qgp.authentication import file_addresses
from qgp.files.media_types import BY_NAME
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

_UPLOAD_CONTENT_TYPE = "application/octet-stream"


def _url(root: Any, info: Info) -> str | None:
    if root.status is not AttachmentStatus.STORED:
        return None
    until = file_addresses.download_until()
    return file_addresses.address(info.context, file_addresses.DOWNLOAD, root, until)


def _inline_url(root: Any, info: Info) -> str | None:
    media = BY_NAME.get(root.content_type)
    if media is None or not media.is_inline or (url := _url(root, info)) is None:
        return None
    return file_addresses.shown_in_place(url)


@record(model.Attachment)
class Attachment(Authored, Recorded, Node):
    """File that is attached to a record and visible to all who see the record."""

    subject: Node | None = subject_field("Record that the file is attached to.")
    filename: str = column("Name of the file, without folders.", LISTED)
    caption: str | None = column("Caption; null if none.", UPDATE | FILTER, max_length=2000)
    size_bytes: int = column("Size in bytes.", LISTED)
    sha256: str = column("SHA-256 of the bytes, 64 lower-case hexadecimal digits.", FILTER)
    status: AttachmentStatus = column("Status of the attachment.", LISTED)
    content_type: str | None = column(
        "Media type, detected from the bytes, such as `application/pdf` (RFC 6838), between kinds "
        "of text and brands of videos by the extension of the name; null while PENDING.",
        LISTED,
    )
    stored_at: datetime | None = column(
        "Instant of the upload; null if it did not take place.", LISTED
    )
    deleted_at: datetime | None = column("Instant of deletion; null unless DELETED.", LISTED)
    delete_reason: str | None = column("Reason for the deletion; null unless DELETED.")
    deleted_by: UserRef | None = belongs_to(
        user_by_id, "User who deleted it; null unless DELETED.", FILTER
    )
    url: str | None = computed(
        _url,
        "Absolute URL to download the file with GET, without further headers; valid for the next "
        "10 to 15 minutes, at most until you sign out. Supports `Range`, `If-None-Match` and HEAD "
        "(RFC 9110). Null unless STORED.",
    )
    inline_url: str | None = computed(
        _inline_url,
        "Absolute URL as `url`, by which a browser shows the file in place instead of saving it "
        "(`Content-Disposition: inline`). Null unless STORED and a PDF or an image.",
    )
    viewer_can_update: bool = viewer_can_on(
        policy.AMEND, policy.is_amendable, "change its caption: you created it or are in quality"
    )
    viewer_can_delete: bool = viewer_can_on(
        policy.AMEND,
        policy.is_amendable,
        "delete it, unless evidence consists of it: you created it or are in quality",
    )


@object_type
class UploadHeader:
    """HTTP header field of an upload request."""

    name: str = column("Field name.")
    value: str = column("Field value.")


@object_type
class FileUpload:
    """HTTP request that uploads the bytes of a PENDING attachment.

    Responses: 200, the attachment is STORED, and a repetition changes nothing; 403, the URL has
    expired; 409, other bytes are stored; 413, more bytes than declared; 415, unsupported media
    type, with the reason; 422, fewer bytes than declared or another SHA-256. Refused bytes are
    discarded.
    """

    url: str = column("Absolute URL of the request, to be sent without your access token.")
    method: str = column("HTTP method: PUT.")
    headers: list[UploadHeader] = plain_list("Header fields of the request.", 10)
    expires_at: datetime = column(
        "Instant before which the upload starts; request another afterwards."
    )


def upload_of(context: Context, attachment: model.Attachment) -> FileUpload | None:
    """Return the upload request of a PENDING attachment for its creator; None for others."""
    is_creator = attachment.created_by_id == context.caller.user_id
    if attachment.status is not AttachmentStatus.PENDING or not is_creator:
        return None
    until = file_addresses.upload_until()
    return FileUpload(
        url=file_addresses.address(context, file_addresses.UPLOAD, attachment, until),
        method="PUT",
        headers=[UploadHeader(name="Content-Type", value=_UPLOAD_CONTENT_TYPE)],
        expires_at=until,
    )
