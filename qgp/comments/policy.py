"""Rights over comments: who sees the subject reads and writes, people from outside in the open."""

from typing import Any

import sqlalchemy as sa

from qgp.comments.model import Comment, CommentMention, CommentVisibility
from qgp.kit.policy import EVERYONE, QUALITY, Permission, Principal, Role
from qgp.kit.subjects import concerning

OUTSIDERS = frozenset({Role.EXTERNAL_AUDITOR, Role.SUPPLIER_CONTACT})


def _readable(caller: Principal) -> sa.ColumnElement[bool]:
    about = concerning(Comment, caller)
    if caller.role not in OUTSIDERS:
        return about
    return sa.and_(Comment.visibility == CommentVisibility.EXTERNAL, about)


def _of_readable(caller: Principal) -> sa.ColumnElement[bool]:
    seen = sa.select(Comment.id).where(_readable(caller)).correlate(None)
    return CommentMention.comment_id.in_(seen)


def is_own(comment: Any, caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that the caller may still change what they said."""
    return sa.and_(comment.created_by_id == caller.user_id, comment.deleted_at.is_(None))


def is_deletable(comment: Any, caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that the caller may take a comment back: their own, or any."""
    if caller.role in QUALITY:
        return comment.deleted_at.is_(None)  # type: ignore[no-any-return]  # an untyped row
    return is_own(comment, caller)


READ = Permission("comment:read", EVERYONE, rows=dict.fromkeys(EVERYONE, _readable))
READ_MENTIONS = Permission(
    "commentMention:read", EVERYONE, rows=dict.fromkeys(EVERYONE, _of_readable)
)
CREATE = Permission("comment:create", EVERYONE)
UPDATE = Permission("comment:update", EVERYONE)
DELETE = Permission("comment:delete", EVERYONE)
