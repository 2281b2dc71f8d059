"""Keep the keys by which texts are searched and ordered beside them.

Rows of before get theirs batch by batch, and each index is built for itself, so that nobody waits
for a lock longer than that takes. What broke off is carried on when it is run again.
"""

from alembic import op

from qgp.kit import migration_operations, text_key_sql
from qgp.kit.text_key_sql import keys

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

KEYS = {
    "actions": keys(sorted=["reference", "title"]),
    "attachments": keys(["caption"], ["filename"]),
    "audit_programmes": keys(sorted=["reference", "title"]),
    "audit_team_members": keys(["override_reason"]),
    "audit_templates": keys(sorted=["reference", "name"]),
    "audits": keys(["scope", "external_body"], ["reference", "title"]),
    "capas": keys(
        ["problem_statement", "root_cause_summary", "source_justification", "supplier_name"],
        ["reference", "title"],
    ),
    "cause_categories": keys(sorted=["code", "name"]),
    "cause_nodes": keys(sorted=["text"]),
    "clauses": keys(["number", "summary", "text"], ["title"]),
    "comments": keys(["body"]),
    "departments": keys(sorted=["code", "name"]),
    "evidence_items": keys(sorted=["reference", "title"]),
    "findings": keys(["statement"], ["reference", "title"]),
    "processes": keys(sorted=["code", "name"]),
    "programme_items": keys(["note"]),
    "question_options": keys(["label"], ["key"]),
    "questions": keys(sorted=["text"]),
    "sample_items": keys(["reference"]),
    "sections": keys(sorted=["title"]),
    "sites": keys(sorted=["code", "name"]),
    "standards": keys(
        ["family_code"],
        ["title", "code"],
        computed={"code": "NEW.family_code || ':' || NEW.edition"},
    ),
    "users": keys(sorted=["name", "email"]),
}
# Lists below one record only: they are short.
UNINDEXED = {"cause_nodes", "question_options", "questions", "sections"}


def upgrade() -> None:
    migration_operations.set_timeouts()
    migration_operations.execute_literally(text_key_sql.functions())
    for table, made in KEYS.items():
        migration_operations.add_text_keys(table, made)
    with op.get_context().autocommit_block():
        for table, made in KEYS.items():
            migration_operations.fill_text_keys(table, made)
        for table in KEYS.keys() - UNINDEXED:
            migration_operations.index_sort_keys(table, KEYS[table])


def downgrade() -> None:
    migration_operations.set_timeouts()
    for table, made in KEYS.items():
        migration_operations.drop_text_keys(table, made)
    op.execute("DROP FUNCTION sort_key(text), search_key(text)")
