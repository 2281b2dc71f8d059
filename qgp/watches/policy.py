"""Permission on watches: one's own, of records that one may read at that moment."""

import sqlalchemy as sa

from qgp.kit.policy import EVERYONE, Permission, Principal
from qgp.kit.subjects import SUBJECTS, is_readable
from qgp.watches.model import Watch


def _own(caller: Principal) -> sa.ColumnElement[bool]:
    loaders = [loader for _, loader in sorted(SUBJECTS.items())]
    is_seen = is_readable(Watch.subject_type, Watch.subject_id, loaders, caller)
    return sa.and_(Watch.user_id == caller.user_id, is_seen)


READ = Permission("watch:read", EVERYONE, rows=dict.fromkeys(EVERYONE, _own))
