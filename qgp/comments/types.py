"""Comments as clients see them."""

from datetime import datetime

from qgp.comments import model, policy
from qgp.comments.loaders import comment_by_id, comments
from qgp.comments.model import CommentVisibility
from qgp.comments.refs import CommentRef
from qgp.kit.gql import (
    CREATE,
    FILTER,
    LISTED,
    Connection,
    Node,
    Recorded,
    belongs_to,
    column,
    has_many,
    listing,
    record,
    subject_field,
    viewer_can_on,
)
from qgp.kit.loader import linked_by
from qgp.users.loaders import user_by_id
from qgp.users.refs import UserRef
from qgp.users.types import Authored

users_of_comment = linked_by(
    model.CommentMention.user_id,
    user_by_id,
    by=model.CommentMention.comment_id,
    read=policy.READ_MENTIONS,
    order=("id",),
)


@record(model.Comment)
class Comment(Authored, Recorded, Node):
    """What somebody said about a record; `createdBy` said it."""

    body: str | None = column("What it says, in Markdown; null once it is deleted.", FILTER)
    visibility: CommentVisibility = column(
        "Who may read it.",
        FILTER,
    )
    edited_at: datetime | None = column("When its author last changed it.", LISTED)
    deleted_at: datetime | None = column(
        "When it was deleted; its answers keep their place.", FILTER
    )
    subject: Node | None = subject_field("The record that it is about.")
    parent: CommentRef | None = belongs_to(
        comment_by_id,
        "The comment that it answers; null where it begins a thread.",
        CREATE | FILTER,
        note="About the same record, and no answer itself.",
    )
    answers: Connection[CommentRef] = listing(
        comments,
        "What was answered, oldest first; answers have none themselves.",
        parent=model.Comment.parent_id,
    )
    mentions: list[UserRef] = has_many(
        users_of_comment,
        "Whom it calls, as far as you see them.",
        FILTER,
    )
    viewer_can_update: bool = viewer_can_on(
        policy.UPDATE, policy.is_own, "change the comment: you wrote it"
    )
    viewer_can_delete: bool = viewer_can_on(
        policy.DELETE,
        policy.is_deletable,
        "delete the comment: you wrote it, or look after quality",
    )


@record(model.CommentMention)
class CommentMention(Authored, Recorded, Node):
    """A user whom a comment calls."""

    comment: CommentRef | None = belongs_to(comment_by_id, "The comment.", FILTER)
    user: UserRef | None = belongs_to(user_by_id, "Whom it calls.", FILTER)
