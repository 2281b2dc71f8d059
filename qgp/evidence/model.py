"""Objective evidence and its links to clauses (ISO 9001:2015, 7.5.3; ISO 19011:2018, 6.4.7)."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from qgp.kit import sql_dates
from qgp.kit.described_enum import DescribedEnum
from qgp.kit.errors import AlreadyExists
from qgp.kit.indexes import Serves, index, is_set
from qgp.kit.model import Record, check, in_order, in_range, ref, unique
from qgp.kit.reference_numbers import Numbered
from qgp.kit.subjects import About, NamesRecord, subject_index
from qgp.kit.text_keys import sortable
from qgp.kit.workflow import Stateful


class EvidenceKind(DescribedEnum):
    """Kind of evidence."""

    FILE = "FILE", "File attached to a record of this system."
    LINK = "LINK", "Resource at a web address."
    RECORD = "RECORD", "Other record of this system."


class EvidenceConfidentiality(DescribedEnum):
    """Confidentiality of evidence, among the users who see its subject."""

    PUBLIC = "PUBLIC", "All users; may be disclosed outside the organization."
    INTERNAL = "INTERNAL", "All users; not to be disclosed outside the organization."
    CONFIDENTIAL = (
        "CONFIDENTIAL",
        "Owners, administrators, quality managers, lead auditors and the collector only.",
    )


class EvidencePolarity(DescribedEnum):
    """Whether evidence supports or contradicts conformity with a clause."""

    SUPPORTS = "SUPPORTS", "Evidence of conformity with the clause."
    CONTRADICTS = "CONTRADICTS", "Evidence of nonconformity with the clause."


class EvidenceLinkStatus(DescribedEnum):
    """Status of an evidence link."""

    PROPOSED = "PROPOSED", "Proposed; not reviewed."
    CONFIRMED = "CONFIRMED", "Confirmed by another user."
    REJECTED = "REJECTED", "Rejected by another user."


class EvidenceItem(About, NamesRecord, Numbered, Record):
    """Objective evidence about a record (ISO 9000:2015, 3.8.3).

    Attributes:
        attachment_id, sha256: file and digest of a FILE; the digest stays if the file is deleted.
    """

    __tablename__ = "evidence_items"
    prefix = "evd"
    reference_prefix = "EVD"

    title: Mapped[str] = sortable()
    description: Mapped[str | None]
    kind: Mapped[EvidenceKind]
    attachment_id: Mapped[UUID | None] = ref("attachments", serves=Serves.DELETION)
    sha256: Mapped[str | None]
    url: Mapped[str | None]
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
        index(
            "ix_evidence_items_record_id",
            "record_id",
            serves=Serves.FILTER,
            postgresql_where=is_set("record_id"),
        ),
        index("ix_evidence_items_collected", "collected_at", "id", serves=Serves.ORDER),
        index("ix_evidence_items_expiring", "expires_on", "id", serves=Serves.ORDER),
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
    """Link of evidence to a clause that it supports or contradicts."""

    __tablename__ = "evidence_links"
    prefix = "evl"
    part_of = "evidence_id"

    polarity: Mapped[EvidencePolarity]
    strength: Mapped[int]
    note: Mapped[str | None]
    status: Mapped[EvidenceLinkStatus]
    decided_at: Mapped[datetime | None]
    evidence_id: Mapped[UUID] = ref("evidence_items")
    clause_id: Mapped[UUID] = ref("clauses")
    decided_by_id: Mapped[UUID | None] = ref("users")

    __table_args__: Any = (
        unique(
            "evidence_id",
            "clause_id",
            name="uq_evidence_links_ends",
            error=AlreadyExists(
                "The evidence is linked to this clause already. Choose another clause.", "clauseId"
            ),
        ),
        index("ix_evidence_links_of_clause", "clause_id", "created_at", "id", serves=Serves.LIST),
        in_range("strength", 1, 3, "Strength is 1 (weak) to 3 (strong)."),
        check("decided", "(status = 'PROPOSED') = (decided_at IS NULL)"),
    )


due = sql_dates.due(expires_on=lambda row: row.withdrawn_at.is_(None))
