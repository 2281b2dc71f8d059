"""What the steps of a link ask of other rows than its own."""

from qgp.evidence.model import EvidenceItem, EvidenceLink
from qgp.evidence.policy import READ
from qgp.kit.loader import one
from qgp.kit.transitions import GuardContext, Missing, guard

_item = one(EvidenceItem, READ)


@guard("EVIDENCE_STANDS")
async def stands(facts: GuardContext, link: EvidenceLink) -> Missing:
    """The evidence is not withdrawn."""
    item: EvidenceItem | None = await facts.load(_item, link.evidence_id)
    if item is None or item.withdrawn_at is None:
        return []
    told = f"{item.reference} is withdrawn. Collect other evidence for the clause."
    return [(told, item.public_id)]
