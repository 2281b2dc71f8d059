"""Add audit templates: versions, sections, questions, their options and clauses."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations
from qgp.kit.migration_operations import (
    check_constraints,
    create_indexes,
    enum_column,
    unique_in_organization,
)

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

CATEGORIES = (
    "INTERNAL_AUDIT",
    "PROCESS_AUDIT",
    "PRODUCT_AUDIT",
    "SUPPLIER_AUDIT",
    "INSPECTION",
    "SAFETY_TOUR",
    "LAYERED",
    "GEMBA",
    "SELF_ASSESSMENT",
)
TYPES = (
    "YES_NO",
    "CONFORMITY",
    "PASS_FAIL",
    "SINGLE",
    "MULTI",
    "NUMBER",
    "RATING",
    "TEXT",
    "DATE",
    "TIME",
    "PHOTO",
    "SIGNATURE",
    "PERSON",
    "ASSET",
    "SITE",
    "GPS",
    "TEMPERATURE",
    "CALCULATED",
)
GRADES = ("MAJOR", "MINOR", "OBSERVATION", "OFI", "GOOD_PRACTICE")
OPERATORS = ("EQ", "NE", "IN", "GT", "LT", "ANSWERED")
TABLES = (
    "audit_templates",
    "template_versions",
    "sections",
    "questions",
    "question_options",
    "question_clauses",
)
CONDITION = "(visible_if_question_id IS NULL) = (visible_if_operator IS NULL)"
# The last wall: whoever writes, what is published stays as it is, at every depth.
FUNCTIONS = (
    """
CREATE FUNCTION version_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  may text[] := ARRAY['status', 'retired_on', 'version', 'updated_at', 'updated_by_id'];
BEGIN
  IF OLD.status NOT IN ('PUBLISHED', 'RETIRED') THEN
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
  END IF;
  IF TG_OP = 'UPDATE' AND OLD.status = 'PUBLISHED' AND NEW.status = 'RETIRED'
    AND to_jsonb(OLD) - may = to_jsonb(NEW) - may THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'template version % is published and stays as it is', OLD.id
    USING ERRCODE = 'QG003';
END $$
""",
    """
CREATE FUNCTION part_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  part jsonb; owner uuid;
BEGIN
  FOREACH part IN ARRAY ARRAY[
    CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END,
    CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END] LOOP
    CONTINUE WHEN part IS NULL;
    IF part ? 'template_version_id' THEN
      owner := part ->> 'template_version_id';
    ELSE
      SELECT q.template_version_id INTO owner FROM questions q
        WHERE q.organization_id = (part ->> 'organization_id')::uuid
        AND q.id = (part ->> 'question_id')::uuid;
    END IF;
    PERFORM 1 FROM template_versions v
      WHERE v.organization_id = (part ->> 'organization_id')::uuid
      AND v.id = owner AND v.status IN ('PUBLISHED', 'RETIRED');
    IF FOUND THEN
      RAISE EXCEPTION 'template version % is published and stays as it is', owner
        USING ERRCODE = 'QG003';
    END IF;
  END LOOP;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$
""",
)


def upgrade() -> None:
    migration_operations.set_timeouts()
    _templates()
    _versions()
    _sections()
    _questions()
    _options()
    _clauses()
    migration_operations.create_author_references(*TABLES)
    _walls()


def _score(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.Numeric(9, 3), nullable=nullable)


def _flags(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Boolean(), nullable=False) for name in names]


def _condition(table: str) -> list[Any]:
    return [
        *enum_column(table, "visible_if_operator", *OPERATORS, nullable=True),
        sa.Column("visible_if_values", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("visible_if_question_id", sa.Uuid()),
        *check_constraints(table, condition=CONDITION),
    ]


def _templates() -> None:
    table = "audit_templates"
    migration_operations.create_record_table(
        table,
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text()),
        *enum_column(table, "category", *CATEGORIES),
        sa.Column("archived_at", sa.DateTime(timezone=True)),
        unique_in_organization("reference", table=table),
    )
    create_indexes(table, register=["name", "id"], category=["category", "name", "id"])


def _versions() -> None:
    table = "template_versions"
    migration_operations.create_record_table(
        table,
        sa.Column("number", sa.Integer(), nullable=False),
        *enum_column(table, "status", "DRAFT", "IN_APPROVAL", "PUBLISHED", "RETIRED"),
        *enum_column(table, "scoring", "NONE", "POINTS", "PERCENT", "CONFORMITY", "TRAFFIC_LIGHT"),
        _score("pass_mark"),
        _score("conditional_mark"),
        *_flags("is_na_allowed", "is_comment_required_on_fail", "is_photo_required_on_fail"),
        sa.Column("change_note", sa.Text()),
        sa.Column("published_on", sa.Date()),
        sa.Column("retired_on", sa.Date()),
        unique_in_organization("template_id", "number", table=table),
        *check_constraints(
            table,
            number="number >= 1",
            **{mark: f"{mark} BETWEEN 0 AND 100" for mark in ("pass_mark", "conditional_mark")},
            marks="conditional_mark < pass_mark",
            publication="status IN ('DRAFT', 'IN_APPROVAL') OR published_on IS NOT NULL",
        ),
        refs={
            "template_id": "audit_templates",
            "submitted_by_id": "users",
            "approved_by_id": "users",
        },
        required=("template_id",),
    )
    for name, states in {
        "draft": "status IN ('DRAFT', 'IN_APPROVAL')",
        "published": "status = 'PUBLISHED'",
    }.items():
        op.create_index(
            f"uq_{table}_{name}",
            table,
            ["organization_id", "template_id"],
            unique=True,
            postgresql_where=sa.text(states),
        )
    create_indexes(table, standing=["status", "created_at", "id"])


def _sections() -> None:
    table = "sections"
    migration_operations.create_record_table(
        table,
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("guidance", sa.Text()),
        sa.Column("position", sa.Integer(), nullable=False),
        _score("weight", nullable=False),
        *_flags("is_repeatable"),
        sa.Column("max_repeats", sa.Integer()),
        sa.Column("template_version_id", sa.Uuid(), nullable=False),
        *_condition(table),
        *check_constraints(
            table,
            weight="weight > 0",
            repeats="CASE WHEN is_repeatable THEN max_repeats BETWEEN 2 AND 100 "
            "ELSE max_repeats IS NULL END IS TRUE",
        ),
    )
    migration_operations.create_reference(table, "template_version_id", "template_versions")
    create_indexes(
        table,
        of_version=["template_version_id", "position", "id"],
        condition=["visible_if_question_id"],
    )


def _questions() -> None:
    table = "questions"
    migration_operations.create_record_table(
        table,
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("help", sa.Text()),
        sa.Column("position", sa.Integer(), nullable=False),
        *enum_column(table, "type", *TYPES),
        *_flags("is_required", "is_na_allowed"),
        _score("weight", nullable=False),
        _score("max_score"),
        sa.Column("minimum", sa.Numeric(18, 6)),
        sa.Column("maximum", sa.Numeric(18, 6)),
        sa.Column("unit", sa.Text()),
        *enum_column(table, "criticality", "CRITICAL", "MAJOR", "MINOR", "INFO"),
        *_flags("is_finding_created_on_fail", "is_action_required_on_fail"),
        *enum_column(table, "fail_grade", *GRADES, nullable=True),
        sa.Column("guidance", sa.Text()),
        sa.Column("sampling_hint", sa.Text()),
        sa.Column("section_id", sa.Uuid(), nullable=False),
        *_condition(table),
        *check_constraints(
            table,
            weight="weight >= 0",
            max_score="max_score > 0",
            limits="minimum <= maximum",
            on_fail="NOT is_finding_created_on_fail OR fail_grade IS NOT NULL",
        ),
        refs={"template_version_id": "template_versions"},
        required=("template_version_id",),
    )
    migration_operations.create_reference(table, "section_id", "sections")
    create_indexes(
        table,
        of_section=["section_id", "position", "id"],
        condition=["visible_if_question_id"],
    )
    for conditional in ("sections", "questions"):
        migration_operations.create_reference(conditional, "visible_if_question_id", table)


def _options() -> None:
    table = "question_options"
    migration_operations.create_record_table(
        table,
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        _score("score"),
        *_flags("is_fail"),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Uuid(), nullable=False),
        unique_in_organization("question_id", "key", table=table),
    )
    migration_operations.create_reference(table, "question_id", "questions")


def _clauses() -> None:
    table = "question_clauses"
    migration_operations.create_record_table(
        table,
        sa.Column("question_id", sa.Uuid(), nullable=False),
        unique_in_organization("question_id", "clause_id", table=table),
        refs={"clause_id": "clauses"},
        required=("clause_id",),
    )
    migration_operations.create_reference(table, "question_id", "questions")


def _walls() -> None:
    migration_operations.execute(FUNCTIONS)
    op.execute(
        "CREATE TRIGGER version_is_fixed BEFORE UPDATE OR DELETE ON template_versions "
        "FOR EACH ROW EXECUTE FUNCTION version_is_fixed()"
    )
    for table in TABLES[2:]:
        op.execute(
            f"CREATE TRIGGER part_is_fixed BEFORE INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION part_is_fixed()"
        )


def downgrade() -> None:
    migration_operations.set_timeouts()
    op.drop_constraint(
        op.f("fk_sections_organization_id_visible_if_question_id"), "sections", type_="foreignkey"
    )
    for table in reversed(TABLES):
        op.drop_table(table)
    for function in ("part_is_fixed", "version_is_fixed"):
        op.execute(f"DROP FUNCTION {function}()")
