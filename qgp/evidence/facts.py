"""Statements about evidence for the commands and guards of other modules."""

from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from qgp.evidence.model import EvidenceItem, due
from qgp.evidence.policy import READ
from qgp.kit.calendar_dates import REMIND_EARLY, CalendarDates, due_date
from qgp.kit.facts import batch_rows
from qgp.kit.loader import KeyIn
from qgp.kit.sealing import Seal, SealedRows
from qgp.kit.work import Work

STALE = "stale"  # verb of the event of evidence that expired
calendar_dates = CalendarDates(
    [
        due_date(
            EvidenceItem,
            due,
            "expires_on",
            (EvidenceItem.collected_by_id,),
            remind_days=REMIND_EARLY,
            events={STALE: 1},
        )
    ]
)
# Sealed by signatures on records that close on it, one by one: evidence collected later is not.
SEALED = (
    SealedRows(
        EvidenceItem.__tablename__,
        "subject_id",
        Seal(
            (
                *("title", "description", "kind", "attachment_id", "sha256", "url"),
                *("record_type", "record_id", "effective_on", "period_start_on", "period_end_on"),
                *("expires_on", "collected_at", "collected_by_id"),
                *("withdrawn_at", "withdrawal_reason"),
            )
        ),
    ),
)


async def is_evidence_unfiltered(work: Work, attachment_id: UUID) -> bool:
    """Return whether evidence that is not withdrawn, even if hidden, consists of an attachment."""
    is_valid = (EvidenceItem.attachment_id == attachment_id, EvidenceItem.withdrawn_at.is_(None))
    return bool(await work.rows(sa.select(EvidenceItem.id).where(*is_valid).limit(1)))


def not_withdrawn_unfiltered() -> Any:
    """Return a table of the evidence that is not withdrawn.

    Columns: `organization_id`, `id`, `subject_id`, `collected_by_id`, and `collected_at`, of a file
    that was collected about the subject before the instant of that.
    """
    former = aliased(EvidenceItem)
    first: Any = sa.select(sa.func.min(former.collected_at)).where(
        former.organization_id == EvidenceItem.organization_id,
        former.subject_id == EvidenceItem.subject_id,
        former.sha256 == EvidenceItem.sha256,
    )
    collected_at: Any = sa.func.coalesce(
        first.correlate(EvidenceItem).scalar_subquery(), EvidenceItem.collected_at
    )
    rows = sa.select(EvidenceItem.organization_id, EvidenceItem.id, EvidenceItem.subject_id)
    rows = rows.add_columns(EvidenceItem.collected_by_id, collected_at.label("collected_at"))
    return rows.where(EvidenceItem.withdrawn_at.is_(None)).subquery()


class ValidEvidence(NamedTuple):
    """Evidence about a record that is not withdrawn."""

    prefix: str
    id: UUID
    reference: str
    collected_by_id: UUID | None


def _of_subject(key_in: KeyIn) -> Any:
    rows: Any = sa.select(
        *(EvidenceItem.subject_id, sa.literal(EvidenceItem.prefix, sa.Text)),
        *(EvidenceItem.id, EvidenceItem.reference, EvidenceItem.collected_by_id),
    )
    rows = rows.where(key_in(EvidenceItem.subject_id), EvidenceItem.withdrawn_at.is_(None))
    return rows.order_by(EvidenceItem.reference)


evidence_of_subject_unfiltered = batch_rows(READ, _of_subject, ValidEvidence)
