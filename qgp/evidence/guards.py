"""Guards of the workflow of evidence links."""

from qgp.evidence.model import EvidenceItem, EvidenceLink
from qgp.evidence.policy import READ
from qgp.kit.loader import one
from qgp.kit.transitions import GuardContext, Missing, guard

_item = one(EvidenceItem, READ)


@guard("EVIDENCE_STANDS")
async def evidence_is_not_withdrawn(facts: GuardContext, link: EvidenceLink) -> Missing:
    """The evidence is not withdrawn."""
    item: EvidenceItem | None = await facts.load(_item, link.evidence_id)
    if item is None or item.withdrawn_at is None:
        return []
    message = f"{item.reference} is withdrawn. Collect other evidence about the clause."
    return [(message, item.public_id)]
