"""Root fields that read attachments."""

import strawberry

from qgp.attachments import loaders
from qgp.attachments.loaders import attachment_by_id
from qgp.attachments.types import Attachment
from qgp.kit.gql import Connection, listing, lookup


@strawberry.type
class Query:
    """Root reads."""

    attachment: Attachment | None = lookup("One attachment.", id=attachment_by_id)
    attachments: Connection[Attachment] | None = listing(
        loaders.attachments,
        "Attachments of all records that are visible to you, in any status, oldest first.",
    )
