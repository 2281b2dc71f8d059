"""Tables of audit templates, their versions, sections and questions (ISO 9001:2015, 9.2.2)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from qgp.kit.errors import AlreadyExists, Invalid, OutOfRange, Required, between
from qgp.kit.indexes import Serves, index
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
    """Mixin for visibility that depends on the response to an earlier question.

    Attributes:
        visible_if_question_id: the earlier question; null where always visible.
        visible_if_operator: the comparison; null where always visible.
        visible_if_values: the values to compare with, as texts: keys of options, verdicts, numbers
            such as 12.5, ids; empty for ANSWERED.
    """

    visible_if_question_id: Mapped[UUID | None] = ref(
        "questions", serves=Serves.DELETION, later=True
    )
    visible_if_operator: Mapped[VisibilityOperator | None]
    visible_if_values: Mapped[list[str]] = mapped_column(default=list)


def _conditional() -> sa.CheckConstraint:
    """Return the constraint of the condition's columns."""
    rule = "(visible_if_question_id IS NULL) = (visible_if_operator IS NULL)"
    return check("condition", rule)


class AuditTemplate(Numbered, Record):
    """An audit template, whose versions provide the checklists of audits."""

    __tablename__ = "audit_templates"
    prefix = "tpl"
    reference_prefix = "TPL"

    name: Mapped[str] = sortable()
    description: Mapped[str | None]
    category: Mapped[TemplateCategory]
    archived_at: Mapped[datetime | None]


class TemplateVersion(Stateful, Record):
    """A version of an audit template; at most one is DRAFT or IN_APPROVAL, and one PUBLISHED."""

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
            error=AlreadyExists(
                "The template has a version with this number already. Numbers are unique in the "
                "template; send the request again.",
                "templateId",
            ),
        ),
        index(
            "uq_template_versions_draft",
            "template_id",
            serves=Serves.RULE,
            unique=True,
            postgresql_where=sa.text("status IN ('DRAFT', 'IN_APPROVAL')"),
        ),
        index(
            "uq_template_versions_published",
            "template_id",
            serves=Serves.RULE,
            unique=True,
            postgresql_where=sa.text("status = 'PUBLISHED'"),
        ),
        check("number", "number >= 1"),
        in_range(
            "pass_mark", 0, 100, "This mark is out of range. A mark is from 0 to 100; send another."
        ),
        in_range(
            "conditional_mark",
            0,
            100,
            "This mark is out of range. A mark is from 0 to 100; send another.",
        ),
        check(
            "marks",
            "conditional_mark < pass_mark",
            OutOfRange(
                "conditionalMark is not below passMark. It is below the pass mark; lower it.",
                "conditionalMark",
                constraint=between(under="passMark"),
            ),
        ),
        check("publication", "status IN ('DRAFT', 'IN_APPROVAL') OR published_on IS NOT NULL"),
    )


class Section(Conditional, Record):
    """A section of a template version."""

    __tablename__ = "sections"
    prefix = "sec"
    removable = True

    title: Mapped[str] = sortable(is_indexed=False)
    guidance: Mapped[str | None]
    position: Mapped[int]
    weight: Mapped[Decimal] = mapped_column(_SCORE, default=Decimal(1))
    is_repeatable: Mapped[bool] = mapped_column(default=False)
    max_repeats: Mapped[int | None]
    template_version_id: Mapped[UUID] = ref("template_versions")

    __table_args__: Any = (
        index(
            "ix_sections_of_version", "template_version_id", "position", "id", serves=Serves.LIST
        ),
        check(
            "weight",
            "weight > 0",
            OutOfRange(
                "weight is not above 0. The weight of a section is more than 0; send another "
                "number.",
                "weight",
                constraint=between(above=0),
            ),
        ),
        check(
            "repeats",
            "CASE WHEN is_repeatable THEN max_repeats BETWEEN 2 AND 100 "
            "ELSE max_repeats IS NULL END IS TRUE",
            OutOfRange(
                "maxRepeats does not fit isRepeatable. A repeatable section has 2 to "
                f"{MOST_REPEATS} repetitions, others have none; change one of the two.",
                "maxRepeats",
                constraint=between(2, MOST_REPEATS),
            ),
        ),
        _conditional(),
    )


class Question(Conditional, Record):
    """A question of a section."""

    __tablename__ = "questions"
    prefix = "qst"
    removable = True

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
    template_version_id: Mapped[UUID] = ref("template_versions", serves=Serves.LIST)
    section_id: Mapped[UUID] = ref("sections")

    __table_args__: Any = (
        index(
            "ix_questions_of_section",
            *("section_id", "position", "id"),
            serves=(Serves.LIST, Serves.DELETION),
        ),
        check(
            "weight",
            "weight >= 0",
            OutOfRange(
                "weight is below 0. The weight of a question is 0 or more; send another number.",
                "weight",
                constraint=between(0, None),
            ),
        ),
        check(
            "max_score",
            "max_score > 0",
            OutOfRange(
                "maxScore is not above 0. It is more than 0, or null for a question that is "
                "not scored; send another.",
                "maxScore",
                constraint=between(above=0),
            ),
        ),
        check(
            "limits",
            "minimum <= maximum",
            OutOfRange(
                "minimum is above maximum. It is at most maximum; lower it.",
                "minimum",
                constraint=between(None, "maximum"),
            ),
        ),
        check(
            "on_fail",
            "NOT is_finding_created_on_fail OR fail_grade IS NOT NULL",
            Required(
                "failGrade is missing. With isFindingCreatedOnFail a question states the grade of "
                "the finding; send failGrade.",
                "failGrade",
            ),
        ),
        _conditional(),
    )


class QuestionOption(Record):
    """An option of a SINGLE or MULTI question."""

    __tablename__ = "question_options"
    prefix = "qop"
    part_of = "question_id"
    removable = True

    key: Mapped[str] = sortable(is_indexed=False)
    label: Mapped[str] = searchable()
    score: Mapped[Decimal | None] = mapped_column(_SCORE)
    is_fail: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int]
    question_id: Mapped[UUID] = ref("questions")

    __table_args__: Any = (
        unique(
            "question_id",
            "key",
            error=Invalid(
                "Another option has this key. Keys are unique in the question; send another key.",
                "options",
            ),
        ),
    )


class QuestionClause(Record):
    """A clause whose requirement a question verifies."""

    __tablename__ = "question_clauses"
    prefix = "qcl"
    part_of = "question_id"
    removable = True

    question_id: Mapped[UUID] = ref("questions")
    clause_id: Mapped[UUID] = ref("clauses")

    __table_args__: Any = (unique("question_id", "clause_id"),)
