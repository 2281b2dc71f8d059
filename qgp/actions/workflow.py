"""Workflow of an action."""

from qgp.actions import guards
from qgp.actions.model import OPEN, OVER, Action, ActionStatus
from qgp.actions.policy import MANAGE, MANAGERS, READ, VERIFY, WORK
from qgp.kit.sealing import Seal
from qgp.kit.text_normalization import PROSE
from qgp.kit.transitions import Input, SegregationOfDuties, Transition, caller, cleared, now
from qgp.kit.workflow import Workflow

_OWNER = ("owner_id",)
_VERIFIER_DIFFERS = SegregationOfDuties("VERIFIER_DIFFERS", ("owner_id", "completed_by_id"))

ACTION = Workflow(
    Action,
    READ,
    {ActionStatus.TODO},
    Transition(
        "actionStart",
        {ActionStatus.TODO},
        ActionStatus.IN_PROGRESS,
        "Starts an action. Requires its prerequisites to be DONE, VERIFIED or CANCELLED.",
        WORK,
        MANAGERS,
        guards=(guards.dependencies_are_done,),
        owners=_OWNER,
    ),
    Transition(
        "actionBlock",
        {ActionStatus.IN_PROGRESS},
        ActionStatus.BLOCKED,
        "Records that an action in progress cannot proceed.",
        WORK,
        MANAGERS,
        owners=_OWNER,
        requires_reason=True,
    ),
    Transition(
        "actionUnblock",
        {ActionStatus.BLOCKED},
        ActionStatus.IN_PROGRESS,
        "Resumes a blocked action.",
        WORK,
        MANAGERS,
        owners=_OWNER,
    ),
    Transition(
        "actionComplete",
        {ActionStatus.IN_PROGRESS},
        ActionStatus.DONE,
        "Completes an action in progress. Requires its prerequisites to be DONE, VERIFIED or "
        "CANCELLED.",
        WORK,
        MANAGERS,
        guards=(guards.dependencies_are_done,),
        owners=_OWNER,
        inputs=(Input("completion_note", "Work done, 1 to 10000 characters.", max_length=PROSE),),
        sets={"completed_at": now, "completed_by_id": caller, "progress": 100},
    ),
    Transition(
        "actionVerify",
        {ActionStatus.DONE},
        ActionStatus.VERIFIED,
        "Verifies a completed action (ISO 9000:2015, 3.8.12).",
        VERIFY,
        separation=_VERIFIER_DIFFERS,
        sets={"verified_at": now, "verified_by_id": caller},
    ),
    Transition(
        "actionReject",
        {ActionStatus.DONE},
        ActionStatus.IN_PROGRESS,
        "Rejects a completed action and returns it to its owner as IN_PROGRESS.",
        VERIFY,
        guards=(guards.parent_has_not_ended,),
        separation=_VERIFIER_DIFFERS,
        requires_reason=True,
        sets=cleared("completed_at", "completed_by_id", "completion_note"),
    ),
    Transition(
        "actionCancel",
        OPEN,
        ActionStatus.CANCELLED,
        "Cancels an open action; it no longer blocks its dependents.",
        MANAGE,
        requires_reason=True,
    ),
    seals=Seal(
        ("title", "description", "kind", "is_verification_required"),
        if_set=("completed_at", "completed_by_id", "completion_note"),
    ),
    requires_evidence=guards.REQUIRED_EVIDENCE,
    closed=OVER,
)
