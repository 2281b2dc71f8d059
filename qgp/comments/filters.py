"""How lists of comments are filtered and ordered, here and below what they are about."""

from qgp.comments import model
from qgp.comments.enums import CommentVisibility
from qgp.comments.policy import READ, READ_MENTIONS
from qgp.kit.gql import (
    DateTimeFilter,
    EnumFilter,
    IDFilter,
    StringFilter,
    filters,
    ordering,
    related,
    some,
    where,
)
from qgp.users import policy as users
from qgp.users.types import UserFilter


@filters(model.CommentMention)
class CommentMentionFilter:
    """Conditions on a mention."""

    comment_id: IDFilter | None = where("The comment.")
    comment: "CommentFilter | None" = related("comment_id", READ, "The comment.")
    user_id: IDFilter | None = where("Whom it calls.")
    user: UserFilter | None = related("user_id", users.READ, "Whom it calls.")


@filters(model.Comment)
class CommentFilter:
    """Conditions on a comment."""

    id: IDFilter | None = where("The comment.")
    subject_id: IDFilter | None = where("The record that it is about.")
    body: StringFilter | None = where("What it says.")
    visibility: EnumFilter[CommentVisibility] | None = where("Who may read it.")
    parent_id: IDFilter | None = where(
        "The comment that it answers; `isNull: true` leaves what begins a thread."
    )
    created_by_id: IDFilter | None = where("Who said it.")
    created_by: UserFilter | None = related("created_by_id", users.READ, "Who said it.")
    edited_at: DateTimeFilter | None = where("When it was changed.")
    deleted_at: DateTimeFilter | None = where(
        "When it was deleted; `isNull: true` leaves the rest."
    )
    mentions: CommentMentionFilter | None = some(
        "comment_id", READ_MENTIONS, "At least one of its mentions fits."
    )


CommentOrder = ordering("Comment", edited_at="edited_at")
CommentMentionOrder = ordering("CommentMention")
