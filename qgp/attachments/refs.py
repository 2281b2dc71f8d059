"""Names of this module's GraphQL types, safe to import from anywhere."""

from typing import TYPE_CHECKING, Annotated

import strawberry

if TYPE_CHECKING:
    from qgp.attachments.types import Attachment

AttachmentRef = Annotated["Attachment", strawberry.lazy("qgp.attachments.types")]
