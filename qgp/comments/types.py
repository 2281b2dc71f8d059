"""GraphQL types of comments and mentions."""

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
    """Comment on a record, by its author `createdBy`."""

    body: str | None = column("Text in Markdown; null if deleted.", FILTER)
    visibility: CommentVisibility = column(
        "Visibility.",
        FILTER,
    )
    edited_at: datetime | None = column(
        "Instant of the latest change by the author; null if unchanged.", LISTED
    )
    deleted_at: datetime | None = column(
        "Instant of deletion, which its replies outlast; null unless deleted.", FILTER
    )
    subject: Node | None = subject_field("Record that the comment is on.")
    parent: CommentRef | None = belongs_to(
        comment_by_id,
        "Comment that it replies to; null for the first comment of a thread.",
        CREATE | FILTER,
        note="A comment on the same record that is no reply itself.",
    )
    answers: Connection[CommentRef] = listing(
        comments,
        "Replies, oldest first; a reply has none itself.",
        parent=model.Comment.parent_id,
    )
    mentions: list[UserRef] = has_many(
        users_of_comment,
        "Mentioned users, as far as visible to you.",
        FILTER,
    )
    viewer_can_update: bool = viewer_can_on(
        policy.UPDATE, policy.is_editable, "change the comment: you are its author"
    )
    viewer_can_delete: bool = viewer_can_on(
        policy.DELETE,
        policy.is_deletable,
        "delete the comment: you are its author or in quality",
    )


@record(model.CommentMention, named=("user.name",))
class CommentMention(Authored, Recorded, Node):
    """Mention of a user in a comment."""

    comment: CommentRef | None = belongs_to(comment_by_id, "The comment.", FILTER)
    user: UserRef | None = belongs_to(user_by_id, "Mentioned user.", FILTER)
