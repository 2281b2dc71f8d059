"""Scenarios of actions: created, started, blocked, rescheduled, completed, verified."""

from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import UUID

from qgp.actions.model import OVER, Action, ActionKind, ActionPriority, ActionStatus
from qgp.actions.policy import MANAGERS
from qgp.capas.model import Capa
from qgp.demo.playback import Playback, Scenario
from qgp.demo.words import fill

HOLD_UPS = (
    "The part is on order; the supplier says two weeks.",
    "Waiting for the maintenance window of {machine}.",
    "The budget has to be released first.",
    "The colleague who knows {system} is on leave.",
    "The works council wants to see the plan before.",
)
DELAYS = (
    "Delivery of the part was put off by the supplier.",
    "The line could not be stopped in the peak season.",
    "Took longer than thought: {area} has to be measured anew.",
    "Parental leave of the owner; handed over in between.",
)
DONE = (
    "Done as planned, checked with the shift leader of {area}.",
    "Introduced in {area}; people instructed, {document} brought up to date.",
    "Installed and tried; three shifts without trouble.",
    "Finished. The record is with the evidence.",
)
_PACES = (0.3, 0.6, 1.4, 3.0)  # of the time there is
UNDONE = (
    "The late shift knows nothing of it yet. Please instruct them too.",
    "{document} still shows the old text.",
    "Only two of three places are done.",
)
DROPPED = ("Covered by the new layout of {area}.", "Not needed any more: {machine} was replaced.")


@dataclass(frozen=True)
class Assignment:
    """Manager, owner and verifier of an action, by key."""

    manager: str
    owner: str
    verifier: str


async def create_action(
    playback: Playback,
    assignment: Assignment,
    chance: Random,
    *,
    title: str,
    kind: ActionKind,
    days: int,
    rest: ActionStatus | None = None,
    after: Action | None = None,
    priority: ActionPriority | None = None,
    finding_id: UUID | None = None,
    capa: Capa | None = None,
    audit_id: UUID | None = None,
    position: int = 0,
) -> Action:
    """Create an action that is due in some working days, and start its scenario.

    Args:
        rest: the status in which it stays; None for its end.
        after: the action it depends on.
    """
    levels = list(ActionPriority)
    action: Action = await playback.run(
        assignment.manager,
        "actionCreate",
        title=fill(title, chance),
        description=None,
        kind=kind,
        priority=priority or chance.choices(levels, (2, 5, 3, 1))[0],
        owner_id=playback.people[assignment.owner].user_id,
        due_on=playback.ahead(days),
        finding_id=finding_id,
        capa_id=None if capa is None else capa.id,
        audit_id=audit_id,
        is_verification_required=chance.random() < 0.6,
        position=position,
    )
    if after is not None:
        await playback.run(
            assignment.manager,
            "actionDependencyAdd",
            id=action.id,
            expected_version=action.version,
            prerequisite_id=after.id,
        )
    scenario = _handle_action(playback, action, assignment, chance, days, rest, after, capa)
    playback.schedule(scenario, chance.uniform(1, days * 0.4))
    return action


def are_finished(actions: list[Action]) -> bool:
    """Whether all actions are finished, and verified where that is required."""
    return all(
        action.status in OVER
        and (action.status is not ActionStatus.DONE or not action.is_verification_required)
        for action in actions
    )


async def _handle_action(
    playback: Playback,
    action: Action,
    assignment: Assignment,
    chance: Random,
    days: int,
    rest: ActionStatus | None,
    after: Action | None,
    capa: Capa | None,
) -> Scenario:
    if rest is ActionStatus.TODO:
        return
    if rest is ActionStatus.CANCELLED or (rest is None and chance.random() < 0.04):
        await playback.transition(
            _manager_of(playback, assignment),
            "actionCancel",
            action,
            reason=_random_text(DROPPED, chance),
        )
        return
    while after is not None and not are_finished([after]):
        yield 4
    await playback.transition(assignment.owner, "actionStart", action)
    if rest is ActionStatus.IN_PROGRESS:
        await _report_progress(playback, action, assignment, 40)
        return
    pace = chance.choices(_PACES, (5, 3, 1.6, 1))[0]
    yield days * pace * 0.5
    if rest is ActionStatus.BLOCKED or chance.random() < 0.08:
        await playback.transition(
            assignment.owner, "actionBlock", action, reason=_random_text(HOLD_UPS, chance)
        )
        if rest is ActionStatus.BLOCKED:
            return
        yield chance.uniform(4, 12)
        await playback.transition(assignment.owner, "actionUnblock", action)
    elif chance.random() < 0.2:
        await _report_progress(playback, action, assignment, chance.randrange(20, 90, 10))
    if pace > 1 and chance.random() < 0.6:
        await _reschedule(playback, action, assignment, chance, capa)
    yield days * pace * 0.5
    await _complete(playback, action, assignment, chance)
    if not action.is_verification_required or rest is ActionStatus.DONE:
        return
    yield chance.uniform(1, 8)
    if chance.random() < 0.08:
        await playback.transition(
            assignment.verifier, "actionReject", action, reason=_random_text(UNDONE, chance)
        )
        yield chance.uniform(2, 6)
        await _complete(playback, action, assignment, chance)
        yield chance.uniform(1, 4)
    await playback.transition(assignment.verifier, "actionVerify", action)


async def _report_progress(
    playback: Playback, action: Action, assignment: Assignment, progress: int
) -> None:
    facts: dict[str, Any] = {"id": action.id, "expected_version": action.version}
    await playback.run(assignment.owner, "actionReportProgress", **facts, progress=progress)


async def _reschedule(
    playback: Playback,
    action: Action,
    assignment: Assignment,
    chance: Random,
    capa: Capa | None,
) -> None:
    """Reschedule an action by some weeks, though not past its CAPA."""
    facts: dict[str, Any] = {"id": action.id, "expected_version": action.version}
    later = playback.ahead(20) if capa is None else min(playback.ahead(20), capa.due_on)
    facts |= {"new_due_on": later, "reason": _random_text(DELAYS, chance)}
    if later != action.due_on and later >= playback.today:
        await playback.run(_manager_of(playback, assignment), "actionReschedule", **facts)


async def _complete(
    playback: Playback, action: Action, assignment: Assignment, chance: Random
) -> None:
    note = _random_text(DONE, chance)
    await playback.transition(assignment.owner, "actionComplete", action, completion_note=note)


def _manager_of(playback: Playback, assignment: Assignment) -> str:
    """Return the key of a user who may manage the action."""
    return assignment.manager if playback.role(assignment.manager) in MANAGERS else "vogel"


def _random_text(texts: tuple[str, ...], chance: Random) -> str:
    return fill(chance.choice(texts), chance)
