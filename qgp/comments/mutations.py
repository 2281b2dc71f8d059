"""Mutations of comments."""

import strawberry

from qgp.comments import model, policy, service
from qgp.comments.loaders import comment_by_id
from qgp.comments.model import CommentVisibility
from qgp.comments.types import Comment
from qgp.kit.gql import PROSE, command, create, input_field, update


class CommentCreateFields:
    """Input fields of a new comment beside those of its type."""

    subject_id: strawberry.ID = input_field(
        "Subject of the comment: a record with `comments`.", about=model.Comment
    )
    body: str = input_field("Text in Markdown, 1 to 10,000 characters.", most=PROSE)
    visibility: CommentVisibility | None = input_field(
        "Visibility. If left out: that of the parent, or INTERNAL without a parent. External "
        "auditors and supplier contacts write EXTERNAL only, which is their default.",
        default=None,
    )
    mention_ids: list[strawberry.ID] | None = input_field(
        "Users to mention, each once; at most 50.", id_of="usr", default=None
    )


class CommentUpdateFields:
    """Input fields of a changed comment beside those of its type."""

    body: strawberry.Maybe[str] = input_field(
        "Text in Markdown, 1 to 10,000 characters.", most=PROSE
    )
    mention_ids: strawberry.Maybe[list[strawberry.ID]] = input_field(
        "Users to mention in place of the previous ones, each once; at most 50.", id_of="usr"
    )


comment_create = create(
    Comment,
    policy.CREATE,
    service.create,
    description="Adds a comment to a record that is visible to you, or a reply to a comment.",
    more=CommentCreateFields,
)
comment_update = update(
    Comment,
    policy.UPDATE,
    service.update,
    description="Changes a comment. For its author. Sets `editedAt`, and redacts the previous text "
    "in the audit trail.",
    more=CommentUpdateFields,
)
comment_delete = command(
    service.delete,
    permission=policy.DELETE,
    result=comment_by_id,
    description="Deletes a comment. For its author and for quality. Redacts its text, in the audit "
    "trail too, and removes its mentions; its replies stay.",
)
