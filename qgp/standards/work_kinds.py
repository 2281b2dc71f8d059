"""Kinds of work on clause assessments that wait for their owners."""

from qgp.kit.pending_work import work_of_assignment
from qgp.standards.model import ClauseAssessment, due
from qgp.standards.policy import ASSESS, READ

IMPLEMENT_CLAUSE = work_of_assignment(
    "IMPLEMENT_CLAUSE",
    "A clause whose assessment you own is applicable and not implemented yet; due on `targetOn`.",
    ClauseAssessment,
    "owner_id",
    READ.roles,
    due=due,
    delegate_roles=ASSESS.roles,
)
REVIEW_CLAUSE_ASSESSMENT = work_of_assignment(
    "REVIEW_CLAUSE_ASSESSMENT",
    "A clause assessment that you own was carried over to another edition and is to be reviewed.",
    ClauseAssessment,
    "owner_id",
    ASSESS.roles,
    when=lambda assessment, _: assessment.is_review_required,
)
