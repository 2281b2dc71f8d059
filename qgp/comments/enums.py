"""The module's closed sets, published; GraphQL files take them from here."""

from qgp.comments.terms import CommentVisibility
from qgp.kit.gql import described

__all__ = ["CommentVisibility"]

described(CommentVisibility, "Who may read a comment, of those who see its subject.")
