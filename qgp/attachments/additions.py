"""The files of a record, shown by it."""

from qgp.attachments.filters import AttachmentFilter, AttachmentOrder
from qgp.attachments.model import Attachment
from qgp.attachments.policy import READ
from qgp.attachments.refs import AttachmentRef
from qgp.kit.gql import Connection, adds_to, listing
from qgp.kit.subjects import subjects_of


@adds_to(*subjects_of(Attachment))
class OfSubject:
    """What a record shows of its files."""

    attachments: Connection[AttachmentRef] = listing(
        Attachment,
        READ,
        AttachmentFilter,
        AttachmentOrder,
        ("created_at",),
        "Its files, whatever has become of them, oldest first.",
        parent=Attachment.subject_id,
    )
