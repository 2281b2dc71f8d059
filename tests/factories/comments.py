"""Comments and their mentions."""

from typing import Any
from uuid import UUID

from qgp.comments.model import Comment, CommentMention, CommentVisibility
from qgp.kit import clock
from qgp.kit.model import Record


def comment(about: Record, *, is_deleted: bool = False, **facts: Any) -> Comment:
    """Make an internal comment on a record."""
    columns = {"body": "See the photo.", "visibility": CommentVisibility.INTERNAL, **facts}
    if is_deleted:
        columns |= {"body": None, "deleted_at": clock.now()}
    return Comment(subject_type=about.prefix, subject_id=about.id, **columns)


def comment_mention(comment_id: UUID, user_id: UUID) -> CommentMention:
    """Mention a user in a comment."""
    return CommentMention(comment_id=comment_id, user_id=user_id)
