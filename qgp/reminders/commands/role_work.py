"""Work with a due date that waits for everyone of a role: reviews, verifications, approvals."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.kit.pending_work import WORK_KINDS, WorkKind
from qgp.kit.policy import Principal
from qgp.kit.work import Work
from qgp.users.facts import users_to_notify_unfiltered


async def role_work(
    work: Work, model: type[Any], due: Mapping[UUID, date]
) -> Mapping[UUID, Mapping[UUID, str]]:
    """Return the users for whom work of their role waits that is due on a day, each with its kind.

    Args:
        work: of the operator.
        model: of the records.
        due: the day by record.
    """
    kinds_by_user = defaultdict[UUID, dict[UUID, str]](dict)
    for kind in WORK_KINDS.values():
        if kind.model is not model or kind.assignee is not None or kind.due is None:
            continue
        users = await users_to_notify_unfiltered(work.session, kind.roles)
        for user in users.values():
            for id, due_on in await _waiting(work, kind, user, due):
                if due_on == due[id]:
                    kinds_by_user[id].setdefault(user.user_id, kind.name)
    return kinds_by_user


async def _waiting(work: Work, kind: WorkKind, user: Principal, ids: Mapping[UUID, date]) -> Any:
    if not kind.is_for(user):
        return ()
    item = kind.items(user).subquery("waiting").c
    return await work.tuples(sa.select(item.id, item.due_on).where(item.id.in_(ids)))
