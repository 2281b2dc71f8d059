"""Root fields that read evidence and its links to clauses."""

import strawberry

from qgp.evidence import loaders
from qgp.evidence.loaders import (
    evidence_item_by_id,
    evidence_item_by_reference,
    evidence_link_by_id,
)
from qgp.evidence.types import EvidenceItem, EvidenceLink
from qgp.kit.gql import Connection, listing, lookup


@strawberry.type
class Query:
    """Root reads."""

    evidence_item: EvidenceItem | None = lookup(
        "One evidence item.", id=evidence_item_by_id, reference=evidence_item_by_reference
    )
    evidence_items: Connection[EvidenceItem] | None = listing(
        loaders.evidence_items, "Evidence about all records that are visible to you, oldest first."
    )
    evidence_link: EvidenceLink | None = lookup(
        "One link of evidence to a clause.", id=evidence_link_by_id
    )
    evidence_links: Connection[EvidenceLink] | None = listing(
        loaders.evidence_links,
        "Links of evidence to clauses, oldest first; `filter: {status: {eq: PROPOSED}}` selects "
        "those to be reviewed.",
    )
