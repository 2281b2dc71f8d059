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


def evidence_link(evidence_id: UUID, clause_id: UUID, **facts: Any) -> EvidenceLink:
    """Propose that evidence supports a clause."""
    columns = {
        "polarity": EvidencePolarity.SUPPORTS,
        "strength": 3,
        "status": EvidenceLinkStatus.PROPOSED,
        **facts,
    }
    return EvidenceLink(evidence_id=evidence_id, clause_id=clause_id, **columns)
