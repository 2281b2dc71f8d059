"""Tables of the standards library: standards, clauses, mappings and assessments."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from qgp.kit import sql_dates
from qgp.kit.assignment import assigned
from qgp.kit.errors import AlreadyExists, Required
from qgp.kit.indexes import Serves, index
from qgp.kit.model import Record, check, in_range, ref, unique
from qgp.kit.text_keys import searchable, sortable
from qgp.kit.workflow import Stateful
from qgp.standards.model.terms import (
    AnnexSlTheme,
    ChangeKind,
    ClauseExclusion,
    ClauseLevel,
    Conformity,
    ControlTheme,
    Implementation,
    ImportStatus,
    MappingBasis,
    MappingRelation,
    MappingStatus,
    StandardKind,
    StandardOrigin,
    StandardStatus,
)

MOST_LEVELS = 20  # of clauses in a standard


class Standard(Stateful, Record):
    """An edition of a standard in the organization's library.

    Attributes:
        document_ids: uuid and document ids of the imported file, by which further editions of it
            are recognized.
    """

    __tablename__ = "standards"
    prefix = "std"
    family_code: Mapped[str] = searchable()
    edition: Mapped[str]
    code: Mapped[str] = sortable(sa.Computed("family_code || ':' || edition", persisted=True))
    title: Mapped[str] = sortable(is_indexed=False)
    kind: Mapped[StandardKind]
    origin: Mapped[StandardOrigin]
    status: Mapped[StandardStatus]
    publisher: Mapped[str | None]
    published_on: Mapped[date | None]
    withdrawn_on: Mapped[date | None]
    transition_deadline: Mapped[date | None]
    source_url: Mapped[str | None]
    licence_note: Mapped[str | None]
    document_ids: Mapped[list[str]] = mapped_column(default=list)
    supersedes_id: Mapped[UUID | None] = ref("standards")

    __table_args__: Any = (
        unique(
            "family_code",
            "edition",
            error=AlreadyExists(
                "Your library has this edition already. Each edition is there once; use that one.",
                "edition",
            ),
        ),
    )


class StandardImport(Record):
    """Import of a standard from an uploaded file.

    Attributes:
        rows: clauses of the file; None until it has been read.
    """

    __tablename__ = "standard_imports"
    prefix = "sti"

    status: Mapped[ImportStatus]
    filename: Mapped[str]
    rows: Mapped[int | None]
    rows_done: Mapped[int] = mapped_column(default=0)
    added: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    withdrawn: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    standard_id: Mapped[UUID | None] = ref("standards")
    supersedes_id: Mapped[UUID | None] = ref("standards")

    __table_args__: Any = (
        index(None, "created_at", "id", serves=Serves.ORDER),
        check("ended", "(status = 'RUNNING') = (ended_at IS NULL)"),
        check("failed", "(status = 'FAILED') = (error IS NOT NULL)"),
    )


class Clause(Record):
    """A node of a standard's tree: a chapter, a clause, a group or a control.

    Attributes:
        number: as printed, `8.5.1`; `sort_key` puts it in natural order.
        summary: other words than the standard's, or an imported source's guidance.
        source_key: identifies the clause when its source is read again.
        former_keys: source keys of the withdrawn clauses that moved to it or were incorporated.
    """

    __tablename__ = "clauses"
    prefix = "cls"

    standard_id: Mapped[UUID] = ref("standards")
    number: Mapped[str] = searchable()
    sort_key: Mapped[str] = mapped_column(sa.Text(collation="C"))
    title: Mapped[str] = sortable()
    summary: Mapped[str | None] = searchable()
    text: Mapped[str | None] = searchable()
    depth: Mapped[int]
    is_requirement: Mapped[bool]
    level: Mapped[ClauseLevel]
    exclusion: Mapped[ClauseExclusion]
    theme: Mapped[AnnexSlTheme | None]
    control_theme: Mapped[ControlTheme | None]
    control_types: Mapped[list[str]]
    security_properties: Mapped[list[str]]
    source_key: Mapped[str | None]
    former_keys: Mapped[list[str]] = mapped_column(default=list)
    withdrawn_at: Mapped[datetime | None]
    parent_id: Mapped[UUID | None] = ref("clauses", serves=Serves.LIST)

    __table_args__: Any = (
        unique(
            "standard_id",
            "number",
            error=AlreadyExists(
                "The standard has a clause with this number already. Numbers are unique in the "
                "standard; send another.",
                "number",
            ),
        ),
        index(None, "standard_id", "sort_key", serves=(Serves.LIST, Serves.ORDER)),
    )


class ClauseMapping(Stateful, Record):
    """The relation of a clause to a clause of another standard; never inferred from numbers."""

    __tablename__ = "clause_mappings"
    prefix = "map"
    removable = True
    relation: Mapped[MappingRelation]
    strength: Mapped[int]
    basis: Mapped[MappingBasis]
    change_kind: Mapped[ChangeKind | None]
    note: Mapped[str | None]
    status: Mapped[MappingStatus]
    from_standard_id: Mapped[UUID] = ref("standards")
    to_standard_id: Mapped[UUID] = ref("standards")
    from_clause_id: Mapped[UUID | None] = ref("clauses", serves=Serves.LIST)
    to_clause_id: Mapped[UUID | None] = ref("clauses", serves=Serves.LIST)
    decided_by_id: Mapped[UUID | None] = ref("users")

    __table_args__: Any = (
        unique(
            "from_standard_id",
            "from_clause_id",
            "to_standard_id",
            "to_clause_id",
            "basis",
            name="uq_clause_mappings_ends",
            postgresql_nulls_not_distinct=True,
            error=AlreadyExists(
                "A mapping of these clauses on this basis exists already. Two clauses are mapped "
                "once on each basis; decide on that mapping.",
                "toClauseId",
            ),
        ),
        check("two_ends", "from_clause_id <> to_clause_id"),
        check("some_end", "from_clause_id IS NOT NULL OR to_clause_id IS NOT NULL"),
        in_range(
            "strength",
            0,
            100,
            "strength is out of range. It is from 0 to 100; send another number.",
        ),
    )


def is_unimplemented(assessment: Any) -> sa.ColumnElement[bool]:
    """Return the condition that the clause is applicable and not implemented."""
    is_done = assessment.implementation == Implementation.IMPLEMENTED
    return sa.and_(assessment.is_applicable, sa.not_(is_done))


class ClauseAssessment(Record):
    """The assessment of a clause: applicability, implementation and conformity."""

    __tablename__ = "clause_assessments"
    prefix = "asm"

    is_applicable: Mapped[bool]
    justification: Mapped[str | None]
    justification_basis: Mapped[list[str]]
    implementation: Mapped[Implementation]
    conformity: Mapped[Conformity]
    maturity: Mapped[int | None]
    target_on: Mapped[date | None]
    assessed_at: Mapped[datetime]
    is_review_required: Mapped[bool] = mapped_column(default=False)
    clause_id: Mapped[UUID] = ref("clauses")
    site_id: Mapped[UUID | None] = ref("sites", serves=Serves.FILTER)
    owner_id: Mapped[UUID | None] = assigned(open_in=is_unimplemented, serves=Serves.OPEN_WORK)
    carried_from_id: Mapped[UUID | None] = ref("clause_assessments")

    __table_args__: Any = (
        unique(
            "clause_id",
            "site_id",
            name="uq_clause_assessments_place",
            postgresql_nulls_not_distinct=True,
            error=AlreadyExists(
                "This clause has an assessment for this site already. A clause is assessed "
                "once for each site; change that assessment (clauseAssessmentUpdate).",
                "clauseId",
            ),
        ),
        index("ix_clause_assessments_latest", "assessed_at", "id", serves=Serves.ORDER),
        index(
            "ix_clause_assessments_of_clause", "clause_id", "assessed_at", "id", serves=Serves.LIST
        ),
        index(
            "ix_clause_assessments_standing",
            *("conformity", "implementation", "assessed_at", "id"),
            serves=Serves.FILTER,
        ),
        check(
            "justified",
            "is_applicable OR justification IS NOT NULL",
            Required(
                "justification is missing. A clause that is not applicable requires one (ISO "
                "9001:2015, 4.3; ISO/IEC 27001:2022, 6.1.3); send it.",
                "justification",
            ),
        ),
        in_range(
            "maturity", 0, 5, "maturity is out of range. It is from 0 to 5; send another number."
        ),
    )


due = sql_dates.due(target_on=lambda row: row.implementation != Implementation.IMPLEMENTED)
