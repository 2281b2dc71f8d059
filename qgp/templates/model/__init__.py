"""Checklists in versions (ISO 9001:2015, 9.2.2); what is published never changes."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from qgp.kit.errors import AlreadyExists, Invalid, OutOfRange, Required, above, between, under
from qgp.kit.model import Record, check, in_range, ref, unique
from qgp.kit.reference_numbers import Numbered
from qgp.kit.shared_terms import FindingGrade
from qgp.kit.text_keys import searchable, sortable
from qgp.kit.workflow import Stateful
from qgp.templates.model.terms import (
    QuestionCriticality,
    QuestionType,
    ScoringMethod,
    TemplateCategory,
    TemplateVersionStatus,
    VisibilityOperator,
)

MOST_REPEATS = 100
_SCORE = sa.Numeric(9, 3)
_MEASURE = sa.Numeric(18, 6)


class Conditional:
    """Mixin: something is asked only if the answer to an earlier question fits.

    Attributes:
        visible_if_question_id: the earlier question; null where it is asked always.
        visible_if_operator: how the answer is compared; null as the question is.
        visible_if_values: what it is compared with, as texts: keys of options, YES, C, 12.5, an
            id; empty for ANSWERED.
    """

    visible_if_question_id: Mapped[UUID | None] = ref("questions", index=False)
    visible_if_operator: Mapped[VisibilityOperator | None]
    visible_if_values: Mapped[list[str]] = mapped_column(default=list)


def _conditional(table: str) -> tuple[Any, ...]:
    """Return what the columns of a condition need of the table."""
    rule = "(visible_if_question_id IS NULL) = (visible_if_operator IS NULL)"
    columns = ("organization_id", "visible_if_question_id")
    return check("condition", rule), sa.Index(f"ix_{table}_condition", *columns)


class AuditTemplate(Numbered, Record):
    """What an audit is carried out by, in versions."""

    __tablename__ = "audit_templates"
    prefix = "tpl"
    reference_prefix = "TPL"

    name: Mapped[str] = sortable()
    description: Mapped[str | None]
    category: Mapped[TemplateCategory]
    archived_at: Mapped[datetime | None]

    __table_args__: Any = (
        sa.Index("ix_audit_templates_register", "organization_id", "name", "id"),
        sa.Index("ix_audit_templates_category", "organization_id", "category", "name", "id"),
    )


class TemplateVersion(Stateful, Record):
    """One version of a template; of each template at most one is written, and one published."""

    __tablename__ = "template_versions"
    prefix = "tpv"

    number: Mapped[int]
    status: Mapped[TemplateVersionStatus]
    scoring: Mapped[ScoringMethod]
    pass_mark: Mapped[Decimal | None] = mapped_column(_SCORE)
    conditional_mark: Mapped[Decimal | None] = mapped_column(_SCORE)
    is_na_allowed: Mapped[bool] = mapped_column(default=True)
    is_comment_required_on_fail: Mapped[bool] = mapped_column(default=False)
    is_photo_required_on_fail: Mapped[bool] = mapped_column(default=False)
    change_note: Mapped[str | None]
    published_on: Mapped[date | None]
    retired_on: Mapped[date | None]
    template_id: Mapped[UUID] = ref("audit_templates")
    submitted_by_id: Mapped[UUID | None] = ref("users")
    approved_by_id: Mapped[UUID | None] = ref("users")

    __table_args__: Any = (
        unique(
            "template_id",
            "number",
            error=AlreadyExists("The template has a version with this number.", "templateId"),
        ),
        sa.Index(
            "uq_template_versions_draft",
            "organization_id",
            "template_id",
            unique=True,
            postgresql_where=sa.text("status IN ('DRAFT', 'IN_APPROVAL')"),
        ),
        sa.Index(
            "uq_template_versions_published",
            "organization_id",
            "template_id",
            unique=True,
            postgresql_where=sa.text("status = 'PUBLISHED'"),
        ),
        sa.Index("ix_template_versions_standing", "organization_id", "status", "created_at", "id"),
        check("number", "number >= 1"),
        in_range("pass_mark", 0, 100, "A mark is 0 to 100."),
        in_range("conditional_mark", 0, 100, "A mark is 0 to 100."),
        check(
            "marks",
            "conditional_mark < pass_mark",
            OutOfRange(
                "The conditional mark is below the pass mark.",
                "conditionalMark",
                constraint=under("passMark"),
            ),
        ),
        check("publication", "status IN ('DRAFT', 'IN_APPROVAL') OR published_on IS NOT NULL"),
    )


class Section(Conditional, Record):
    """A part of a checklist."""

    __tablename__ = "sections"
    prefix = "sec"

    title: Mapped[str] = sortable(is_indexed=False)
    guidance: Mapped[str | None]
    position: Mapped[int]
    weight: Mapped[Decimal] = mapped_column(_SCORE, default=Decimal(1))
    is_repeatable: Mapped[bool] = mapped_column(default=False)
    max_repeats: Mapped[int | None]
    template_version_id: Mapped[UUID] = ref("template_versions", index=False)

    __table_args__: Any = (
        sa.Index(
            "ix_sections_of_version", "organization_id", "template_version_id", "position", "id"
        ),
        check(
            "weight",
            "weight > 0",
            OutOfRange("A section weighs more than 0.", "weight", constraint=above(0)),
        ),
        check(
            "repeats",
            "CASE WHEN is_repeatable THEN max_repeats BETWEEN 2 AND 100 "
            "ELSE max_repeats IS NULL END IS TRUE",
            OutOfRange(
                f"A section that is repeated says how often at the most: 2 to {MOST_REPEATS}.",
                "maxRepeats",
                constraint=between(2, MOST_REPEATS),
            ),
        ),
        *_conditional("sections"),
    )


class Question(Conditional, Record):
    """One thing that an audit asks."""

    __tablename__ = "questions"
    prefix = "qst"

    text: Mapped[str] = sortable(is_indexed=False)
    help: Mapped[str | None]
    position: Mapped[int]
    type: Mapped[QuestionType]
    is_required: Mapped[bool] = mapped_column(default=True)
    is_na_allowed: Mapped[bool] = mapped_column(default=True)
    weight: Mapped[Decimal] = mapped_column(_SCORE, default=Decimal(1))
    max_score: Mapped[Decimal | None] = mapped_column(_SCORE)
    minimum: Mapped[Decimal | None] = mapped_column(_MEASURE)
    maximum: Mapped[Decimal | None] = mapped_column(_MEASURE)
    unit: Mapped[str | None]
    criticality: Mapped[QuestionCriticality]
    is_finding_created_on_fail: Mapped[bool] = mapped_column(default=False)
    fail_grade: Mapped[FindingGrade | None]
    is_action_required_on_fail: Mapped[bool] = mapped_column(default=False)
    guidance: Mapped[str | None]
    sampling_hint: Mapped[str | None]
    template_version_id: Mapped[UUID] = ref("template_versions")
    section_id: Mapped[UUID] = ref("sections", index=False)

    __table_args__: Any = (
        sa.Index("ix_questions_of_section", "organization_id", "section_id", "position", "id"),
        check(
            "weight",
            "weight >= 0",
            OutOfRange("A weight is 0 or more.", "weight", constraint=between(0, None)),
        ),
        check(
            "max_score",
            "max_score > 0",
            OutOfRange(
                "The best answer scores more than 0; leave it empty to score nothing.",
                "maxScore",
                constraint=above(0),
            ),
        ),
        check(
            "limits",
            "minimum <= maximum",
            OutOfRange(
                "The minimum is not above the maximum.",
                "minimum",
                constraint=between(None, "maximum"),
            ),
        ),
        check(
            "on_fail",
            "NOT is_finding_created_on_fail OR fail_grade IS NOT NULL",
            Required("Say how the finding that a failing answer makes is graded.", "failGrade"),
        ),
        *_conditional("questions"),
    )


class QuestionOption(Record):
    """An answer to choose."""

    __tablename__ = "question_options"
    prefix = "qop"

    key: Mapped[str] = sortable(is_indexed=False)
    label: Mapped[str] = searchable()
    score: Mapped[Decimal | None] = mapped_column(_SCORE)
    is_fail: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int]
    question_id: Mapped[UUID] = ref("questions", index=False)

    __table_args__: Any = (
        unique(
            "question_id",
            "key",
            error=Invalid("Each option has a key of its own. Choose another one.", "options"),
        ),
    )


class QuestionClause(Record):
    """A clause whose requirement a question asks after."""

    __tablename__ = "question_clauses"
    prefix = "qcl"

    question_id: Mapped[UUID] = ref("questions", index=False)
    clause_id: Mapped[UUID] = ref("clauses")

    __table_args__: Any = (
        unique("question_id", "clause_id", error=Invalid("Name each clause once.", "clauseIds")),
    )
