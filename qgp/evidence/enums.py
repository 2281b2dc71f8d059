"""The module's closed sets, published; GraphQL files take them from here."""

from qgp.evidence.terms import (
    EvidenceConfidentiality,
    EvidenceKind,
    EvidenceLinkStatus,
    EvidencePolarity,
)
from qgp.kit.gql import described

__all__ = ["EvidenceConfidentiality", "EvidenceKind", "EvidenceLinkStatus", "EvidencePolarity"]

described(EvidenceKind, "What a piece of evidence consists of.")
described(EvidenceConfidentiality, "Who may see a piece of evidence, of those who see its subject.")
described(EvidencePolarity, "Which way evidence speaks about a clause.")
described(EvidenceLinkStatus, "Whether somebody has agreed that evidence speaks about a clause.")
