"""States and transitions of an audit programme (ISO 19011:2018, 5)."""

from qgp.kit.policy import QUALITY
from qgp.kit.sealing import Seal, SealedRows
from qgp.kit.signing import Meaning
from qgp.kit.transitions import SegregationOfDuties, Transition, caller, cleared, today
from qgp.kit.workflow import Workflow
from qgp.programmes import guards
from qgp.programmes.model import ADJUSTABLE, TARGET, AuditProgramme, AuditProgrammeStatus
from qgp.programmes.policy import APPROVE, MOVE, READ

_ITEM = Seal(("planned_month", "risk", *TARGET))

PROGRAMME = Workflow(
    AuditProgramme,
    READ,
    {AuditProgrammeStatus.DRAFT},
    Transition(
        "auditProgrammeApprove",
        {AuditProgrammeStatus.DRAFT},
        AuditProgrammeStatus.APPROVED,
        "Approves an audit programme, signed APPROVED. Requires at least one item.",
        APPROVE,
        guards=(guards.has_items,),
        separation=SegregationOfDuties("APPROVER_DIFFERS", ("created_by_id", "owner_id")),
        signature=Meaning.APPROVED,
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
    seals=Seal(
        ("title", "method", "period_start_on", "period_end_on", "objectives", "risk_basis"),
        (
            SealedRows("audit_programme_standards", "programme_id", field="standards"),
            SealedRows("programme_items", "programme_id", _ITEM),
        ),
    ),
    closed=frozenset(AuditProgrammeStatus) - ADJUSTABLE,
)
