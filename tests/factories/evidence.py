"""Evidence, and what it says about clauses."""

from typing import Any
from uuid import UUID

from qgp.evidence.model import (
    EvidenceConfidentiality,
    EvidenceItem,
    EvidenceKind,
    EvidenceLink,
    EvidenceLinkStatus,
    EvidencePolarity,
)
from qgp.kit import clock
from qgp.kit.model import Record


def evidence_item(about: Record, *, is_withdrawn: bool = False, **facts: Any) -> EvidenceItem:
    """Make an internal photo about a record, of today."""
    columns = {
        "title": "Photo",
        "kind": EvidenceKind.LINK,
        "url": "https://files.example/photo",
        "confidentiality": EvidenceConfidentiality.INTERNAL,
        "effective_on": clock.today(),
        "collected_at": clock.now(),
        **facts,
    }
    if is_withdrawn:
        columns = {"withdrawn_at": clock.now(), "withdrawal_reason": "Another part.", **columns}
    return EvidenceItem(subject_type=about.prefix, subject_id=about.id, **columns)


def evidence_link(
    evidence_id: UUID,
    clause_id: UUID,
    status: EvidenceLinkStatus = EvidenceLinkStatus.PROPOSED,
    **facts: Any,
) -> EvidenceLink:
    """Make a link by which evidence supports a clause, in a state."""
    columns = {
        "polarity": EvidencePolarity.SUPPORTS,
        "strength": 3,
        **facts,
    }
    if status is not EvidenceLinkStatus.PROPOSED:
        columns = {"decided_at": clock.now(), **columns}
    row = EvidenceLink(
        status=EvidenceLinkStatus.PROPOSED, evidence_id=evidence_id, clause_id=clause_id, **columns
    )
    row.enter(status)
    return row
