"""Facts about evidence for other modules' commands."""

from uuid import UUID

import sqlalchemy as sa

from qgp.evidence.model import EvidenceItem
from qgp.kit.work import Work


async def is_evidence_unfiltered(work: Work, attachment_id: UUID) -> bool:
    """Say whether evidence that is not withdrawn consists of a file, whoever sees it."""
    is_counting = (EvidenceItem.attachment_id == attachment_id, EvidenceItem.withdrawn_at.is_(None))
    return bool(await work.rows(sa.select(EvidenceItem.id).where(*is_counting).limit(1)))
