"""The nonconformity register of an organization (ISO 9001:2015, 8.7 and 10.2)."""

from datetime import date, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from qgp.kit import sql_dates
from qgp.kit.described_enum import DescribedEnum
from qgp.kit.errors import Invalid, OutOfRange, between
from qgp.kit.model import Record, check, in_range, ref, unique
from qgp.kit.reference_numbers import Numbered
from qgp.kit.shared_terms import FindingGrade
from qgp.kit.text_keys import searchable, sortable
from qgp.kit.workflow import Stateful

NONCONFORMITIES = frozenset({FindingGrade.MAJOR, FindingGrade.MINOR})
# Days for the response and for closure; what is no nonconformity has no due day.
DUE_DAYS = {FindingGrade.MAJOR: (30, 90), FindingGrade.MINOR: (60, 180)}


class FindingSource(DescribedEnum):
    """What brought a finding to light."""

    AUDIT = "AUDIT", "An internal audit."
    INSPECTION = "INSPECTION", "An inspection or tour."
    INCIDENT = "INCIDENT", "An incident or near miss."
    COMPLAINT = "COMPLAINT", "A customer's complaint."
    SUPPLIER = "SUPPLIER", "What a supplier delivered or did."
    PROCESS = "PROCESS", "Monitoring of a process."
    PRODUCT = "PRODUCT", "A product or service that does not conform."
    REGULATOR = "REGULATOR", "An authority."
    CUSTOMER_AUDIT = "CUSTOMER_AUDIT", "An audit by a customer."
    CERT_AUDIT = "CERT_AUDIT", "An audit by a certification body."
    MANAGEMENT_REVIEW = "MANAGEMENT_REVIEW", "The management review."
    KPI = "KPI", "A figure that missed its target."
    OBLIGATION = "OBLIGATION", "The evaluation of legal and other obligations."
    SELF_REPORT = "SELF_REPORT", "Somebody who works here reported it."


class FindingStatus(DescribedEnum):
    """Where a finding stands."""

    DRAFT = "DRAFT", "Being written down."
    OPEN = "OPEN", "Issued; its effects are to be contained first."
    CONTAINED = "CONTAINED", "Its effects are under control, or need no control."
    ANALYSIS = "ANALYSIS", "Its cause is being looked for."
    ACTION = "ACTION", "The cause is known and being removed."
    VERIFICATION = "VERIFICATION", "Done, says its owner; somebody else looks whether it is."
    CLOSED = "CLOSED", "Verified, or an observation that was answered."
    ACCEPTED = "ACCEPTED", "Left as it is, by a concession with a last day."
    VOID = "VOID", "It was none; kept for the record."


ENDED = frozenset({FindingStatus.CLOSED, FindingStatus.ACCEPTED, FindingStatus.VOID})


class FindingDisposition(DescribedEnum):
    """What becomes of the output that does not conform."""

    NA = "NA", "There is no output to decide on."
    USE_AS_IS = "USE_AS_IS", "Used as it is."
    REWORK = "REWORK", "Worked on until it conforms."
    SCRAP = "SCRAP", "Thrown away or recycled."
    RETURN = "RETURN", "Sent back to whoever supplied it."
    REGRADE = "REGRADE", "Used where lower requirements hold."
    CONCESSION = "CONCESSION", "Released by somebody with the authority to, or the customer."


def due_days(grade: FindingGrade, opened_on: date) -> dict[str, Any]:
    """Return the columns of the days on which response and closure are due."""
    response, closure = DUE_DAYS.get(grade, (None, None))
    return {
        "response_due_on": None if response is None else opened_on + timedelta(response),
        "closure_due_on": None if closure is None else opened_on + timedelta(closure),
    }


class CauseCategory(Record):
    """A node of the tree of causes that statistics group by."""

    __tablename__ = "cause_categories"
    prefix = "cau"

    code: Mapped[str] = sortable()
    name: Mapped[str] = sortable()
    parent_id: Mapped[UUID | None] = ref("cause_categories")

    __table_args__: Any = (unique("code", kind="cause category"),)


class Finding(Numbered, Stateful, Record):
    """Something found, for better or worse, and what became of it."""

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
        """The prefix that the grade has when the finding is first written; it stays."""
        return self.PREFIXES[self.grade]

    @property
    def is_nonconformity(self) -> bool:
        """Whether a requirement is not met: it has to be verified before it is closed."""
        return self.grade in NONCONFORMITIES

    @classmethod
    def concerns(cls, user_id: UUID) -> sa.ColumnElement[bool]:
        """Return the condition that a finding is assigned to somebody or reported by them."""
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
    site_id: Mapped[UUID | None] = ref("sites")
    department_id: Mapped[UUID | None] = ref("departments")
    process_id: Mapped[UUID | None] = ref("processes")
    detected_by_id: Mapped[UUID | None] = ref("users")
    owner_id: Mapped[UUID | None] = ref("users")
    contained_by_id: Mapped[UUID | None] = ref("users")
    verified_by_id: Mapped[UUID | None] = ref("users")
    cause_category_id: Mapped[UUID | None] = ref("cause_categories")
    repeat_of_id: Mapped[UUID | None] = ref("findings")
    audit_id: Mapped[UUID | None] = ref("audits")
    response_id: Mapped[UUID | None] = ref("audit_responses")

    __table_args__: Any = (
        sa.Index("ix_findings_due", "organization_id", "status", "closure_due_on", "id"),
        sa.Index("ix_findings_latest", "organization_id", "detected_on", "id"),
        sa.Index("ix_findings_graded", "organization_id", "grade", "detected_on", "id"),
        sa.Index("ix_findings_work", "organization_id", "owner_id", "status", "closure_due_on"),
        in_range("severity", 1, 5, "Severity is 1 (negligible) to 5 (catastrophic)."),
        check(
            "days",
            "closed_on >= detected_on",
            OutOfRange(
                "A finding cannot have been closed before it was detected. Choose an earlier day.",
                "detectedOn",
                constraint=between(None, "closedOn"),
            ),
        ),
        check(
            "repeats",
            "repeat_of_id <> id",
            Invalid("A finding cannot repeat itself. Choose an earlier one.", "repeatOfId"),
        ),
        check(
            "containment",
            "num_nonnulls(containment_text, no_containment_reason) <= 1",
            Invalid(
                "Say what contains the effects, or why nothing has to; clear the other one.",
                "noContainmentReason",
            ),
        ),
        check("closing", "status <> 'CLOSED' OR closed_on IS NOT NULL"),
        check("concession", "status <> 'ACCEPTED' OR accepted_until IS NOT NULL"),
    )


class FindingClause(Record):
    """A clause that a finding is written against."""

    __tablename__ = "finding_clauses"
    prefix = "fcl"

    finding_id: Mapped[UUID] = ref("findings")
    clause_id: Mapped[UUID] = ref("clauses")
    is_primary: Mapped[bool]

    __table_args__: Any = (
        unique("finding_id", "clause_id", error=Invalid("Name each clause once.", "clauseIds")),
        sa.Index(
            "uq_finding_clauses_primary",
            "organization_id",
            "finding_id",
            unique=True,
            postgresql_where=sa.column("is_primary", sa.Boolean),
        ),
        sa.Index(
            "ix_finding_clauses_primary",
            "organization_id",
            "clause_id",
            postgresql_where=sa.column("is_primary", sa.Boolean),
        ),
    )


due = sql_dates.due(
    response_due_on={FindingStatus.OPEN, FindingStatus.CONTAINED, FindingStatus.ANALYSIS},
    closure_due_on={FindingStatus.ACTION, FindingStatus.VERIFICATION},
    accepted_until={FindingStatus.ACCEPTED},
)
