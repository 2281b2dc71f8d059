"""States and transitions of a standard in the library, and of a clause mapping."""

from qgp.kit.transitions import Transition, caller, today
from qgp.kit.workflow import Workflow
from qgp.standards.commands import carry_over
from qgp.standards.model import ClauseMapping, Standard
from qgp.standards.model.terms import MappingStatus, StandardStatus
from qgp.standards.policy import MANAGE, READ

STANDARD = Workflow(
    Standard,
    READ,
    {StandardStatus.DRAFT, StandardStatus.ACTIVE},
    Transition(
        "standardActivate",
        {StandardStatus.DRAFT, StandardStatus.SUPERSEDED},
        StandardStatus.ACTIVE,
        "Puts a standard in force.",
        MANAGE,
    ),
    Transition(
        "standardSupersede",
        {StandardStatus.ACTIVE},
        StandardStatus.SUPERSEDED,
        "Records that a newer edition has superseded the standard. The assessments of its clauses "
        "that are UNCHANGED or RENUMBERED are carried over to the editions that supersede it "
        "(`supersedes`), where a clause has none, with `isReviewRequired`. Findings detected after "
        "the transition deadline cite the newer edition.",
        MANAGE,
        service=carry_over.supersede,
    ),
    Transition(
        "standardWithdraw",
        {StandardStatus.DRAFT, StandardStatus.ACTIVE, StandardStatus.SUPERSEDED},
        StandardStatus.WITHDRAWN,
        "Withdraws a standard from use; its assessments stay.",
        MANAGE,
        sets={"withdrawn_on": today},
    ),
    closed={StandardStatus.WITHDRAWN},
    remedy="Withdrawal is final; add the standard anew.",
)

MAPPING = Workflow(
    ClauseMapping,
    READ,
    {MappingStatus.PROPOSED},
    Transition(
        "clauseMappingConfirm",
        {MappingStatus.PROPOSED, MappingStatus.REJECTED},
        MappingStatus.CONFIRMED,
        "Confirms a clause mapping.",
        MANAGE,
        sets={"decided_by_id": caller},
    ),
    Transition(
        "clauseMappingReject",
        {MappingStatus.PROPOSED, MappingStatus.CONFIRMED},
        MappingStatus.REJECTED,
        "Rejects a clause mapping; it stays, so that it is not proposed again.",
        MANAGE,
        sets={"decided_by_id": caller},
    ),
)
