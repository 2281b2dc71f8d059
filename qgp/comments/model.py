"""Comments and the people they mention."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from qgp.kit.described_enum import DescribedEnum
from qgp.kit.errors import AlreadyExists
from qgp.kit.model import Record, check, ref, unique
from qgp.kit.redaction import REDACTABLE
from qgp.kit.subjects import About, subject_index
from qgp.kit.text_keys import searchable


class CommentVisibility(DescribedEnum):
    """Who may read a comment, of those who see its subject."""

    INTERNAL = "INTERNAL", "Everybody but external auditors and supplier contacts."
    EXTERNAL = "EXTERNAL", "Everybody, people from outside included."


class Comment(About, Record):
    """What somebody said about a record.

    Attributes:
        body: Markdown; null once it is deleted, when the row keeps the place of its answers.
        parent_id: the comment it answers, which answers none itself.
    """

    __tablename__ = "comments"
    prefix = "cmt"

    body: Mapped[str | None] = searchable(REDACTABLE)
    visibility: Mapped[CommentVisibility]
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    parent_id: Mapped[UUID | None] = ref("comments", index=False)

    __table_args__: Any = (
        subject_index("comments", "created_at", "id"),
        sa.Index("ix_comments_of_parent", "organization_id", "parent_id", "created_at", "id"),
        sa.Index("ix_comments_of_author", "organization_id", "created_by_id", "created_at", "id"),
        check("said", "(body IS NULL) = (deleted_at IS NOT NULL)"),
    )


class CommentMention(Record):
    """A user whom a comment calls."""

    __tablename__ = "comment_mentions"
    prefix = "cmm"

    comment_id: Mapped[UUID] = ref("comments", index=False)
    user_id: Mapped[UUID] = ref("users")

    __table_args__: Any = (
        unique(
            "comment_id",
            "user_id",
            name="uq_comment_mentions_ends",
            error=AlreadyExists("The comment mentions this user already.", "mentionIds"),
        ),
    )
