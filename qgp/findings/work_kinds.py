"""Kinds of work on findings: to issue, to resolve, to verify, and to decide on requests."""

from typing import Any

import sqlalchemy as sa

from qgp.evidence.facts import evidence_of_subject_unfiltered
from qgp.findings.facts import action_owners, capa_owners, owners_ever_unfiltered
from qgp.findings.facts.issue import is_corrector
from qgp.findings.model import (
    NONCONFORMITIES,
    Finding,
    FindingRequest,
    FindingStatus,
    due,
)
from qgp.findings.policy import DECIDE, REGRADE
from qgp.findings.workflow import FINDING
from qgp.kit.pending_work import Participants, WorkKind, work_of_transitions
from qgp.kit.policy import Principal
from qgp.kit.shared_terms import FindingGrade


def _is_nonconformity(finding: Any) -> sa.ColumnElement[bool]:
    condition: sa.ColumnElement[bool] = finding.grade.in_(sorted(NONCONFORMITIES))
    return condition


def _is_major(finding: Any) -> sa.ColumnElement[bool]:
    condition: sa.ColumnElement[bool] = finding.grade == FindingGrade.MAJOR
    return condition


def _may_verify(finding: Any, caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that a submitted finding is no MAJOR that the caller created."""
    is_own_major = sa.and_(_is_major(finding), finding.created_by_id == caller.user_id)
    return sa.and_(finding.status == FindingStatus.VERIFICATION, is_own_major.is_not(sa.true()))


def _may_decide(finding: Any, caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that a request is pending that the caller may approve."""
    change = finding.requested_change
    by_other = finding.created_by_id.is_distinct_from(caller.user_id)
    is_decision: list[Any] = [
        sa.and_(change == FindingRequest.REGRADE, is_corrector(finding, caller))
    ]
    if caller.role in DECIDE.roles:
        is_decision += [
            change == FindingRequest.VOID,
            sa.and_(change == FindingRequest.CONCESSION, by_other),
        ]
    return sa.and_(change.is_not(None), sa.or_(*is_decision))


_NEVER_OWNED = Participants(owners_ever_unfiltered, ("value",), _is_nonconformity)

ISSUE_FINDING = work_of_transitions(
    "ISSUE_FINDING",
    "A finding that you created is a DRAFT: complete and open it.",
    FINDING,
    "findingOpen",
    assignee="created_by_id",
    by="status",
)
RESOLVE_FINDING = work_of_transitions(
    "RESOLVE_FINDING",
    "A finding that you own is OPEN, CONTAINED, in ANALYSIS or ACTION: take it on to verification; "
    "due on `responseDueOn` until its ACTION, then on `closureDueOn`.",
    FINDING,
    "findingRecordContainment",
    "findingStartAnalysis",
    "findingStartCorrectiveAction",
    "findingSubmitForVerification",
    assignee="owner_id",
    due=due,
)
VERIFY_FINDING = work_of_transitions(
    "VERIFY_FINDING",
    "A finding in which you have no part that bars you is in VERIFICATION: close it or reject its "
    "corrective action; due on `closureDueOn`.",
    FINDING,
    "findingClose",
    when=_may_verify,
    participants=(
        _NEVER_OWNED,
        Participants(capa_owners, ("value",), _is_major),
        Participants(action_owners, ("user_id",), _is_major),
        Participants(evidence_of_subject_unfiltered, ("collected_by_id",), _is_major),
    ),
    due=due,
)
DECIDE_FINDING_REQUEST = WorkKind(
    "DECIDE_FINDING_REQUEST",
    "Another person requests to void a finding, a concession for it or to grade it down: approve "
    "or reject the request.",
    Finding,
    DECIDE.roles | REGRADE.roles,
    _may_decide,
    not_for=("requested_by_id", "owner_id"),
    participants=(Participants(owners_ever_unfiltered, ("value",)),),
    by="requested_change",
)
