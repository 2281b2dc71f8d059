"""Who reads the trail: all of it, who answers for quality; of one record, who sees the record."""

import sqlalchemy as sa

from qgp.kit.policy import EVERYONE, QUALITY, Permission, Principal, Role
from qgp.kit.visibility import NODES
from qgp.trail.model import TrailEntry

READERS = QUALITY | {Role.LEAD_AUDITOR}


def of_readable(caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that an entry tells of a record that the caller may read.

    What is gone is told to those who may read all of its kind.
    """
    whole, ways = [], []
    for loader in NODES.values():
        if caller.may(loader.read):
            kind, rows = loader.model.__tablename__, loader.read.visible(caller)
            if rows:
                seen = sa.select(loader.model.id).where(*rows).correlate(None)
                ways.append(sa.and_(TrailEntry.kind == kind, TrailEntry.record_id.in_(seen)))
            else:
                whole.append(kind)
    return sa.or_(TrailEntry.kind.in_(sorted(whole)), *ways)


READ = Permission("trail:read", READERS, rows=dict.fromkeys(READERS, of_readable))
READ_HISTORY = Permission("trail:readHistory", EVERYONE)  # who sees a record sees how it came to be
VERIFY = Permission("trail:verify", QUALITY)
