"""Commands on actions: create, change, report progress, reassign, reschedule, depend."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.actions.model import Action, ActionDependency, ActionStatus, DueDateChange
from qgp.actions.policy import READ
from qgp.audits.facts import related as audits
from qgp.capas import facts as capas
from qgp.findings import facts as findings
from qgp.kit.due_dates import require_not_past
from qgp.kit.errors import Forbidden, Invalid, NotFound, OutOfRange, between, require_at_most
from qgp.kit.names import to_camel
from qgp.kit.policy import QUALITY, asking
from qgp.kit.row_locks import locked
from qgp.kit.subjects import loader_of
from qgp.kit.visibility import readable_among
from qgp.kit.work import Work


async def create(work: Work, *, owner_id: UUID, due_on: date, **values: Any) -> Action:
    """Create an action; `original_due_on` keeps its first due date.

    Raises:
        NotFound: no such owner in this organization, or no such finding, CAPA or audit is visible
            to the caller.
        Invalid: several parents, a parent that takes no actions in its status, a due date in the
            past or after that of the CAPA, progress outside 0 to 100, or an inactive owner.
    """
    require_not_past(work, due_on, "dueOn")
    await require_parent_takes_actions(work, values)
    await _require_before_capa(work, values.get("capa_id"), due_on, "dueOn")
    status = ActionStatus.TODO
    return await work.add(
        Action(owner_id=owner_id, due_on=due_on, original_due_on=due_on, status=status, **values)
    )


async def update(work: Work, *, id: UUID, expected_version: int, **changes: Any) -> Action:
    """Change an action, except its owner and due date.

    Raises:
        Invalid: it has ended, or progress is outside 0 to 100.
    """
    action = await work.get_open(Action, id, expected_version=expected_version)
    return await work.change(action, changes)


async def report_progress(work: Work, *, id: UUID, expected_version: int, progress: int) -> Action:
    """Record the progress of the caller's own action, 0 to 100 percent.

    Raises:
        Forbidden: the caller is not its owner.
        Invalid: it has ended, or progress is outside 0 to 100.
    """
    action = await work.get_open(Action, id, expected_version=expected_version)
    if action.owner_id != work.caller.user_id:
        message = (
            f"You do not own {action.reference}, and only its owner reports progress. Ask the "
            "owner, or use actionUpdate if your role may."
        )
        raise Forbidden(message, "id")
    return await work.change(action, {"progress": progress})


async def reassign(
    work: Work,
    *,
    id: UUID,
    expected_version: int,
    owner_id: UUID,
    reason: str | None = None,
) -> Action:
    """Assign an action to another owner.

    Raises:
        Invalid: it has ended, or the user owns it already or is inactive.
    """
    action = await work.get_open(Action, id, expected_version=expected_version)
    if action.owner_id == owner_id:
        message = f"The user owns {action.reference} already. Choose another owner."
        raise Invalid(message, "ownerId")
    work.set_reason(reason)
    return await work.change(action, {"owner_id": owner_id})


async def reschedule(
    work: Work, *, id: UUID, expected_version: int, new_due_on: date, reason: str
) -> Action:
    """Change the due date and record the change with its reason.

    Raises:
        Invalid: it has ended, or is due on that date already; the date is in the past, or after
            the due date of its CAPA.
    """
    action = await work.get_open(Action, id, expected_version=expected_version)
    if action.due_on == new_due_on:
        message = (
            f"{action.reference} is due on {new_due_on.isoformat()} already. Choose another date."
        )
        raise Invalid(message, "newDueOn")
    require_not_past(work, new_due_on, "newDueOn")
    await _require_before_capa(work, action.capa_id, new_due_on, "newDueOn")
    work.set_reason(reason)
    moved = {"old_due_on": action.due_on, "new_due_on": new_due_on}
    await work.add(DueDateChange(action_id=action.id, reason=reason, **moved))
    return await work.change(action, {"due_on": new_due_on})


async def _require_before_capa(work: Work, capa_id: UUID | None, due_on: date, path: str) -> None:
    """Refuse a due date after that of the CAPA, which stays as it is until the work ends."""
    if capa_id is None:
        return
    capa: Any = await work.get(loader_of("cap").model, capa_id, path="capaId")
    if due_on <= capa.due_on:
        return
    if not await readable_among(work, [("cap", capa_id)]):
        message = f"{due_on.isoformat()} is after the due date of its CAPA. {asking(QUALITY)}"
        raise OutOfRange(message, path)
    message = (
        f"{due_on.isoformat()} is after the due date of {capa.reference}, "
        f"{capa.due_on.isoformat()}. Choose that day or an earlier one, or extend the CAPA first "
        "(capaUpdate)."
    )
    raise OutOfRange(message, path, constraint=between(None, capa.due_on))


# By column: the prefix of the parent, and its states without new actions, each with the remedy.
_PARENTS: Mapping[str, tuple[str, Mapping[Any, str]]] = {
    "finding_id": ("fnd", findings.TAKES_NO_ACTIONS),
    "capa_id": ("cap", capas.TAKES_NO_ACTIONS),
    "audit_id": ("aud", audits.TAKES_NO_ACTIONS),
}


async def require_parent_takes_actions(work: Work, values: Mapping[str, Any]) -> None:
    """Lock the parent of a new action, so that it does not end before the commit.

    Args:
        values: of the action; `finding_id`, `capa_id` and `audit_id` are read.

    Raises:
        Invalid: the parent takes no actions in its status.
        NotFound: the parent is hidden from the caller.
    """
    for column, (prefix, ends) in _PARENTS.items():
        id, path = values.get(column), to_camel(column)
        if id is not None:
            loader = loader_of(prefix)
            row = await work.get(loader.model, id, path=path, read=loader.read)
            if row.status in ends:
                message = f"{row.reference} is {row.status.value} and takes no actions."
                raise Invalid(f"{message} {ends[row.status]}", path)


MOST_DEPENDENCIES = 50  # of one action in each direction
_LOCK = 0x616470  # namespace of the advisory locks on the dependencies of an organization


async def add_dependency(
    work: Work, *, id: UUID, expected_version: int, prerequisite_id: UUID
) -> Action:
    """Make an action depend on a prerequisite.

    Raises:
        NotFound: no such action is visible to the caller.
        Invalid: it has ended, the dependency would close a cycle, or an end has 50 already.
        AlreadyExists: it depends on the prerequisite already.
    """
    await _lock_dependencies(work)
    action = await work.get_open(Action, id, expected_version=expected_version)
    if prerequisite_id == id:
        message = "An action cannot depend on itself. Choose another prerequisite."
        raise Invalid(message, "prerequisiteId")
    visible = sa.select(Action.id).where(Action.id == prerequisite_id, *READ.visible(work.caller))
    if not await work.rows(visible):
        raise NotFound("No Action with this id is visible to you.", "prerequisiteId")
    if await work.rows(_path(id, prerequisite_id)):
        message = (
            f"The prerequisite depends on {action.reference}, itself or through other actions; "
            "dependencies have no cycles. Choose another prerequisite."
        )
        raise Invalid(message, "prerequisiteId")
    await _require_room(work, ActionDependency.action_id == id, "prerequisites")
    await _require_room(work, ActionDependency.prerequisite_id == prerequisite_id, "dependents")
    await work.add(ActionDependency(action_id=id, prerequisite_id=prerequisite_id))
    return action


async def remove_dependency(
    work: Work, *, id: UUID, expected_version: int, prerequisite_id: UUID
) -> Action:
    """Remove the dependency of an action on a prerequisite.

    Raises:
        NotFound: no such action or dependency is visible to the caller.
        Invalid: it has ended.
    """
    action = await work.get_open(Action, id, expected_version=expected_version)
    visible = sa.select(Action.id).where(Action.id == prerequisite_id, *READ.visible(work.caller))
    statement = sa.select(ActionDependency).where(
        ActionDependency.action_id == id, ActionDependency.prerequisite_id.in_(visible)
    )
    rows = await work.rows(locked(statement))
    if not rows:
        message = f"{action.reference} does not depend on this action."
        raise NotFound(message, "prerequisiteId")
    await work.remove(rows[0])
    return action


async def _lock_dependencies(work: Work) -> None:
    """Serialize additions in the organization: two at once could close a cycle together."""
    key = sa.func.hashtextextended(str(work.caller.organization_id), _LOCK)
    await work.rows(sa.select(sa.func.pg_advisory_xact_lock(key)))


def _path(id: UUID, start: UUID) -> sa.Select[Any]:
    """Select the action if `start` depends on it, directly or through others."""
    step: Any = sa.select(ActionDependency.prerequisite_id.label("id"))
    reached = step.where(ActionDependency.action_id == start).cte("reached", recursive=True)
    further = step.join(reached, ActionDependency.action_id == reached.c.id)
    reached = reached.union(further)
    return sa.select(reached.c.id).where(reached.c.id == id)


async def _require_room(work: Work, side: sa.ColumnElement[bool], name: str) -> None:
    statement: sa.Select[Any] = sa.select(sa.func.count()).select_from(ActionDependency)
    (count,) = await work.rows(statement.where(side))
    message = (
        f"The action has {count} {name}, and an action has at most {MOST_DEPENDENCIES}. Remove "
        "one first (actionDependencyRemove)."
    )
    require_at_most(MOST_DEPENDENCIES, count + 1, message, "prerequisiteId")
