"""Kinds of work on clause assessments that wait for their owners."""

from qgp.kit.pending_work import WorkKind
from qgp.standards.model import ClauseAssessment, due, is_unimplemented
from qgp.standards.policy import ASSESS, READ

IMPLEMENT_CLAUSE = WorkKind(
    "IMPLEMENT_CLAUSE",
    "A clause whose assessment you own is applicable and not implemented yet; due on `targetOn`.",
    ClauseAssessment,
    READ.roles,
    lambda assessment, _: is_unimplemented(assessment),
    assignee="owner_id",
    due=due,
    delegate_roles=ASSESS.roles,
)
REVIEW_CLAUSE_ASSESSMENT = WorkKind(
    "REVIEW_CLAUSE_ASSESSMENT",
    "A clause assessment that you own was carried over to another edition and is to be reviewed.",
    ClauseAssessment,
    ASSESS.roles,
    lambda assessment, _: assessment.is_review_required,
    assignee="owner_id",
    delegate_roles=ASSESS.roles,
)
