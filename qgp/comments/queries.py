"""Root fields that read comments and mentions."""

import strawberry

from qgp.comments import loaders
from qgp.comments.loaders import comment_by_id, comment_mention_by_id
from qgp.comments.types import Comment, CommentMention
from qgp.kit.gql import Connection, listing, lookup


@strawberry.type
class Query:
    """Root reads."""

    comment: Comment | None = lookup("One comment.", id=comment_by_id)
    comments: Connection[Comment] | None = listing(
        loaders.comments, "Comments on all records that are visible to you, oldest first."
    )
    comment_mention: CommentMention | None = lookup("One mention.", id=comment_mention_by_id)
    comment_mentions: Connection[CommentMention] | None = listing(
        loaders.comment_mentions,
        "Mentions of users in comments, oldest first; `filter: {userId: {eq: …}}` selects those of "
        "one user.",
    )
