"""Stories of actions: handed out, begun, held up, put off, done, seen by somebody else."""

from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import UUID

from qgp.actions.model import OVER, Action, ActionKind, ActionPriority, ActionStatus
from qgp.actions.policy import MANAGERS
from qgp.demo.stage import Stage, Story
from qgp.demo.words import said

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
class Hands:
    """Who has to do with an action: gives it out, does it, looks whether it is done."""

    manager: str
    owner: str
    verifier: str


async def hand_out(
    stage: Stage,
    hands: Hands,
    chance: Random,
    *,
    title: str,
    kind: ActionKind,
    days: int,
    rest: ActionStatus | None = None,
    after: Action | None = None,
    priority: ActionPriority | None = None,
    finding_id: UUID | None = None,
    capa_id: UUID | None = None,
    audit_id: UUID | None = None,
    position: int = 0,
) -> Action:
    """Give somebody something to do within some working days, and let its story begin.

    Args:
        rest: where it comes to stand for good; None for its end.
        after: what has to be done before.
    """
    levels = list(ActionPriority)
    action: Action = await stage.act(
        hands.manager,
        "actionCreate",
        title=said(title, chance),
        description=None,
        kind=kind,
        priority=priority or chance.choices(levels, (2, 5, 3, 1))[0],
        owner_id=stage.people[hands.owner].user_id,
        due_on=stage.ahead(days),
        finding_id=finding_id,
        capa_id=capa_id,
        audit_id=audit_id,
        is_verification_required=chance.random() < 0.6,
        position=position,
    )
    if after is not None:
        await stage.act(
            hands.manager,
            "actionDependencyAdd",
            id=action.id,
            expected_version=action.version,
            prerequisite_id=after.id,
        )
    story = _worked(stage, action, hands, chance, days, rest, after)
    stage.begin(story, chance.uniform(1, days * 0.4))
    return action


def are_over(actions: list[Action]) -> bool:
    """Say whether nothing is left to do, nor to be seen by somebody else."""
    return all(
        action.status in OVER
        and (action.status is not ActionStatus.DONE or not action.is_verification_required)
        for action in actions
    )


async def _worked(
    stage: Stage,
    action: Action,
    hands: Hands,
    chance: Random,
    days: int,
    rest: ActionStatus | None,
    after: Action | None,
) -> Story:
    if rest is ActionStatus.TODO:
        return
    if rest is ActionStatus.CANCELLED or (rest is None and chance.random() < 0.04):
        await stage.step(_chief(stage, hands), "actionCancel", action, reason=_one(DROPPED, chance))
        return
    while after is not None and not are_over([after]):
        yield 4
    await stage.step(hands.owner, "actionStart", action)
    if rest is ActionStatus.IN_PROGRESS:
        await _report(stage, action, hands, 40)
        return
    pace = chance.choices(_PACES, (5, 3, 1.6, 1))[0]
    yield days * pace * 0.5
    if rest is ActionStatus.BLOCKED or chance.random() < 0.08:
        await stage.step(hands.owner, "actionBlock", action, reason=_one(HOLD_UPS, chance))
        if rest is ActionStatus.BLOCKED:
            return
        yield chance.uniform(4, 12)
        await stage.step(hands.owner, "actionUnblock", action)
    elif chance.random() < 0.2:
        await _report(stage, action, hands, chance.randrange(20, 90, 10))
    if pace > 1 and chance.random() < 0.6:
        await _put_off(stage, action, hands, chance)
    yield days * pace * 0.5
    await _complete(stage, action, hands, chance)
    if not action.is_verification_required or rest is ActionStatus.DONE:
        return
    yield chance.uniform(1, 8)
    if chance.random() < 0.08:
        await stage.step(hands.verifier, "actionReject", action, reason=_one(UNDONE, chance))
        yield chance.uniform(2, 6)
        await _complete(stage, action, hands, chance)
        yield chance.uniform(1, 4)
    await stage.step(hands.verifier, "actionVerify", action)


async def _report(stage: Stage, action: Action, hands: Hands, progress: int) -> None:
    facts: dict[str, Any] = {"id": action.id, "expected_version": action.version}
    await stage.act(hands.owner, "actionReportProgress", **facts, progress=progress)


async def _put_off(stage: Stage, action: Action, hands: Hands, chance: Random) -> None:
    facts: dict[str, Any] = {"id": action.id, "expected_version": action.version}
    facts |= {"new_due_on": stage.ahead(20), "reason": _one(DELAYS, chance)}
    if facts["new_due_on"] != action.due_on:
        await stage.act(_chief(stage, hands), "actionReschedule", **facts)


async def _complete(stage: Stage, action: Action, hands: Hands, chance: Random) -> None:
    note = _one(DONE, chance)
    await stage.step(hands.owner, "actionComplete", action, completion_note=note)


def _chief(stage: Stage, hands: Hands) -> str:
    """Return who may decide on the action: not everybody who hands one out may."""
    return hands.manager if stage.role(hands.manager) in MANAGERS else "vogel"


def _one(texts: tuple[str, ...], chance: Random) -> str:
    return said(chance.choice(texts), chance)
