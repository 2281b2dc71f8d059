"""Comments as clients see them."""

from datetime import datetime

from qgp.comments import model, policy
from qgp.comments.enums import CommentVisibility
from qgp.comments.filters import CommentFilter, CommentOrder
from qgp.comments.loaders import comment_by_id
from qgp.comments.mentions import users_of_comment
from qgp.comments.refs import CommentRef
from qgp.kit.gql import (
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
from qgp.users.authorship import Authored
from qgp.users.loaders import user_by_id
from qgp.users.refs import UserRef


@record(model.Comment, "What somebody said about a record; `createdBy` said it.")
class Comment(Authored, Recorded, Node):
    """What somebody said about a record."""

    body: str | None = column("What it says, in Markdown; null once it is deleted.")
    visibility: CommentVisibility = column("Who may read it.")
    edited_at: datetime | None = column("When its author last changed it.")
    deleted_at: datetime | None = column("When it was deleted; its answers keep their place.")
    subject: Node | None = subject_field("The record that it is about.")
    parent: CommentRef | None = belongs_to(
        comment_by_id, "parent_id", "The comment that it answers; null where it begins a thread."
    )
    answers: Connection[CommentRef] = listing(
        model.Comment,
        policy.READ,
        CommentFilter,
        CommentOrder,
        ("created_at",),
        "What was answered, oldest first; answers have none themselves.",
        parent=model.Comment.parent_id,
    )
    mentions: list[UserRef] = has_many(users_of_comment, "Whom it calls, as far as you see them.")
    viewer_can_update: bool = viewer_can_on(
        model.Comment, policy.UPDATE, policy.is_own, "change the comment: you wrote it"
    )
    viewer_can_delete: bool = viewer_can_on(
        model.Comment,
        policy.DELETE,
        policy.is_deletable,
        "delete the comment: you wrote it, or look after quality",
    )


@record(model.CommentMention, "A user whom a comment calls.")
class CommentMention(Authored, Recorded, Node):
    """A user whom a comment calls."""

    comment: CommentRef | None = belongs_to(comment_by_id, "comment_id", "The comment.")
    user: UserRef | None = belongs_to(user_by_id, "user_id", "Whom it calls.")
