"""States and transitions of an audit programme (ISO 19011:2018, 5)."""

from qgp.kit.policy import QUALITY
from qgp.kit.transitions import SegregationOfDuties, Transition, caller, cleared, today
from qgp.kit.workflow import Workflow
from qgp.programmes import guards
from qgp.programmes.model import ADJUSTABLE, AuditProgramme, AuditProgrammeStatus
from qgp.programmes.policy import APPROVE, MOVE, READ

PROGRAMME = Workflow(
    AuditProgramme,
    READ,
    {AuditProgrammeStatus.DRAFT},
    Transition(
        "auditProgrammeApprove",
        {AuditProgrammeStatus.DRAFT},
        AuditProgrammeStatus.APPROVED,
        "Approves an audit programme. Requires at least one item.",
        APPROVE,
        guards=(guards.has_items,),
        separation=SegregationOfDuties("APPROVER_DIFFERS", ("created_by_id", "owner_id")),
        sets={"approved_by_id": caller, "approved_on": today},
    ),
    Transition(
        "auditProgrammeWithdrawApproval",
        {AuditProgrammeStatus.APPROVED},
        AuditProgrammeStatus.DRAFT,
        "Withdraws the approval of an audit programme, which becomes a DRAFT again.",
        MOVE,
        QUALITY,
        owners=("owner_id",),
        requires_reason=True,
        sets=cleared("approved_by_id", "approved_on"),
    ),
    Transition(
        "auditProgrammeStart",
        {AuditProgrammeStatus.APPROVED},
        AuditProgrammeStatus.ACTIVE,
        "Starts the implementation of an approved audit programme (ISO 19011:2018, 5.5).",
        MOVE,
        QUALITY,
        owners=("owner_id",),
    ),
    Transition(
        "auditProgrammeClose",
        {AuditProgrammeStatus.ACTIVE},
        AuditProgrammeStatus.CLOSED,
        "Closes an audit programme. Requires each item to have an issued audit report, or to "
        "be dropped.",
        MOVE,
        QUALITY,
        guards=(guards.is_done,),
        owners=("owner_id",),
        sets={"closed_on": today},
    ),
    closed=frozenset(AuditProgrammeStatus) - ADJUSTABLE,
)
