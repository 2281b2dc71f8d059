"""Keep the indexes that have a reason, and leave out the rows that point at nothing.

Each index that a row is entered in takes some 8 µs of its writing, and most served filters that
select too many rows to gain by them, or began as another one does. Sort keys are made number by
number, and pages of rows that are changed keep room for their next versions.

Nothing is built concurrently: that would wait for the transaction that holds the migration lock.
Each index has a transaction of its own, and what broke off is carried on when it is run again.
"""

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations, text_key_sql

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

REFERENCES = {  # indexes of one column, named after it
    "action_dependencies": ["action_id"],
    "actions": ["completed_by_id", "verified_by_id"],
    "attachments": ["deleted_by_id"],
    "audit_clauses": ["clause_id"],
    "audit_programme_standards": ["standard_id"],
    "audit_programmes": ["approved_by_id"],
    "audit_responses": ["answered_by_id"],
    "audit_standards": ["standard_id"],
    "audit_team_members": ["overridden_by_id"],
    "audits": [
        "department_id",
        "overridden_by_id",
        "process_id",
        "reviewed_by_id",
        "site_id",
        "template_version_id",
    ],
    "capa_findings": ["capa_id"],
    "capa_rounds": ["capa_id", "verified_by_id"],
    "capas": [
        "cause_category_id",
        "department_id",
        "owner_id",
        "process_id",
        "site_id",
        "sponsor_id",
        "verified_by_id",
    ],
    "cause_categories": ["parent_id"],
    "cause_nodes": ["parent_id"],
    "clause_assessments": ["carried_from_id", "clause_id", "owner_id", "site_id"],
    "clause_mappings": [
        "decided_by_id",
        "from_clause_id",
        "from_standard_id",
        "to_clause_id",
        "to_standard_id",
    ],
    "clauses": ["parent_id"],
    "departments": ["parent_id"],
    "evidence_items": ["attachment_id", "collected_by_id", "withdrawn_by_id"],
    "evidence_links": ["decided_by_id"],
    "finding_clauses": ["finding_id"],
    "findings": [
        "audit_id",
        "cause_category_id",
        "contained_by_id",
        "department_id",
        "detected_by_id",
        "owner_id",
        "process_id",
        "repeat_of_id",
        "requested_by_id",
        "response_id",
        "site_id",
        "verified_by_id",
    ],
    "processes": ["department_id", "owner_id", "parent_id"],
    "programme_items": ["clause_id", "department_id", "process_id", "site_id"],
    "question_clauses": ["clause_id"],
    "sites": ["parent_id"],
    "standard_imports": ["standard_id", "supersedes_id"],
    "standards": ["supersedes_id"],
    "template_versions": ["approved_by_id", "submitted_by_id", "template_id"],
    "users": ["department_id", "site_id"],
}
LISTS = {
    "actions": {
        "of_audit": ["audit_id", "position", "id"],
        "of_capa": ["capa_id", "position", "id"],
        "of_finding": ["finding_id", "position", "id"],
    },
    "audit_programmes": {"standing": ["status", "period_end_on"]},
    "audit_responses": {"failed": ["is_failed", "audit_id"]},
    "audit_templates": {"category": ["category", "name", "id"], "register": ["name", "id"]},
    "audits": {"programme": ["programme_item_id"]},
    "capas": {"urgent": ["priority", "due_on", "id"]},
    "cause_categories": {"name_sort": ["name_sort", "id"]},
    "comments": {"of_parent": ["parent_id", "created_at", "id"]},
    "departments": {"name_sort": ["name_sort", "id"]},
    "evidence_items": {"of_record": ["record_id"]},
    "processes": {"name_sort": ["name_sort", "id"]},
    "questions": {"condition": ["visible_if_question_id"]},
    "sections": {"condition": ["visible_if_question_id"]},
    "signatures": {"of_subject": ["subject_id", "signed_at", "id"]},
    "sites": {"name_sort": ["name_sort", "id"]},
    "standards": {"title_sort": ["title_sort", "id"]},
    "template_versions": {"standing": ["status", "created_at", "id"]},
}
CONDITIONAL = {
    "cause_nodes": ("root", "analysis_id", "is_root"),
    "finding_clauses": ("primary", "clause_id", "is_primary"),
}
GLOBAL = {"refresh_tokens": ["account_id", "log_in_id"]}
SET = {  # in place of indexes of all rows
    "actions": [
        ["audit_id", "position", "id"],
        ["capa_id", "position", "id"],
        ["finding_id", "position", "id"],
    ],
    "audits": [["programme_item_id"]],
    "capas": [["sponsor_id"]],
    "cause_categories": [["parent_id"]],
    "cause_nodes": [["parent_id"]],
    "clause_assessments": [["owner_id"], ["site_id"]],
    "clause_mappings": [["from_clause_id"], ["to_clause_id"]],
    "clauses": [["parent_id"]],
    "comments": [["parent_id", "created_at", "id"]],
    "evidence_items": [["attachment_id"], ["record_id"]],
    "findings": [
        *(["audit_id"], ["cause_category_id"], ["department_id"], ["process_id"]),
        *(["repeat_of_id"], ["response_id"], ["site_id"]),
    ],
    "processes": [["owner_id"], ["parent_id"]],
    "questions": [["visible_if_question_id"]],
    "sections": [["visible_if_question_id"]],
}
CHANGED = (
    *("actions", "audit_programmes", "audits", "capas", "clause_mappings", "evidence_links"),
    *("findings", "root_cause_analyses", "standards", "template_versions", "users"),
    *("audit_heads", "idempotency_keys", "reference_counters"),
)


def upgrade() -> None:
    migration_operations.set_timeouts()
    migration_operations.execute_literally((text_key_sql.SORT_KEY_BY_NUMBER,))
    migration_operations.leave_room(*CHANGED)
    with op.get_context().autocommit_block():
        for table, indexes in SET.items():
            for columns in indexes:
                with migration_operations.short_transaction():
                    migration_operations.create_index_of_set(table, *columns)
        for name, table, _, _ in former_indexes():
            with migration_operations.short_transaction():
                op.drop_index(name, table, if_exists=True)


def downgrade() -> None:
    migration_operations.set_timeouts()
    migration_operations.execute_literally((text_key_sql.SORT_KEY_BY_PATTERN,))
    migration_operations.leave_no_room(*CHANGED)
    with op.get_context().autocommit_block():
        for name, table, columns, where in former_indexes():
            condition = None if where is None else sa.text(where)
            with migration_operations.short_transaction():
                op.create_index(
                    name, table, columns, if_not_exists=True, postgresql_where=condition
                )
        for table, indexes in SET.items():
            for first, *_ in indexes:
                with migration_operations.short_transaction():
                    op.drop_index(f"ix_{table}_{first}", table, if_exists=True)


def former_indexes() -> Iterator[tuple[str, str, Sequence[str], str | None]]:
    """Yield name, table, columns and condition of the indexes that go."""
    for table, columns in REFERENCES.items():
        for column in columns:
            name = f"ix_{table}_organization_id_{column}"
            yield name, table, ["organization_id", column], None
    for table, lists in LISTS.items():
        for name, columns in lists.items():
            yield f"ix_{table}_{name}", table, ["organization_id", *columns], None
    for table, (name, column, where) in CONDITIONAL.items():
        yield f"ix_{table}_{name}", table, ["organization_id", column], where
    for table, columns in GLOBAL.items():
        for column in columns:
            yield f"ix_{table}_{column}", table, [column], None
