"""Kinds of work on CAPAs that wait for owners, approvers, verifiers and reviewers."""

from typing import Any

import sqlalchemy as sa

from qgp.capas.facts import actions, majors, owners_ever_unfiltered
from qgp.capas.model import due
from qgp.capas.model.terms import CapaStatus
from qgp.capas.policy import URGENT
from qgp.capas.workflow import CAPA
from qgp.kit.pending_work import Participants, work_of_transitions
from qgp.kit.policy import QUALITY, Principal


def _is_for_approval(capa: Any, caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that quality approves a plan, and that it can be approved."""
    return _is_complete(capa) if caller.role in QUALITY else sa.false()


def _is_with_owner(capa: Any, _: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that the plan of a CAPA does not wait for the approval of quality."""
    return sa.not_(sa.and_(capa.status == CapaStatus.PLANNED, _is_complete(capa)))


def _is_complete(capa: Any) -> sa.ColumnElement[bool]:
    return sa.and_(
        capa.priority.in_(sorted(URGENT)),
        capa.effectiveness_criteria.is_not(None),
        capa.effectiveness_metric.is_not(None),
    )


def _has_major(capa: Any) -> sa.ColumnElement[bool]:
    sources: sa.ColumnElement[bool] = majors.query(lambda column: column == capa.id).exists()
    return sources


ISSUE_CAPA = work_of_transitions(
    "ISSUE_CAPA",
    "A CAPA is a DRAFT: complete and open it; due on `dueOn`.",
    CAPA,
    "capaOpen",
    due=due,
)
RESOLVE_CAPA = work_of_transitions(
    "RESOLVE_CAPA",
    "A CAPA that you own is OPEN, in ANALYSIS, PLANNED or IMPLEMENTING: take it on to "
    "verification; due on `dueOn`.",
    CAPA,
    "capaStartAnalysis",
    "capaStartPlanning",
    "capaReleasePlan",
    "capaSubmitForVerification",
    assignee="owner_id",
    when=_is_with_owner,
    due=due,
)
APPROVE_CAPA_PLAN = work_of_transitions(
    "APPROVE_CAPA_PLAN",
    "The plan of a HIGH or CRITICAL CAPA that you do not own is complete: release it; due on "
    "`dueOn`.",
    CAPA,
    "capaReleasePlan",
    when=_is_for_approval,
    not_for=("owner_id",),
    due=due,
)
VERIFY_CAPA = work_of_transitions(
    "VERIFY_CAPA",
    "A CAPA in which you own or completed nothing is in VERIFICATION: confirm its implementation; "
    "due on `dueOn`.",
    CAPA,
    "capaConfirmImplementation",
    participants=(Participants(actions, ("owner_id", "completed_by_id")),),
    due=due,
)
REVIEW_CAPA_EFFECTIVENESS = work_of_transitions(
    "REVIEW_CAPA_EFFECTIVENESS",
    "The effectiveness window of a CAPA runs or has ended: review the effect; due on the day on "
    "which the window ends.",
    CAPA,
    "capaClose",
    participants=(
        Participants(owners_ever_unfiltered, ("value",), _has_major),
        Participants(
            actions, ("owner_id", "completed_by_id"), _has_major, apart_from="is_follow_up"
        ),
    ),
    due=due,
)
