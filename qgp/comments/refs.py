"""Names of this module's GraphQL types, safe to import from anywhere."""

from typing import TYPE_CHECKING, Annotated

import strawberry

if TYPE_CHECKING:
    from qgp.comments.types import Comment

CommentRef = Annotated["Comment", strawberry.lazy("qgp.comments.types")]
