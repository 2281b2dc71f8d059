"""Whether the caller may have an item carried out now, for its type."""

from typing import Any

import sqlalchemy as sa

from qgp.audits.model import Audit
from qgp.audits.model.terms import AuditStatus
from qgp.kit.policy import Principal
from qgp.programmes.model import AuditProgramme, AuditProgrammeStatus


def is_free(item: Any, _: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that an item waits for an audit, in a programme being carried out."""
    active = sa.select(AuditProgramme.id).where(
        AuditProgramme.status == AuditProgrammeStatus.ACTIVE
    )
    audited = sa.exists().where(
        Audit.organization_id == item.organization_id,
        Audit.programme_item_id == item.id,
        Audit.status != AuditStatus.CANCELLED,
    )
    return sa.and_(item.dropped_on.is_(None), item.programme_id.in_(active), ~audited)
