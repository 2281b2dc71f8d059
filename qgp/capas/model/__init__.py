"""CAPAs, their source findings, rounds and root cause analyses (ISO 9001:2015, 10.2.1)."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from qgp.capas.model.terms import (
    ENDED,
    AnalysisConfidence,
    AnalysisMethod,
    AnalysisStatus,
    CapaKind,
    CapaPriority,
    CapaResult,
    CapaStatus,
    CauseNodeCategory,
    CauseNodeKind,
    EffectivenessMetric,
)
from qgp.kit import sql_dates
from qgp.kit.assignment import assigned
from qgp.kit.errors import AlreadyExists, OutOfRange, Required, between
from qgp.kit.hierarchy import below_itself
from qgp.kit.indexes import Serves, index
from qgp.kit.model import Record, check, in_range, ref, unique
from qgp.kit.reference_numbers import Numbered
from qgp.kit.text_keys import searchable, sortable
from qgp.kit.workflow import Stateful

DEFAULT_WINDOW_DAYS, MOST_WINDOW_DAYS = 90, 730
_OPEN = frozenset(CapaStatus) - ENDED


def _flag() -> Mapped[bool]:
    return mapped_column(default=False, server_default=sa.false())


class Capa(Numbered, Stateful, Record):
    """Corrective and preventive action.

    Attributes:
        result: of the present round; each earlier round has a `CapaRound`.
    """

    __tablename__ = "capas"
    prefix = "cap"

    @property
    def series(self) -> str:
        """Prefix of the reference: SCAR for a CAPA created with a supplier, else CAPA."""
        return "SCAR" if self.supplier_name else "CAPA"

    kind: Mapped[CapaKind]
    title: Mapped[str] = sortable()
    problem_statement: Mapped[str] = searchable()
    priority: Mapped[CapaPriority]
    status: Mapped[CapaStatus]
    source_justification: Mapped[str | None] = searchable()
    supplier_name: Mapped[str | None] = searchable()
    due_on: Mapped[date]
    original_due_on: Mapped[date]
    extension_count: Mapped[int] = mapped_column(default=0)
    cause_known_reason: Mapped[str | None]
    root_cause_summary: Mapped[str | None] = searchable()
    is_risk_review_required: Mapped[bool] = _flag()
    is_document_change_required: Mapped[bool] = _flag()
    is_training_required: Mapped[bool] = _flag()
    risk_review_note: Mapped[str | None]
    document_change_note: Mapped[str | None]
    training_note: Mapped[str | None]
    effectiveness_criteria: Mapped[str | None]
    effectiveness_metric: Mapped[EffectivenessMetric | None]
    window_days: Mapped[int] = mapped_column(default=DEFAULT_WINDOW_DAYS)
    shortest_window_days: Mapped[int | None]
    confirmed_at: Mapped[datetime | None]
    effectiveness_due_on: Mapped[date | None]
    result: Mapped[CapaResult | None]
    result_note: Mapped[str | None]
    waiver_reason: Mapped[str | None]
    round: Mapped[int] = mapped_column(default=1)
    implemented_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    owner_id: Mapped[UUID | None] = assigned(open_in=_OPEN)
    sponsor_id: Mapped[UUID | None] = assigned(
        open_in=_OPEN, may_be_vacant=True, serves=Serves.OPEN_WORK
    )
    site_id: Mapped[UUID | None] = ref("sites")
    department_id: Mapped[UUID | None] = ref("departments")
    process_id: Mapped[UUID | None] = ref("processes")
    cause_category_id: Mapped[UUID | None] = ref("cause_categories")
    verified_by_id: Mapped[UUID | None] = ref("users")

    __table_args__: Any = (
        index("ix_capas_register", "due_on", "id", serves=Serves.ORDER),
        index("ix_capas_due", "status", "due_on", "id", serves=Serves.FILTER),
        index(
            "ix_capas_work",
            *("owner_id", "status", "due_on"),
            serves=(Serves.OPEN_WORK, Serves.SCOPE),
        ),
        in_range("window_days", 1, MOST_WINDOW_DAYS, "The effectiveness window is 1 to 730 days."),
        check("round", "round >= 1"),
        check(
            "ownership",
            "status IN ('DRAFT', 'CANCELLED') OR owner_id IS NOT NULL",
            Required("A CAPA that was opened requires an owner. Enter another owner.", "ownerId"),
        ),
        check("closing", "status <> 'CLOSED' OR (result IS NOT NULL AND closed_on IS NOT NULL)"),
        check("partial", "result <> 'PARTIAL' OR result_note IS NOT NULL"),
    )


class CapaFinding(Record):
    """Link of a CAPA to a source finding."""

    __tablename__ = "capa_findings"
    prefix = "cpf"
    part_of = "capa_id"
    removable = True

    capa_id: Mapped[UUID] = ref("capas")
    finding_id: Mapped[UUID] = ref("findings", serves=Serves.LIST)

    __table_args__: Any = (
        unique(
            "capa_id",
            "finding_id",
            error=AlreadyExists(
                "The finding is linked to this CAPA already. Choose another finding.", "findingId"
            ),
        ),
    )


class CapaRound(Record):
    """Completed round of a CAPA, which another round followed."""

    __tablename__ = "capa_rounds"
    prefix = "crd"

    number: Mapped[int]
    result: Mapped[CapaResult]
    note: Mapped[str | None]
    implemented_on: Mapped[date | None]
    ended_on: Mapped[date]
    capa_id: Mapped[UUID] = ref("capas")
    verified_by_id: Mapped[UUID | None] = ref("users")

    __table_args__: Any = (
        unique(
            "capa_id",
            "number",
            error=AlreadyExists(
                "This round of the CAPA has ended already. Read the CAPA again.", "id"
            ),
        ),
    )


class RootCauseAnalysis(Stateful, Record):
    """Root cause analysis of a CAPA (ISO 9001:2015, 10.2.1 b)."""

    __tablename__ = "root_cause_analyses"
    prefix = "rca"

    method: Mapped[AnalysisMethod]
    confidence: Mapped[AnalysisConfidence | None]
    status: Mapped[AnalysisStatus]
    round: Mapped[int]
    completed_on: Mapped[date | None]
    capa_id: Mapped[UUID] = ref("capas", serves=Serves.LIST)

    __table_args__: Any = (
        check("completion", "status <> 'COMPLETED' OR completed_on IS NOT NULL"),
    )


class CauseNode(Record):
    """Node of the cause tree of a root cause analysis.

    Attributes:
        position: among the nodes with the same parent, from 0; ties by age.
    """

    __tablename__ = "cause_nodes"
    prefix = "cno"
    part_of = "analysis_id"
    removable = True

    kind: Mapped[CauseNodeKind]
    category: Mapped[CauseNodeCategory | None]
    text: Mapped[str] = sortable(is_indexed=False)
    is_root: Mapped[bool]
    position: Mapped[int]
    analysis_id: Mapped[UUID] = ref("root_cause_analyses", serves=Serves.LIST)
    parent_id: Mapped[UUID | None] = ref("cause_nodes", serves=(Serves.LIST, Serves.DELETION))

    __table_args__: Any = (
        check("tree", "parent_id <> id", below_itself("cause")),
        check(
            "position",
            "position >= 0",
            OutOfRange(
                "The position is below 0. Choose 0 or more.",
                "position",
                constraint=between(0, None),
            ),
        ),
    )


due = sql_dates.due(
    due_on=frozenset(CapaStatus) - ENDED - {CapaStatus.EFFECTIVENESS},
    effectiveness_due_on={CapaStatus.EFFECTIVENESS},
)
