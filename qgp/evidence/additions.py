"""Evidence of records and evidence links of clauses, as fields of theirs."""

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
        "Objective evidence about the record, oldest first; withdrawn evidence included.",
        parent=EvidenceItem.subject_id,
    )


@adds_to(*subjects_of(EvidenceItem))
class OfSubject(HasEvidence):
    """Evidence of a subject."""


@adds_to(clause_by_id)
class OfClause:
    """Evidence links of a clause."""

    evidence_links: Connection[EvidenceLinkRef] = listing(
        evidence_links,
        "Links to evidence that the clause is fulfilled or not, oldest first.",
        parent=EvidenceLink.clause_id,
    )
