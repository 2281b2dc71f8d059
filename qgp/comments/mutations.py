"""Saying, saying better, taking back."""

import strawberry

from qgp.comments import model, policy, service
from qgp.comments.loaders import comment_by_id
from qgp.comments.model import CommentVisibility
from qgp.comments.types import Comment
from qgp.kit.gql import PROSE, command, create, input_field, update


class CommentCreateFields:
    """Fields of a new record beside those of its type."""

    subject_id: strawberry.ID = input_field(
        "The record it is about: anything that has `comments`.", about=model.Comment
    )
    body: str = input_field("What to say, in Markdown; 1 to 10,000 characters.", most=PROSE)
    visibility: CommentVisibility | None = input_field(
        "Who may read it; if left out, as what it answers, else INTERNAL, and EXTERNAL for people "
        "from outside, who write nothing else.",
        default=None,
    )
    mention_ids: list[strawberry.ID] | None = input_field(
        "Users to call, each once; at most 50.", id_of="usr", default=None
    )


class CommentUpdateFields:
    """Fields of a change beside those of the type."""

    body: strawberry.Maybe[str] = input_field(
        "What to say, in Markdown; 1 to 10,000 characters.", most=PROSE
    )
    mention_ids: strawberry.Maybe[list[strawberry.ID]] = input_field(
        "Users to call instead of those before, each once; at most 50.", id_of="usr"
    )


comment_create = create(
    Comment,
    policy.CREATE,
    service.create,
    description="Say something about a record that you see, or answer what was said.",
    more=CommentCreateFields,
)
comment_update = update(
    Comment,
    policy.UPDATE,
    service.update,
    description="Change what you said; `editedAt` tells that you did. The former words are removed "
    "from the history, too.",
    more=CommentUpdateFields,
)
comment_delete = command(
    service.delete,
    permission=policy.DELETE,
    result=comment_by_id,
    description="Take a comment back, your own or, with the right to, another's: its words and "
    "mentions go, from the history, too; it keeps its place.",
)
