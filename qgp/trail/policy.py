"""Permissions on the audit trail: quality and lead auditors all of it, others by record."""

import sqlalchemy as sa

from qgp.kit.policy import EVERYONE, QUALITY, Permission, Principal, Role, readable_ids_cte
from qgp.kit.visibility import NODES
from qgp.trail.model import TrailEntry

READERS = QUALITY | {Role.LEAD_AUDITOR}


def of_readable(caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that an entry is about a record that the caller may read.

    Entries of deleted records are for callers who may read all records of the type.
    """
    unlimited, conditions = [], []
    for loader in NODES.values():
        if caller.may(loader.read):
            kind = loader.model.__tablename__
            rows = readable_ids_cte(loader.model, loader.read, caller)
            if rows is None:
                unlimited.append(kind)
            else:
                of_kind = TrailEntry.kind == kind
                conditions.append(sa.and_(of_kind, TrailEntry.record_id.in_(rows)))
    return sa.or_(TrailEntry.kind.in_(sorted(unlimited)), *conditions)


READ = Permission("trail:read", READERS, rows=dict.fromkeys(READERS, of_readable))
READ_HISTORY = Permission("trail:readHistory", EVERYONE)  # limited by the record
VERIFY = Permission("trail:verify", QUALITY)
