"""Loaders of attachments."""

from qgp.attachments.model import Attachment
from qgp.attachments.policy import READ
from qgp.kit.loader import Register, one

attachment_by_id = one(Attachment, READ)

attachments = Register(Attachment, READ, ("created_at",))
