"""Statements about evidence for the commands and guards of other modules."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.evidence.model import EvidenceItem
from qgp.evidence.policy import READ
from qgp.kit.facts import batch_rows
from qgp.kit.loader import KeyIn
from qgp.kit.work import Work


async def is_evidence_unfiltered(work: Work, attachment_id: UUID) -> bool:
    """Return whether evidence that is not withdrawn, even if hidden, consists of an attachment."""
    is_valid = (EvidenceItem.attachment_id == attachment_id, EvidenceItem.withdrawn_at.is_(None))
    return bool(await work.rows(sa.select(EvidenceItem.id).where(*is_valid).limit(1)))


def not_withdrawn_unfiltered() -> Any:
    """Return a table `id`, `subject_id` of the evidence that is not withdrawn."""
    rows = sa.select(EvidenceItem.id, EvidenceItem.subject_id)
    return rows.where(EvidenceItem.withdrawn_at.is_(None)).subquery()


def _of_subject(key_in: KeyIn) -> Any:
    rows = sa.select(EvidenceItem.subject_id, EvidenceItem.id)
    return rows.where(key_in(EvidenceItem.subject_id), EvidenceItem.withdrawn_at.is_(None))


evidence_of_subject_unfiltered = batch_rows(READ, _of_subject)
