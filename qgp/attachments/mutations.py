"""Mutations of attachments."""

import strawberry

from qgp.attachments import model, policy
from qgp.attachments.commands import attachments
from qgp.attachments.loaders import attachment_by_id
from qgp.attachments.types import Attachment, FileUpload, upload_of
from qgp.kit.gql import (
    REASON,
    Offer,
    command,
    command_input,
    input_field,
    input_type,
    key_field,
    update,
)


@input_type
class FileUploadCreateInput:
    """File that is about to be uploaded."""

    subject_id: strawberry.ID = input_field(
        "Record to attach the file to: one with `attachments`.", about=model.Attachment
    )
    filename: str = input_field(
        "Name of the file, 1 to 200 characters, without folders. A name whose extension is of a "
        "type that is never accepted (.html, .svg, .doc, .zip, .exe …) is refused with the remedy. "
        "Text is in UTF-8.",
        shape=(r"(?!\.{1,2}$)[^/\\\x00-\x1f]+", "a file's name without folders, e.g. report.pdf"),
    )
    size_bytes: int = input_field(
        "Exact size in bytes, from 1 up to the server's maximum, by default 26214400."
    )
    sha256: str = input_field(
        "SHA-256 of the file, 64 hexadecimal digits in any case.",
        shape=(r"[0-9a-fA-F]{64}", "64 hexadecimal digits"),
    )
    caption: str | None = input_field("Caption, 1 to 2000 characters.", most=2000, default=None)
    idempotency_key: str | None = key_field()


file_upload_create = command(
    attachments.create_upload,
    input=FileUploadCreateInput,
    permission=policy.CREATE,
    result=attachment_by_id,
    description="Creates a PENDING attachment of a record that is visible to you. It is STORED "
    "once its bytes are sent as `upload` describes. Accepted are PDF, images (PNG, JPEG, WebP, "
    "GIF, HEIC), videos (MP4, MOV, 3GP), text in UTF-8 (plain, CSV, TSV, Markdown, JSON, "
    "YAML, XML, iCalendar, vCard), messages (.eml), ODF and Office Open XML without "
    "macros.",
    creates=True,
    offers={"upload": Offer("Upload request to send; null once STORED.", upload_of, FileUpload)},
)
attachment_update = update(
    Attachment,
    policy.AMEND,
    attachments.update,
    description="Changes the caption of an attachment that is not DELETED. The caller must be its "
    "creator or have a quality role.",
)
attachment_delete = command(
    attachments.delete,
    input=command_input(REASON),
    permission=policy.AMEND,
    result=attachment_by_id,
    description="Deletes an attachment: its bytes are removed, its record stays with the reason. "
    "The caller must be its creator or have a quality role. Refused while evidence "
    "that is not withdrawn consists of it.",
)
