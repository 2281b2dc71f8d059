"""Kinds of work on audits that wait for lead auditors and reviewers (ISO 19011:2018, 6)."""

from qgp.audits.facts.related import participants
from qgp.audits.model import due
from qgp.audits.workflow import AUDIT
from qgp.kit.pending_work import Participants, work_of_transitions

_LEAD = "lead_auditor_id"

SCHEDULE_AUDIT = work_of_transitions(
    "SCHEDULE_AUDIT",
    "An audit that you lead is PLANNED: schedule it; due on `plannedStartOn`.",
    AUDIT,
    "auditSchedule",
    assignee=_LEAD,
    due=due,
)
CONDUCT_AUDIT = work_of_transitions(
    "CONDUCT_AUDIT",
    "An audit that you lead is SCHEDULED, IN_PROGRESS or FIELDWORK_DONE: carry it out and submit "
    "it for review; due on `plannedStartOn` until it starts, then on `plannedEndOn`.",
    AUDIT,
    "auditStart",
    "auditCompleteFieldwork",
    "auditSubmit",
    assignee=_LEAD,
    due=due,
)
REVIEW_AUDIT = work_of_transitions(
    "REVIEW_AUDIT",
    "An audit in which you took no part is IN_REVIEW: issue its report or return it.",
    AUDIT,
    "auditIssueReport",
    participants=(Participants(participants, ("user_id",)),),
)
FOLLOW_UP_AUDIT = work_of_transitions(
    "FOLLOW_UP_AUDIT",
    "An audit that you led is REPORTED: follow its findings up and close it.",
    AUDIT,
    "auditClose",
    assignee=_LEAD,
)
