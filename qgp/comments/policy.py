"""Permissions on comments: users who see the subject; external roles EXTERNAL comments only."""

from typing import Any

import sqlalchemy as sa

from qgp.comments.model import Comment, CommentMention, CommentVisibility
from qgp.kit.policy import EVERYONE, QUALITY, Permission, Principal, Role
from qgp.kit.scopes import below
from qgp.kit.subjects import concerning

OUTSIDERS = frozenset({Role.EXTERNAL_AUDITOR, Role.SUPPLIER_CONTACT})


def _readable(caller: Principal) -> sa.ColumnElement[bool]:
    about = concerning(Comment, caller)
    if caller.role not in OUTSIDERS:
        return about
    return sa.and_(Comment.visibility == CommentVisibility.EXTERNAL, about)


def is_editable(comment: Any, caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that the caller is the author of a comment that is not deleted."""
    return sa.and_(comment.created_by_id == caller.user_id, comment.deleted_at.is_(None))


def is_deletable(comment: Any, caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that the caller may delete a comment: the author, or quality."""
    if caller.role in QUALITY:
        return comment.deleted_at.is_(None)  # type: ignore[no-any-return]  # an untyped row
    return is_editable(comment, caller)


READ = Permission("comment:read", EVERYONE, rows=dict.fromkeys(EVERYONE, _readable))
READ_MENTIONS = Permission(
    "commentMention:read", EVERYONE, rows=below(CommentMention.comment_id, Comment, READ)
)
CREATE = Permission("comment:create", EVERYONE)
UPDATE = Permission("comment:update", EVERYONE)
DELETE = Permission("comment:delete", EVERYONE)
