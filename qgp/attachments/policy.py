"""Rights over files: who sees the record sees them; who added one, or runs quality, changes it."""

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
    """Return the condition that the caller may still describe or delete it: their own, or any."""
    is_there: sa.ColumnElement[bool] = attachment.status != AttachmentStatus.DELETED
    if caller.role in QUALITY:
        return is_there
    return sa.and_(is_there, attachment.created_by_id == caller.user_id)
