"""The files of a record, shown by it."""

from qgp.attachments.loaders import attachments
from qgp.attachments.model import Attachment
from qgp.attachments.refs import AttachmentRef
from qgp.kit.gql import Connection, Recorded, adds_to, interface_type, listing
from qgp.kit.subjects import subjects_of


@interface_type
class Attachable(Recorded):
    """A record that files can be attached to (`fileUploadCreate`)."""

    attachments: Connection[AttachmentRef] = listing(
        attachments,
        "Its files, whatever has become of them, oldest first.",
        parent=Attachment.subject_id,
    )


@adds_to(*subjects_of(Attachment))
class OfSubject(Attachable):
    """What a record shows of its files."""
