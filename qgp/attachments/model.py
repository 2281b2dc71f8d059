"""Files of records; the bytes are kept elsewhere, named by organization and SHA-256."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from qgp.kit.described_enum import DescribedEnum
from qgp.kit.errors import InvalidFormat, matching
from qgp.kit.model import Record, check, ref
from qgp.kit.subjects import About, subject_index
from qgp.kit.text_keys import searchable, sortable


class AttachmentStatus(DescribedEnum):
    """What has become of a file."""

    PENDING = "PENDING", "Its bytes have not come yet."
    STORED = "STORED", "Its bytes are here, checked, and can be fetched."
    DELETED = "DELETED", "Its bytes are gone, unless another attachment has the same."


class Attachment(About, Record):
    """A file that belongs to a record."""

    __tablename__ = "attachments"
    prefix = "att"

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
        sa.Index("ix_attachments_made", "organization_id", "created_at", "id"),
        sa.Index("ix_attachments_named", "organization_id", "sha256"),
        sa.Index("ix_attachments_standing", "organization_id", "status", "created_at", "id"),
        check("size_bytes", "size_bytes > 0"),
        check(
            "sha256",
            "sha256 ~ '^[0-9a-f]{64}$'",
            InvalidFormat(
                "A SHA-256 is 64 lower-case hexadecimal digits.",
                "sha256",
                constraint=matching("[0-9a-f]{64}"),
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
