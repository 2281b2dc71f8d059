"""Attachments: files of records, whose bytes the storage keeps by organization and SHA-256."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped

from qgp.kit.described_enum import DescribedEnum
from qgp.kit.errors import InvalidFormat, written_as
from qgp.kit.indexes import Serves, index
from qgp.kit.model import Record, check, ref
from qgp.kit.subjects import About, subject_index
from qgp.kit.text_keys import searchable, sortable


class AttachmentStatus(DescribedEnum):
    """Status of an attachment."""

    PENDING = "PENDING", "Awaiting the upload of its bytes."
    STORED = "STORED", "Uploaded, verified and available for download."
    DELETED = "DELETED", "Deleted; its bytes are removed unless another attachment has the same."


class Attachment(About, Record):
    """File that is attached to a record."""

    __tablename__ = "attachments"
    prefix = "att"
    removable = True

    filename: Mapped[str] = sortable()
    caption: Mapped[str | None] = searchable()
    size_bytes: Mapped[int]
    sha256: Mapped[str]
    status: Mapped[AttachmentStatus]
    content_type: Mapped[str | None]
    stored_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    delete_reason: Mapped[str | None]
    deleted_by_id: Mapped[UUID | None] = ref("users")

    __table_args__: Any = (
        subject_index("attachments", "created_at", "id"),
        index("ix_attachments_made", "created_at", "id", serves=Serves.ORDER),
        index(
            "ix_attachments_named", "sha256", serves=("files with the same bytes", Serves.FILTER)
        ),
        index("ix_attachments_standing", "status", "created_at", "id", serves=Serves.FILTER),
        check("size_bytes", "size_bytes > 0"),
        check(
            "sha256",
            "sha256 ~ '^[0-9a-f]{64}$'",
            InvalidFormat(
                "The SHA-256 is not 64 lower-case hexadecimal digits. Compute it anew.",
                "sha256",
                constraint=written_as(pattern="[0-9a-f]{64}"),
            ),
        ),
        check("stored", "(stored_at IS NULL) = (content_type IS NULL)"),
        check(
            "here",
            "CASE status WHEN 'PENDING' THEN stored_at IS NULL "
            "WHEN 'STORED' THEN stored_at IS NOT NULL ELSE true END",
        ),
        check("deleted", "(status = 'DELETED') = (deleted_at IS NOT NULL)"),
        check("explained", "(deleted_at IS NULL) = (delete_reason IS NULL)"),
    )
