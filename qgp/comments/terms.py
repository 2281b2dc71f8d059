"""The closed sets of comments."""

from qgp.kit.terms import Term


class CommentVisibility(Term):
    """Who may read a comment, of those who see its subject."""

    INTERNAL = "INTERNAL", "Everybody but external auditors and supplier contacts."
    EXTERNAL = "EXTERNAL", "Everybody, people from outside included."
