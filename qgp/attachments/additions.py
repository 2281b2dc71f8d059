"""Attachments of a record, as a field of it."""

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
        "Attachments of the record in any status, oldest first.",
        parent=Attachment.subject_id,
    )


@adds_to(*subjects_of(Attachment))
class OfSubject(Attachable):
    """Attachments of a subject."""
