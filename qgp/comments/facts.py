"""Statements about comments for other modules."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.comments.model import Comment, CommentMention


def mentions_unfiltered(ids: Collection[UUID]) -> sa.Select[Any]:
    """Select id and mentioned user of those mentions whose comment is not deleted."""
    columns: tuple[Any, ...] = (CommentMention.id, CommentMention.user_id)
    rows = sa.select(*columns).join(Comment, Comment.id == CommentMention.comment_id)
    return rows.where(CommentMention.id.in_(ids), Comment.deleted_at.is_(None))
