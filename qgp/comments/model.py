"""Comments and mentions of users."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped

from qgp.kit.described_enum import DescribedEnum
from qgp.kit.indexes import Serves, index, is_set
from qgp.kit.model import Record, check, ref, unique
from qgp.kit.subjects import About, subject_index
from qgp.kit.text_keys import searchable


class CommentVisibility(DescribedEnum):
    """Visibility of a comment, among the users who see its subject."""

    INTERNAL = "INTERNAL", "All roles except EXTERNAL_AUDITOR and SUPPLIER_CONTACT."
    EXTERNAL = "EXTERNAL", "All roles, EXTERNAL_AUDITOR and SUPPLIER_CONTACT included."


class Comment(About, Record):
    """Comment on a record.

    Attributes:
        body: Markdown; None once deleted, when the row stays as the parent of its replies.
        parent_id: the comment that it replies to, which is no reply itself.
    """

    __tablename__ = "comments"
    prefix = "cmt"

    body: Mapped[str | None] = searchable(is_redactable=True)
    visibility: Mapped[CommentVisibility]
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    parent_id: Mapped[UUID | None] = ref("comments")

    __table_args__: Any = (
        subject_index("comments", "created_at", "id"),
        index(
            "ix_comments_parent_id",
            *("parent_id", "created_at", "id"),
            serves=Serves.LIST,
            postgresql_where=is_set("parent_id"),
        ),
        index("ix_comments_of_author", "created_by_id", "created_at", "id", serves=Serves.FILTER),
        check("said", "(body IS NULL) = (deleted_at IS NOT NULL)"),
    )


class CommentMention(Record):
    """Mention of a user in a comment."""

    __tablename__ = "comment_mentions"
    prefix = "cmm"
    part_of = "comment_id"
    removable = True

    comment_id: Mapped[UUID] = ref("comments")
    user_id: Mapped[UUID] = ref("users", serves=Serves.FILTER)

    __table_args__: Any = (unique("comment_id", "user_id", name="uq_comment_mentions_ends"),)
