"""Adding, describing and deleting files."""

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
    """A file that is about to be sent."""

    subject_id: strawberry.ID = input_field(
        "The record it belongs to: of any kind that shows `attachments`.", about=model.Attachment
    )
    filename: str = input_field(
        "Its name, 1 to 200 characters, without folders.",
        shape=(r"(?!\.{1,2}$)[^/\\\x00-\x1f]+", "a file's name without folders, e.g. report.pdf"),
    )
    size_bytes: int = input_field(
        "How many bytes it has: 1 up to what the server takes, by default 26214400."
    )
    sha256: str = input_field(
        "SHA-256 of its bytes, 64 hexadecimal digits in any case.",
        shape=(r"[0-9a-fA-F]{64}", "64 hexadecimal digits"),
    )
    caption: str | None = input_field(
        "What it shows or says, 1 to 2000 characters.", most=2000, default=None
    )
    idempotency_key: str | None = key_field()


file_upload_create = command(
    attachments.promise,
    input=FileUploadCreateInput,
    permission=policy.CREATE,
    result=attachment_by_id,
    description="Add a file to a record: say what will come, then send the bytes as `upload` says.",
    creates=True,
    offers={
        "upload": Offer("How to send the bytes; null once they are here.", upload_of, FileUpload)
    },
)
attachment_update = update(
    Attachment,
    policy.AMEND,
    attachments.update,
    description="Say something else of a file that you added, or as who runs quality.",
)
attachment_delete = command(
    attachments.delete,
    input=command_input(REASON),
    permission=policy.AMEND,
    result=attachment_by_id,
    description="Delete a file that you added, or as who runs quality: its bytes go, and that it "
    "was there stays. Not while evidence that counts consists of it.",
)
