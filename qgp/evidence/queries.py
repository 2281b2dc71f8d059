"""Reading evidence."""

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
        "One piece of evidence.", id=evidence_item_by_id, reference=evidence_item_by_reference
    )
    evidence_items: Connection[EvidenceItem] | None = listing(
        loaders.evidence_items, "The evidence about whatever you see, as it was collected."
    )
    evidence_link: EvidenceLink | None = lookup(
        "What one piece of evidence says about a clause.", id=evidence_link_by_id
    )
    evidence_links: Connection[EvidenceLink] | None = listing(
        loaders.evidence_links,
        "What evidence says about clauses, oldest first; "
        "`filter: {status: {eq: PROPOSED}}` leaves what nobody has decided on.",
    )
