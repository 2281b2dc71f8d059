"""How lists of attachments are filtered and ordered."""

from qgp.attachments import model
from qgp.attachments.enums import AttachmentState
from qgp.kit.gql import (
    DateTimeFilter,
    EnumFilter,
    IDFilter,
    IntFilter,
    StringFilter,
    filters,
    ordering,
    related,
    where,
)
from qgp.users import policy as users
from qgp.users.types import UserFilter


@filters(model.Attachment)
class AttachmentFilter:
    """Conditions on an attachment."""

    id: IDFilter | None = where("The attachment.")
    subject_id: IDFilter | None = where("The record it belongs to.")
    filename: StringFilter | None = where("Its name.")
    caption: StringFilter | None = where("What is said of it.")
    state: EnumFilter[AttachmentState] | None = where(
        "What has become of it; `eq: STORED` leaves those that can be fetched."
    )
    mime: StringFilter | None = where("What it is, e.g. `startsWith: image/`.")
    bytes: IntFilter | None = where("How long it is.")
    sha256: StringFilter | None = where("The SHA-256 of its bytes, in lower-case hex.")
    stored_at: DateTimeFilter | None = where("When its bytes came.")
    deleted_at: DateTimeFilter | None = where("When it was deleted.")
    created_by_id: IDFilter | None = where("Who added it.")
    created_by: UserFilter | None = related("created_by_id", users.READ, "Who added it.")
    deleted_by_id: IDFilter | None = where("Who deleted it.")
    deleted_by: UserFilter | None = related("deleted_by_id", users.READ, "Who deleted it.")


AttachmentOrder = ordering(
    "Attachment",
    filename="filename",
    bytes="bytes",
    state="state",
    mime="mime",
    stored_at="stored_at",
    deleted_at="deleted_at",
)
