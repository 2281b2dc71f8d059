"""The module's closed set, published; GraphQL files take it from here."""

from qgp.attachments.terms import AttachmentState
from qgp.kit.gql import described

__all__ = ["AttachmentState"]

described(AttachmentState, "What has become of a file.")
