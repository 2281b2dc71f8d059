"""Commands on delegations: create, change, delete."""

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.delegations.model import Delegation
from qgp.delegations.policy import READ
from qgp.kit import clock
from qgp.kit.errors import AlreadyExists, Forbidden, OutOfRange, between
from qgp.kit.policy import ADMINISTRATORS
from qgp.kit.work import Work
from qgp.users.facts import require_user_unfiltered

_LOCK = 0x646C67  # namespace of the advisory locks on a user's delegations


async def create(work: Work, *, delegator_id: UUID | None = None, **values: Any) -> Delegation:
    """Delegate the work of a user, the caller by default.

    Raises:
        Forbidden: only an administrator delegates the work of others.
        OutOfRange: the last day has passed.
        AlreadyExists: the user delegates on some of the days already.
    """
    delegator_id = delegator_id or work.caller.user_id
    _require_right(work, delegator_id, "delegatorId")
    await require_user_unfiltered(work, delegator_id, "delegatorId")
    _require_present(work, values["ends_on"])
    delegation = Delegation(delegator_id=delegator_id, **values)
    await _require_free(work, delegation)
    return await work.add(delegation)


async def update(work: Work, *, id: UUID, expected_version: int, **changes: Any) -> Delegation:
    """Change delegate, days or reason; see `create`."""
    delegation = await _for_change(work, id, expected_version)
    if "ends_on" in changes:
        _require_present(work, changes["ends_on"])
    with work.session.no_autoflush:
        await work.change(delegation, changes)
        await _require_free(work, delegation)
    return delegation


async def delete(work: Work, *, id: UUID, expected_version: int) -> Delegation:
    """Delete a delegation, which ends at once; see `create`."""
    delegation = await _for_change(work, id, expected_version)
    await work.remove(delegation)
    return delegation


async def _for_change(work: Work, id: UUID, expected_version: int) -> Delegation:
    delegation = await work.get(Delegation, id, expected_version=expected_version, read=READ)
    _require_right(work, delegation.delegator_id, "id")
    return delegation


def _require_right(work: Work, delegator_id: UUID, path: str) -> None:
    if delegator_id != work.caller.user_id and work.caller.role not in ADMINISTRATORS:
        message = (
            "This is the work of another user. Users delegate their own work, and an OWNER or "
            "ADMIN that of others; ask one."
        )
        raise Forbidden(message, path)


def _require_present(work: Work, ends_on: date) -> None:
    if ends_on < (today := clock.today(work.caller.zone)):
        message = (
            f"The last day, {ends_on.isoformat()}, has passed: today is {today.isoformat()}. "
            "Choose today or a later date; to end a delegation, delete it (delegationDelete)."
        )
        raise OutOfRange(message, "endsOn", constraint=between(today, None))


async def _require_free(work: Work, delegation: Delegation) -> None:
    """Refuse days on which the user delegates already; two at a time wait for each other."""
    name = f"{work.caller.organization_id} {delegation.delegator_id}"
    key = sa.func.hashtextextended(name, _LOCK)
    await work.rows(sa.select(sa.func.pg_advisory_xact_lock(key)))
    overlapping = sa.select(Delegation).where(
        Delegation.delegator_id == delegation.delegator_id,
        Delegation.id != delegation.id,
        Delegation.starts_on <= delegation.ends_on,
        Delegation.ends_on >= delegation.starts_on,
    )
    for other in await work.rows(overlapping.limit(1)):
        message = (
            f"This user delegates from {other.starts_on.isoformat()} until "
            f"{other.ends_on.isoformat()} already. Each day has one delegate; choose other days, "
            f"or change that delegation ({other.public_id})."
        )
        raise AlreadyExists(message, "startsOn")
