"""The files of a record, shown by it."""

from qgp.attachments.loaders import attachments
from qgp.attachments.model import Attachment
from qgp.attachments.refs import AttachmentRef
from qgp.kit.gql import Connection, adds_to, listing
from qgp.kit.subjects import subjects_of


@adds_to(*subjects_of(Attachment))
class OfSubject:
    """What a record shows of its files."""

    attachments: Connection[AttachmentRef] = listing(
        attachments,
        "Its files, whatever has become of them, oldest first.",
        parent=Attachment.subject_id,
    )
