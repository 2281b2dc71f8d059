"""Findings, the clauses they cite and cause categories (ISO 9001:2015, 8.7 and 10.2)."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from qgp.kit import sql_dates
from qgp.kit.assignment import assigned
from qgp.kit.described_enum import DescribedEnum
from qgp.kit.errors import Invalid, OutOfRange, between
from qgp.kit.imported import Importable
from qgp.kit.indexes import Serves, index, is_set
from qgp.kit.model import Record, check, in_range, ref, unique
from qgp.kit.reference_numbers import Numbered
from qgp.kit.shared_terms import FindingGrade
from qgp.kit.text_keys import searchable, sortable
from qgp.kit.workflow import Stateful

NONCONFORMITIES = frozenset({FindingGrade.MAJOR, FindingGrade.MINOR})
REQUEST_COLUMNS = (  # of a finding, null unless a request about it is pending
    "requested_change",
    "requested_grade",
    "requested_until",
    "request_reason",
    "requested_at",
    "requested_by_id",
)


class FindingSource(DescribedEnum):
    """Source of a finding."""

    AUDIT = "AUDIT", "An internal audit."
    INSPECTION = "INSPECTION", "An inspection or walk-through."
    INCIDENT = "INCIDENT", "An incident or near miss."
    COMPLAINT = "COMPLAINT", "A customer complaint."
    SUPPLIER = "SUPPLIER", "The performance or a delivery of an external provider."
    PROCESS = "PROCESS", "The monitoring of a process."
    PRODUCT = "PRODUCT", "A nonconforming output: a product or service (ISO 9001:2015, 8.7)."
    REGULATOR = "REGULATOR", "A regulatory authority."
    CUSTOMER_AUDIT = "CUSTOMER_AUDIT", "An audit by a customer."
    CERT_AUDIT = "CERT_AUDIT", "An audit by a certification body."
    MANAGEMENT_REVIEW = "MANAGEMENT_REVIEW", "The management review."
    KPI = "KPI", "A key performance indicator that missed its target."
    OBLIGATION = "OBLIGATION", "An evaluation of compliance obligations."
    SELF_REPORT = "SELF_REPORT", "A report by a member of the organization."


class FindingStatus(DescribedEnum):
    """Status of a finding."""

    DRAFT = "DRAFT", "The finding is being drafted; it is not issued yet."
    OPEN = "OPEN", "Issued; containment is still to be recorded."
    CONTAINED = "CONTAINED", "Containment is recorded, or the reason why none is needed."
    ANALYSIS = "ANALYSIS", "Root cause analysis is under way."
    ACTION = "ACTION", "Corrective action is under way."
    VERIFICATION = "VERIFICATION", "Submitted for independent verification."
    CLOSED = "CLOSED", "Verified, or an observation that was answered."
    ACCEPTED = "ACCEPTED", "Under a concession until `acceptedUntil`."
    VOID = "VOID", "Raised in error; kept on record."


# Changed after the issue by findingCorrect, the grade by findingRegrade; with the cited clauses.
CONTENT = (
    *("title", "grade", "source_type", "statement", "evidence_text", "requirement_text"),
    *("severity", "detected_on", "detected_by_id"),
)
ENDED = frozenset({FindingStatus.CLOSED, FindingStatus.ACCEPTED, FindingStatus.VOID})
# The expiry of its concession returns an ACCEPTED finding to its owner.
ASSIGNED = (frozenset(FindingStatus) - ENDED) | {FindingStatus.ACCEPTED}


class FindingDisposition(DescribedEnum):
    """Disposition of nonconforming output (ISO 9001:2015, 8.7.1)."""

    NOT_APPLICABLE = "NOT_APPLICABLE", "Not applicable: no nonconforming output."
    USE_AS_IS = "USE_AS_IS", "Used without rework."
    REWORK = "REWORK", "Reworked to conform to the requirements (ISO 9000:2015, 3.12.8)."
    SCRAP = "SCRAP", "Scrapped: precluded from its intended use (ISO 9000:2015, 3.12.10)."
    RETURN = "RETURN", "Returned to the external provider."
    REGRADE = "REGRADE", "Regraded to fulfil other requirements (ISO 9000:2015, 3.12.4)."
    CONCESSION = (
        "CONCESSION",
        "Released under a concession of a relevant authority or of the customer (ISO 9000:2015, "
        "3.12.5).",
    )


class FindingRequest(DescribedEnum):
    """Change of an issued MAJOR nonconformity that one person requests and another approves."""

    VOID = "VOID", "To void the finding; `findingVoid` approves it."
    CONCESSION = (
        "CONCESSION",
        "To grant a concession until `requestedUntil`; `findingGrantConcession` approves it.",
    )
    REGRADE = (
        "REGRADE",
        "To grade it down to `requestedGrade`; `findingApproveRegrade` approves it.",
    )


class CauseCategory(Record):
    """Category of root causes; categories form a tree."""

    __tablename__ = "cause_categories"
    prefix = "cau"

    code: Mapped[str] = sortable()
    name: Mapped[str] = sortable(is_indexed=False)
    parent_id: Mapped[UUID | None] = ref("cause_categories", serves=Serves.LIST)

    __table_args__: Any = (unique("code", kind="cause category"),)


class Finding(Numbered, Importable, Stateful, Record):
    """Nonconformity, observation, opportunity for improvement or good practice."""

    __tablename__ = "findings"
    prefix = "fnd"
    PREFIXES: ClassVar[dict[FindingGrade, str]] = {
        FindingGrade.MAJOR: "NC",
        FindingGrade.MINOR: "NC",
        FindingGrade.OBSERVATION: "OBS",
        FindingGrade.OFI: "OFI",
        FindingGrade.GOOD_PRACTICE: "GP",
    }

    @property
    def series(self) -> str:
        """Prefix of the reference, by the grade at creation; a regrading keeps it."""
        return self.PREFIXES[self.grade]

    @property
    def is_nonconformity(self) -> bool:
        """Whether the finding is MAJOR or MINOR, and so closes after verification only."""
        return self.grade in NONCONFORMITIES

    @classmethod
    def concerns(cls, user_id: UUID) -> sa.ColumnElement[bool]:
        """Return the condition that a user owns, created or detected the finding."""
        people = (cls.owner_id, cls.created_by_id, cls.detected_by_id)
        return sa.or_(*[column == user_id for column in people])

    grade: Mapped[FindingGrade]
    source_type: Mapped[FindingSource]
    status: Mapped[FindingStatus]
    title: Mapped[str] = sortable()
    statement: Mapped[str | None] = searchable()
    evidence_text: Mapped[str | None]
    requirement_text: Mapped[str | None]
    severity: Mapped[int | None]
    detected_on: Mapped[date]
    containment_text: Mapped[str | None]
    no_containment_reason: Mapped[str | None]
    contained_at: Mapped[datetime | None]
    disposition: Mapped[FindingDisposition | None]
    root_cause: Mapped[str | None]
    is_systemic: Mapped[bool] = mapped_column(default=False)
    opened_on: Mapped[date | None]
    response_due_on: Mapped[date | None]
    closure_due_on: Mapped[date | None]
    accepted_until: Mapped[date | None]
    reopen_count: Mapped[int] = mapped_column(default=0)
    closed_on: Mapped[date | None]
    closing_comment: Mapped[str | None]
    alias: Mapped[str | None]
    requested_change: Mapped[FindingRequest | None]
    requested_grade: Mapped[FindingGrade | None]
    requested_until: Mapped[date | None]
    request_reason: Mapped[str | None]
    requested_at: Mapped[datetime | None]
    supplemented_at: Mapped[datetime | None]
    supplement_reason: Mapped[str | None]
    site_id: Mapped[UUID | None] = ref("sites", serves=(Serves.FILTER, Serves.SCOPE))
    department_id: Mapped[UUID | None] = ref("departments", serves=(Serves.FILTER, Serves.SCOPE))
    process_id: Mapped[UUID | None] = ref("processes", serves=Serves.FILTER)
    detected_by_id: Mapped[UUID | None] = ref("users")
    owner_id: Mapped[UUID | None] = assigned(open_in=ASSIGNED, may_be_vacant=True)
    contained_by_id: Mapped[UUID | None] = ref("users")
    verified_by_id: Mapped[UUID | None] = ref("users")
    requested_by_id: Mapped[UUID | None] = ref("users")
    cause_category_id: Mapped[UUID | None] = ref("cause_categories", serves=Serves.LIST)
    repeat_of_id: Mapped[UUID | None] = ref("findings", serves=Serves.FILTER)
    audit_id: Mapped[UUID | None] = ref("audits", serves=Serves.LIST)
    response_id: Mapped[UUID | None] = ref("audit_responses", serves=Serves.LIST)

    __table_args__: Any = (
        index("ix_findings_due", "status", "closure_due_on", "id", serves=Serves.FILTER),
        index("ix_findings_latest", "detected_on", "id", serves=Serves.ORDER),
        index("ix_findings_graded", "grade", "detected_on", "id", serves=Serves.FILTER),
        index(
            "ix_findings_work",
            *("owner_id", "status", "closure_due_on"),
            serves=(Serves.OPEN_WORK, Serves.SCOPE),
        ),
        index(
            "ix_findings_requested_change",
            *("requested_change", "requested_at", "id"),
            serves=Serves.PENDING_WORK,
            postgresql_where=is_set("requested_change"),
        ),
        in_range("severity", 1, 5, "Severity is 1 (negligible) to 5 (catastrophic)."),
        check(
            "days",
            "closed_on >= detected_on",
            OutOfRange(
                "The date of detection is after the date of closure. Choose a `detectedOn` on or "
                "before `closedOn`.",
                "detectedOn",
                constraint=between(None, "closedOn"),
            ),
        ),
        check(
            "repeats",
            "repeat_of_id <> id",
            Invalid(
                "A finding cannot be a recurrence of itself. Choose an earlier finding.",
                "repeatOfId",
            ),
        ),
        check(
            "containment",
            "num_nonnulls(containment_text, no_containment_reason) <= 1",
            Invalid(
                "A finding has `containmentText` or `noContainmentReason`, not both. Clear one of "
                "them.",
                "noContainmentReason",
            ),
        ),
        check("closing", "status <> 'CLOSED' OR closed_on IS NOT NULL"),
        check("supplement", "(supplemented_at IS NULL) = (supplement_reason IS NULL)"),
        check("concession", "status <> 'ACCEPTED' OR accepted_until IS NOT NULL"),
        check(
            "request",
            "num_nulls(requested_change, request_reason, requested_at, requested_by_id) IN (0, 4)",
        ),
    )


class FindingClause(Record):
    """Clause of a standard that a finding cites."""

    __tablename__ = "finding_clauses"
    prefix = "fcl"
    part_of = "finding_id"
    removable = True

    finding_id: Mapped[UUID] = ref("findings")
    clause_id: Mapped[UUID] = ref("clauses", serves=Serves.FILTER)
    is_primary: Mapped[bool]

    __table_args__: Any = (
        unique(
            "finding_id",
            "clause_id",
            error=Invalid("A clause is cited twice. Cite each clause once.", "clauseIds"),
        ),
        index(
            "uq_finding_clauses_primary",
            "finding_id",
            serves=Serves.RULE,
            unique=True,
            postgresql_where=sa.column("is_primary", sa.Boolean),
        ),
    )


due = sql_dates.due(
    response_due_on={FindingStatus.OPEN, FindingStatus.CONTAINED, FindingStatus.ANALYSIS},
    closure_due_on={FindingStatus.ACTION, FindingStatus.VERIFICATION},
    accepted_until={FindingStatus.ACCEPTED},
)
