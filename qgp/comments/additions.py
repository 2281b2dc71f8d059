"""Comments, shown by whatever they are about."""

from qgp.comments.loaders import comments
from qgp.comments.model import Comment
from qgp.comments.refs import CommentRef
from qgp.kit.gql import Connection, adds_to, listing
from qgp.kit.subjects import subjects_of


@adds_to(*subjects_of(Comment))
class OfSubject:
    """What a subject shows of comments."""

    comments: Connection[CommentRef] = listing(
        comments,
        "What was said about it, answers included, oldest first; "
        "`filter: {parentId: {isNull: true}}` leaves what begins a thread.",
        parent=Comment.subject_id,
    )
