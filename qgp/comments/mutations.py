"""Saying, saying better, taking back."""

import strawberry

from qgp.comments import policy, service
from qgp.comments.enums import CommentVisibility
from qgp.comments.loaders import comment_by_id
from qgp.comments.model import Comment
from qgp.kit.gql import PROSE, command, given, key_field, version_field


@strawberry.input(description="Something to say about a record.")
class CommentCreateInput:
    """Something to say."""

    subject_id: strawberry.ID = given(
        "The record it is about: anything that has `comments`.", about=Comment
    )
    body: str = given("What to say, in Markdown; 1 to 10000 characters.", most=PROSE)
    visibility: CommentVisibility | None = given(
        "Who may read it; left out: as what it answers, else INTERNAL, and EXTERNAL for people "
        "from outside, who write nothing else.",
        default=None,
    )
    parent_id: strawberry.ID | None = given(
        "The comment to answer, about the same record and no answer itself.",
        id_of="cmt",
        default=None,
    )
    mention_ids: list[strawberry.ID] | None = given(
        "Users to call, each once; at most 50.", id_of="usr", default=None
    )
    idempotency_key: str | None = key_field()


@strawberry.input(description="Better words for your own comment; what you leave out stays.")
class CommentUpdateInput:
    """Better words."""

    id: strawberry.ID = given("A comment of your own.", id_of="cmt")
    expected_version: int = version_field()
    body: strawberry.Maybe[str] = given(
        "What to say, in Markdown; 1 to 10000 characters.", most=PROSE
    )
    mention_ids: strawberry.Maybe[list[strawberry.ID]] = given(
        "Users to call instead of those before, each once; at most 50.", id_of="usr"
    )


@strawberry.input(description="A comment to take back.")
class CommentDeleteInput:
    """A comment to take back."""

    id: strawberry.ID = given("The comment.", id_of="cmt")
    expected_version: int = version_field()
    idempotency_key: str | None = key_field()


comment_create = command(
    service.create,
    takes=CommentCreateInput,
    may=policy.CREATE,
    returns=comment_by_id,
    description="Say something about a record that you see, or answer what was said.",
    creates=True,
)
comment_update = command(
    service.update,
    takes=CommentUpdateInput,
    may=policy.UPDATE,
    returns=comment_by_id,
    description="Change what you said; `editedAt` tells that you did. The former words are removed "
    "from the history, too.",
)
comment_delete = command(
    service.delete,
    takes=CommentDeleteInput,
    may=policy.DELETE,
    returns=comment_by_id,
    description="Take a comment back, your own or, with the right to, another's: its words and "
    "mentions go, from the history, too; it keeps its place.",
)
