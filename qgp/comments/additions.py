"""Comments on a record, as a field of it."""

from qgp.comments.loaders import comments
from qgp.comments.model import Comment
from qgp.comments.refs import CommentRef
from qgp.kit.gql import Connection, Recorded, adds_to, interface_type, listing
from qgp.kit.subjects import subjects_of


@interface_type
class Commentable(Recorded):
    """A record that users can comment on (`commentCreate`)."""

    comments: Connection[CommentRef] = listing(
        comments,
        "Comments on the record, replies included, oldest first; "
        "`filter: {parentId: {isNull: true}}` selects the first comment of each thread.",
        parent=Comment.subject_id,
    )


@adds_to(*subjects_of(Comment))
class OfSubject(Commentable):
    """Comments on a subject."""
