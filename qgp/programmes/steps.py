"""How an audit programme moves, and who moves it (ISO 19011:2018, 5)."""

from qgp.kit.policy import QUALITY, Role
from qgp.kit.workflow import Separation, Transition, Workflow
from qgp.programmes.terms import AuditProgrammeStatus

PLANNERS = QUALITY | {Role.LEAD_AUDITOR}

PROGRAMME_STEPS = Workflow(
    {AuditProgrammeStatus.DRAFT},
    Transition(
        "auditProgrammeApprove",
        frozenset({AuditProgrammeStatus.DRAFT}),
        AuditProgrammeStatus.APPROVED,
        QUALITY,
        guards=("ITEMS",),
        separation=Separation(
            "APPROVER_DIFFERS",
            ("created_by_id", "owner_id"),
            "You wrote this programme or own it. Let somebody else approve it.",
        ),
    ),
    Transition(
        "auditProgrammeReturn",
        frozenset({AuditProgrammeStatus.APPROVED}),
        AuditProgrammeStatus.DRAFT,
        QUALITY,
        owners=("owner_id",),
        is_explained=True,
    ),
    Transition(
        "auditProgrammeStart",
        frozenset({AuditProgrammeStatus.APPROVED}),
        AuditProgrammeStatus.ACTIVE,
        QUALITY,
        owners=("owner_id",),
    ),
    Transition(
        "auditProgrammeClose",
        frozenset({AuditProgrammeStatus.ACTIVE}),
        AuditProgrammeStatus.CLOSED,
        QUALITY,
        guards=("ITEMS_DONE",),
        owners=("owner_id",),
    ),
)
