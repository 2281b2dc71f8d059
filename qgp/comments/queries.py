"""Reading comments."""

import strawberry

from qgp.comments import model, policy
from qgp.comments.filters import (
    CommentFilter,
    CommentMentionFilter,
    CommentMentionOrder,
    CommentOrder,
)
from qgp.comments.loaders import comment_by_id, comment_mention_by_id
from qgp.comments.types import Comment, CommentMention
from qgp.kit.gql import Connection, find, listing


@strawberry.type
class Query:
    """Root reads."""

    comment: Comment | None = find("One comment.", id=comment_by_id)
    comments: Connection[Comment] | None = listing(
        model.Comment,
        policy.READ,
        CommentFilter,
        CommentOrder,
        ("created_at",),
        "What was said about whatever you see, oldest first.",
    )
    comment_mention: CommentMention | None = find("One mention.", id=comment_mention_by_id)
    comment_mentions: Connection[CommentMention] | None = listing(
        model.CommentMention,
        policy.READ_MENTIONS,
        CommentMentionFilter,
        CommentMentionOrder,
        ("created_at",),
        "Who was called in comments, oldest first; "
        "`filter: {userId: {eq: …}}` finds where somebody was.",
    )
