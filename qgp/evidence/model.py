"""Evidence and the clauses it speaks about (ISO 9001:2015, 7.5.3; ISO 19011:2018, 6.4.7)."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from qgp.kit import sql_dates
from qgp.kit.described_enum import DescribedEnum
from qgp.kit.errors import AlreadyExists
from qgp.kit.model import Record, check, in_order, in_range, ref, unique
from qgp.kit.reference_numbers import Numbered
from qgp.kit.subjects import About, id_column, kind_column, subject_index
from qgp.kit.text_keys import sortable
from qgp.kit.workflow import Stateful


class EvidenceKind(DescribedEnum):
    """What a piece of evidence consists of."""

    FILE = "FILE", "A file that was added to a record of this system."
    LINK = "LINK", "Something at a web address."
    RECORD = "RECORD", "Another record of this system."


class EvidenceConfidentiality(DescribedEnum):
    """Who may see a piece of evidence, of those who see its subject."""

    PUBLIC = "PUBLIC", "Everybody; it may be shown outside the organization."
    INTERNAL = "INTERNAL", "Everybody; it is not to be shown outside the organization."
    CONFIDENTIAL = (
        "CONFIDENTIAL",
        "Owners, administrators, quality managers, lead auditors, and who collected it.",
    )


class EvidencePolarity(DescribedEnum):
    """Which way evidence speaks about a clause."""

    SUPPORTS = "SUPPORTS", "It shows that the clause is met."
    CONTRADICTS = "CONTRADICTS", "It shows that the clause is not met."


class EvidenceLinkStatus(DescribedEnum):
    """Whether somebody has agreed that evidence speaks about a clause."""

    PROPOSED = "PROPOSED", "Somebody says so."
    CONFIRMED = "CONFIRMED", "Somebody else agrees."
    REJECTED = "REJECTED", "Somebody else does not agree."


class EvidenceItem(About, Numbered, Record):
    """What shows that something is so, about a record.

    Attributes:
        attachment_id, sha256: which file it is, of a FILE; the digest stays if the file goes.
    """

    __tablename__ = "evidence_items"
    prefix = "evd"
    reference_prefix = "EVD"

    title: Mapped[str] = sortable()
    description: Mapped[str | None]
    kind: Mapped[EvidenceKind]
    attachment_id: Mapped[UUID | None] = ref("attachments")
    sha256: Mapped[str | None]
    url: Mapped[str | None]
    record_type: Mapped[str | None] = kind_column(nullable=True)
    record_id: Mapped[UUID | None] = id_column(nullable=True)
    confidentiality: Mapped[EvidenceConfidentiality]
    effective_on: Mapped[date]
    period_start_on: Mapped[date | None]
    period_end_on: Mapped[date | None]
    expires_on: Mapped[date | None]
    collected_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawal_reason: Mapped[str | None]
    collected_by_id: Mapped[UUID | None] = ref("users")
    withdrawn_by_id: Mapped[UUID | None] = ref("users")

    __table_args__: Any = (
        subject_index("evidence_items", "collected_at", "id"),
        sa.Index("ix_evidence_items_of_record", "organization_id", "record_id"),
        sa.Index("ix_evidence_items_collected", "organization_id", "collected_at", "id"),
        sa.Index("ix_evidence_items_expiring", "organization_id", "expires_on", "id"),
        sa.CheckConstraint("(record_type IS NULL) = (record_id IS NULL)", name="record"),
        check(
            "content",
            "(kind = 'FILE') = (attachment_id IS NOT NULL) AND (kind = 'LINK') = (url IS NOT NULL) "
            "AND (kind = 'RECORD') = (record_id IS NOT NULL)",
        ),
        check("file", "(attachment_id IS NULL) = (sha256 IS NULL)"),
        in_order("period", "period_start_on", "period_end_on", "The period ends before it starts."),
        check("withdrawn", "(withdrawn_at IS NULL) = (withdrawal_reason IS NULL)"),
    )


class EvidenceLink(Stateful, Record):
    """What a piece of evidence says about a clause."""

    __tablename__ = "evidence_links"
    prefix = "evl"

    polarity: Mapped[EvidencePolarity]
    strength: Mapped[int]
    note: Mapped[str | None]
    status: Mapped[EvidenceLinkStatus]
    decided_at: Mapped[datetime | None]
    evidence_id: Mapped[UUID] = ref("evidence_items", index=False)
    clause_id: Mapped[UUID] = ref("clauses", index=False)
    decided_by_id: Mapped[UUID | None] = ref("users")

    __table_args__: Any = (
        unique(
            "evidence_id",
            "clause_id",
            name="uq_evidence_links_ends",
            error=AlreadyExists("This evidence is linked to the clause already.", "clauseId"),
        ),
        sa.Index("ix_evidence_links_of_clause", "organization_id", "clause_id", "created_at", "id"),
        in_range("strength", 1, 3, "Strength is 1 (weak) to 3 (strong)."),
        check("decided", "(status = 'PROPOSED') = (decided_at IS NULL)"),
    )


due = sql_dates.due_unless("expires_on", lambda row: row.withdrawn_at.is_not(None))
