"""Kinds of work on actions that wait for their owners and verifiers."""

from qgp.actions.model import due
from qgp.actions.workflow import ACTION
from qgp.kit.pending_work import work_of_transitions

COMPLETE_ACTION = work_of_transitions(
    "COMPLETE_ACTION",
    "An action that you own is TODO, IN_PROGRESS or BLOCKED: complete it; due on `dueOn`.",
    ACTION,
    "actionStart",
    "actionUnblock",
    "actionComplete",
    assignee="owner_id",
    due=due,
)
VERIFY_ACTION = work_of_transitions(
    "VERIFY_ACTION",
    "An action that you neither own nor completed is DONE and requires verification: verify or "
    "reject it.",
    ACTION,
    "actionVerify",
    when=lambda action, _: action.is_verification_required,
)
