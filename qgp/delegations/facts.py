"""Delegates of users, for notifications and reminders."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from qgp.delegations.model import Delegation
from qgp.kit.delegation import delegates
from qgp.kit.work import Work


async def delegates_of(work: Work, user_ids: Collection[UUID]) -> Mapping[UUID, Sequence[UUID]]:
    """Return the delegates of users who are absent today, by user; delegates of these are none.

    Args:
        work: of the operator, or of a caller who may read delegations.
        user_ids: the users; those without a delegate are missing in the result.
    """
    if not user_ids:
        return {}
    is_sought = Delegation.delegator_id.in_(user_ids)
    by_user = defaultdict[UUID, list[UUID]](list)
    for user_id, delegate_id in await work.tuples(delegates().where(is_sought)):
        by_user[user_id].append(delegate_id)
    return by_user
