"""Workflow of an evidence link."""

from qgp.evidence import guards
from qgp.evidence.model import EvidenceLink, EvidenceLinkStatus
from qgp.evidence.policy import JUDGE, READ_LINKS
from qgp.kit.transitions import SegregationOfDuties, Transition, caller, now
from qgp.kit.workflow import Workflow

_PROPOSER_DIFFERS = SegregationOfDuties("PROPOSER_DIFFERS", ("created_by_id",))
_DECIDED = {"decided_at": now, "decided_by_id": caller}

LINK = Workflow(
    EvidenceLink,
    READ_LINKS,
    {EvidenceLinkStatus.PROPOSED},
    Transition(
        "evidenceLinkConfirm",
        {EvidenceLinkStatus.PROPOSED, EvidenceLinkStatus.REJECTED},
        EvidenceLinkStatus.CONFIRMED,
        "Confirms a proposed or rejected link of evidence to a clause. Requires evidence that is "
        "not withdrawn.",
        JUDGE,
        guards=(guards.evidence_is_not_withdrawn,),
        separation=_PROPOSER_DIFFERS,
        sets=_DECIDED,
    ),
    Transition(
        "evidenceLinkReject",
        {EvidenceLinkStatus.PROPOSED, EvidenceLinkStatus.CONFIRMED},
        EvidenceLinkStatus.REJECTED,
        "Rejects a proposed or confirmed link of evidence to a clause.",
        JUDGE,
        separation=_PROPOSER_DIFFERS,
        requires_reason=True,
        sets=_DECIDED,
    ),
)
