"""The users whom comments mention."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.comments.model import Comment, CommentMention, CommentVisibility
from qgp.comments.policy import OUTSIDERS, READ_MENTIONS
from qgp.kit.errors import Invalid, NotFound, TooLong, max_items
from qgp.kit.loader import Among, linked
from qgp.kit.policy import Principal
from qgp.kit.work import Work
from qgp.users.model import User
from qgp.users.policy import READ as READ_USERS

MOST_MENTIONS = 50


def _in_order(caller: Principal, among: Among) -> sa.FromClause:
    """Lead from each comment to those it mentions, the first one first."""
    key, place = CommentMention.comment_id, CommentMention.id.label("place")
    links = sa.select(key.label("key"), CommentMention.user_id.label("id"), place)
    return links.where(among(key), *READ_MENTIONS.visible(caller)).subquery()


users_of_comment = linked(User, READ_USERS, _in_order)


async def fit(work: Work, visibility: CommentVisibility, user_ids: Sequence[UUID]) -> None:
    """Check whom a comment is to mention.

    Raises:
        Invalid: somebody twice, more than 50, or people from outside in an internal comment.
        NotFound: no such user is visible to the caller.
    """
    if len(user_ids) > MOST_MENTIONS:
        raise TooLong(
            f"A comment mentions at most {MOST_MENTIONS} users.",
            "mentionIds",
            constraint=max_items(MOST_MENTIONS),
        )
    if len(set(user_ids)) < len(user_ids):
        raise Invalid("Mention each user once.", "mentionIds")
    asked: Any = sa.select(User.id, User.role).where(User.id.in_(user_ids))
    found = dict(await work.tuples(asked.where(*READ_USERS.visible(work.caller))))
    if set(user_ids) - found.keys():
        raise NotFound("No User with this id is visible to you.", "mentionIds")
    if visibility is CommentVisibility.INTERNAL and OUTSIDERS & set(found.values()):
        told = "People from outside do not see internal comments. Mention others."
        raise Invalid(told, "mentionIds")


async def rewrite(work: Work, comment: Comment, user_ids: Sequence[UUID]) -> bool:
    """Let a comment mention these and no others; say whether anything differs."""
    here = await work.rows(
        sa.select(CommentMention).where(CommentMention.comment_id == comment.id).with_for_update()
    )
    gone = [row for row in here if row.user_id not in user_ids]
    known = {row.user_id for row in here}
    new = [CommentMention(comment_id=comment.id, user_id=id) for id in user_ids if id not in known]
    for row in gone:
        await work.remove(row)
    if new:
        await work.add(*new)
    return bool(gone or new)
