"""How an audit moves, who moves it, and what the row itself has to say before."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from qgp.audits.terms import UNBEGUN, AuditStatus
from qgp.kit.errors import Blocker
from qgp.kit.policy import QUALITY, Role
from qgp.kit.signing import Meaning, unsigned
from qgp.kit.workflow import Facts, Transition, Workflow

if TYPE_CHECKING:
    from qgp.audits.model import Audit

PLANNERS = QUALITY | {Role.LEAD_AUDITOR}


async def dated(_: Facts, audit: "Audit") -> Sequence[Blocker]:
    """Guard DATES: what is announced has days."""
    if audit.planned_start_on and audit.planned_end_on:
        return []
    told = "Nothing says when it takes place. Fill in plannedStartOn and plannedEndOn."
    return [Blocker("DATES", told, audit.public_id)]


async def led(_: Facts, audit: "Audit") -> Sequence[Blocker]:
    """Guard LEAD: somebody leads it."""
    if audit.lead_auditor_id is not None:
        return []
    return [Blocker("LEAD", "Nobody leads it. Name a lead auditor.", audit.public_id)]


async def scoped(_: Facts, audit: "Audit") -> Sequence[Blocker]:
    """Guard SCOPE: it says what is looked at (ISO 9001:2015, 9.2.2 b)."""
    if audit.scope:
        return []
    return [Blocker("SCOPE", "Nothing says what is audited. Fill in the scope.", audit.public_id)]


async def concluded(_: Facts, audit: "Audit") -> Sequence[Blocker]:
    """Guard CONCLUSION: the auditors say what they make of it (ISO 19011:2018, 6.4.9)."""
    if audit.conclusion is not None:
        return []
    told = "Nothing says what the auditors make of it all. Fill in the conclusion (auditUpdate)."
    return [Blocker("CONCLUSION", told, audit.public_id)]


async def authored(facts: Facts, audit: "Audit") -> Sequence[Blocker]:
    """Guard SIGNATURE: its lead answers for what is handed over (ISO 19011:2018, 6.5.1)."""
    return unsigned(facts, audit, Meaning.AUTHORED)


async def reviewed(facts: Facts, audit: "Audit") -> Sequence[Blocker]:
    """Guard SIGNATURE: whoever issues it has reviewed it (ISO 19011:2018, 6.5.2)."""
    return unsigned(facts, audit, Meaning.REVIEWED)


AUDIT_STEPS = Workflow(
    {AuditStatus.PLANNED},
    Transition(
        "auditSchedule",
        frozenset({AuditStatus.PLANNED}),
        AuditStatus.SCHEDULED,
        PLANNERS,
        guards=(dated, led, scoped, "CLAUSE_OR_TEMPLATE"),
    ),
    Transition(
        "auditStart",
        frozenset({AuditStatus.SCHEDULED}),
        AuditStatus.IN_PROGRESS,
        QUALITY,
        guards=("TEAM_IMPARTIAL", "TEAM_COMPETENT"),
        owners=("lead_auditor_id",),
    ),
    Transition(
        "auditCompleteFieldwork",
        frozenset({AuditStatus.IN_PROGRESS}),
        AuditStatus.FIELDWORK_DONE,
        QUALITY,
        guards=("REQUIRED_ANSWERED", "ON_FAIL_ACTIONS_DONE"),
        owners=("lead_auditor_id",),
    ),
    Transition(  # nobody signs for its author
        "auditSubmit",
        frozenset({AuditStatus.FIELDWORK_DONE}),
        AuditStatus.IN_REVIEW,
        frozenset(),
        guards=("FAILURES_EXPLAINED", "FINDINGS_COMPLETE", concluded, authored),
        owners=("lead_auditor_id",),
        signature=Meaning.AUTHORED,
    ),
    Transition(
        "auditReport",
        frozenset({AuditStatus.IN_REVIEW}),
        AuditStatus.REPORTED,
        PLANNERS,
        guards=("REVIEWER_DIFFERS", "FINDINGS_COMPLETE", reviewed),
        signature=Meaning.REVIEWED,
    ),
    Transition(
        "auditReturn",
        frozenset({AuditStatus.IN_REVIEW}),
        AuditStatus.IN_PROGRESS,
        PLANNERS,
        guards=("REVIEWER_DIFFERS",),
        is_explained=True,
    ),
    Transition(
        "auditClose",
        frozenset({AuditStatus.REPORTED}),
        AuditStatus.CLOSED,
        QUALITY,
        guards=("FINDINGS_TERMINAL",),
        owners=("lead_auditor_id",),
    ),
    Transition(
        "auditCancel",
        UNBEGUN | {AuditStatus.IN_PROGRESS},
        AuditStatus.CANCELLED,
        QUALITY,
        is_explained=True,
    ),
)
