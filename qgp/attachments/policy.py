"""Permissions on attachments: readers of the record read; the creator and quality change."""

from typing import Any

import sqlalchemy as sa

from qgp.attachments.model import Attachment, AttachmentStatus
from qgp.kit.policy import EVERYONE, QUALITY, Permission, Principal, Role
from qgp.kit.subjects import concerning


def _of_visible(principal: Principal) -> sa.ColumnElement[bool]:
    return concerning(Attachment, principal)


WRITERS = EVERYONE - {Role.SUPPLIER_CONTACT, Role.EXTERNAL_AUDITOR}
READ = Permission("attachment:read", EVERYONE, rows=dict.fromkeys(EVERYONE, _of_visible))
CREATE = Permission("attachment:create", WRITERS)
AMEND = Permission("attachment:amend", WRITERS)


def is_amendable(attachment: Any, caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that the caller may change or delete an attachment."""
    is_not_deleted: sa.ColumnElement[bool] = attachment.status != AttachmentStatus.DELETED
    if caller.role in QUALITY:
        return is_not_deleted
    return sa.and_(is_not_deleted, attachment.created_by_id == caller.user_id)
