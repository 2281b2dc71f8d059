"""Evidence, shown by whatever it is about, and by the clauses it speaks about."""

from qgp.evidence.loaders import evidence_items, evidence_links
from qgp.evidence.model import EvidenceItem, EvidenceLink
from qgp.evidence.refs import EvidenceItemRef, EvidenceLinkRef
from qgp.kit.gql import Connection, Recorded, adds_to, interface_type, listing
from qgp.kit.subjects import subjects_of
from qgp.standards.loaders import clause_by_id


@interface_type
class HasEvidence(Recorded):
    """A record with objective evidence (`evidenceItemCreate`; ISO 9000:2015, 3.8.3)."""

    evidence: Connection[EvidenceItemRef] = listing(
        evidence_items,
        "What shows how it stands, as it was collected, withdrawn items included.",
        parent=EvidenceItem.subject_id,
    )


@adds_to(*subjects_of(EvidenceItem))
class OfSubject(HasEvidence):
    """What a subject shows of evidence."""


@adds_to(clause_by_id)
class OfClause:
    """What a clause shows of evidence."""

    evidence_links: Connection[EvidenceLinkRef] = listing(
        evidence_links,
        "The evidence for and against it, oldest first.",
        parent=EvidenceLink.clause_id,
    )
