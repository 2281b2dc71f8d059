"""Loaders of evidence and its links to clauses."""

from qgp.evidence.model import EvidenceItem, EvidenceLink
from qgp.evidence.policy import READ, READ_LINKS
from qgp.kit.loader import Register, one
from qgp.kit.subjects import subject

evidence_item_by_id = subject(one(EvidenceItem, READ))
evidence_item_by_reference = one(EvidenceItem, READ, by=EvidenceItem.reference)
evidence_link_by_id = one(EvidenceLink, READ_LINKS)

evidence_items = Register(EvidenceItem, READ, ("collected_at",))
evidence_links = Register(EvidenceLink, READ_LINKS, ("created_at",))
