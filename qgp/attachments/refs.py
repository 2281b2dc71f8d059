"""Lazy names of the module's types."""

from typing import TYPE_CHECKING, Annotated

import strawberry

if TYPE_CHECKING:
    from qgp.attachments.types import Attachment

AttachmentRef = Annotated["Attachment", strawberry.lazy("qgp.attachments.types")]
