"""Tables of audit programmes and their items (ISO 9001:2015, 9.2.2 a; ISO 19011:2018, 5)."""

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from qgp.kit import sql_dates
from qgp.kit.assignment import assigned
from qgp.kit.described_enum import DescribedEnum
from qgp.kit.errors import (
    Invalid,
)
from qgp.kit.indexes import Serves, index
from qgp.kit.model import Record, check, in_order, ref, unique
from qgp.kit.reference_numbers import Numbered
from qgp.kit.shared_terms import AuditMethod
from qgp.kit.text_keys import searchable, sortable
from qgp.kit.workflow import Stateful


class AuditProgrammeStatus(DescribedEnum):
    """Status of an audit programme."""

    DRAFT = "DRAFT", "Draft; items are added and removed freely."
    APPROVED = (
        "APPROVED",
        ("Approved by a person who neither created nor owns it; cannot be changed."),
    )
    ACTIVE = "ACTIVE", "Being implemented; changes require a reason (ISO 19011:2018, 5.6)."
    CLOSED = "CLOSED", "Completed; each item was reported, or dropped with a reason."


class ProgrammeItemRisk(DescribedEnum):
    """Risk of the target of a programme item."""

    LOW = "LOW", "Minor consequences if a nonconformity stayed undetected."
    MEDIUM = "MEDIUM", "Loss of time, money or trust."
    HIGH = "HIGH", "Harm to people, customers or the environment, or a breach of law."


ADJUSTABLE = frozenset({AuditProgrammeStatus.DRAFT, AuditProgrammeStatus.ACTIVE})
_OPEN = frozenset(AuditProgrammeStatus) - {AuditProgrammeStatus.CLOSED}
TARGET = ("clause_id", "site_id", "department_id", "process_id")


class AuditProgramme(Numbered, Stateful, Record):
    """Arrangements for a set of audits in a period (ISO 9000:2015, 3.13.4)."""

    __tablename__ = "audit_programmes"
    prefix = "prg"
    reference_prefix = "PRG"

    title: Mapped[str] = sortable()
    status: Mapped[AuditProgrammeStatus]
    method: Mapped[AuditMethod]
    period_start_on: Mapped[date]
    period_end_on: Mapped[date]
    objectives: Mapped[str | None]
    risk_basis: Mapped[str | None]
    approved_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    owner_id: Mapped[UUID] = assigned(open_in=_OPEN)
    approved_by_id: Mapped[UUID | None] = ref("users")

    __table_args__: Any = (
        index("ix_audit_programmes_register", "period_start_on", "id", serves=Serves.ORDER),
        index("ix_audit_programmes_owned", "owner_id", "status", serves=Serves.OPEN_WORK),
        in_order(
            "period",
            "period_start_on",
            "period_end_on",
            "The period ends before it starts. Set periodEndOn to periodStartOn or later.",
        ),
        check(
            "approval",
            "(approved_by_id IS NULL) = (approved_on IS NULL) AND "
            "(status = 'DRAFT') = (approved_on IS NULL)",
        ),
        check("closing", "(status = 'CLOSED') = (closed_on IS NOT NULL)"),
    )


class AuditProgrammeStandard(Record):
    """A standard whose requirements a programme covers."""

    __tablename__ = "audit_programme_standards"
    prefix = "pgs"
    part_of = "programme_id"
    removable = True

    programme_id: Mapped[UUID] = ref("audit_programmes")
    standard_id: Mapped[UUID] = ref("standards")

    __table_args__: Any = (unique("programme_id", "standard_id"),)


class ProgrammeItem(Record):
    """A planned audit of a programme: a target and a month."""

    __tablename__ = "programme_items"
    prefix = "pgi"
    part_of = "programme_id"
    removable = True

    planned_month: Mapped[date]
    risk: Mapped[ProgrammeItemRisk]
    note: Mapped[str | None] = searchable()
    dropped_on: Mapped[date | None]
    drop_reason: Mapped[str | None]
    programme_id: Mapped[UUID] = ref("audit_programmes")
    clause_id: Mapped[UUID | None] = ref("clauses")
    site_id: Mapped[UUID | None] = ref("sites")
    department_id: Mapped[UUID | None] = ref("departments")
    process_id: Mapped[UUID | None] = ref("processes")

    __table_args__: Any = (
        index("ix_programme_items_plan", "programme_id", "planned_month", "id", serves=Serves.LIST),
        index("ix_programme_items_calendar", "planned_month", "id", serves=Serves.ORDER),
        index(
            "uq_programme_items_target",
            *("programme_id", "planned_month", *TARGET),
            serves=Serves.RULE,
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=sa.text("dropped_on IS NULL"),
        ),
        check(
            "target",
            f"num_nonnulls({', '.join(TARGET)}) > 0",
            Invalid(
                "The item has no target. It names at least one of clause, site, department "
                "and process; send clauseId, siteId, departmentId or processId.",
                "clauseId",
            ),
        ),
        check(
            "planned_month",
            "extract(day FROM planned_month) = 1",
            Invalid(
                "plannedMonth is not the first day of a month. A month is given by its first day, "
                "e.g. 2027-03-01; send that day.",
                "plannedMonth",
            ),
        ),
        check("dropping", "(dropped_on IS NULL) = (drop_reason IS NULL)"),
    )


due = sql_dates.due(
    period_start_on={AuditProgrammeStatus.DRAFT, AuditProgrammeStatus.APPROVED},
    period_end_on={AuditProgrammeStatus.ACTIVE},
)
