"""The closed set of attachments."""

from qgp.kit.terms import Term


class AttachmentState(Term):
    """What has become of a file."""

    PENDING = "PENDING", "Its bytes have not come yet."
    STORED = "STORED", "Its bytes are here, checked, and can be fetched."
    DELETED = "DELETED", "Its bytes are gone, unless another attachment has the same."
