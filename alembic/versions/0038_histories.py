"""Let the history of a record contain the entries of its links and other parts.

Entries of before get the record that their part belongs to batch by batch. A trigger does the same
for entries that the previous release writes; the next release can drop it.
"""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

TABLE = "audit_entries"
INDEX = "ix_audit_entries_history"
HISTORY_OF = """(
CASE
    WHEN part_of_id IS NULL THEN entity_id
    ELSE part_of_id
END)"""
PARTS = {
    "action_dependencies": "action_id",
    "audit_auditees": "audit_id",
    "audit_clauses": "audit_id",
    "audit_programme_standards": "programme_id",
    "audit_standards": "audit_id",
    "audit_team_members": "audit_id",
    "capa_findings": "capa_id",
    "cause_nodes": "analysis_id",
    "comment_mentions": "comment_id",
    "evidence_links": "evidence_id",
    "finding_clauses": "finding_id",
    "programme_items": "programme_id",
    "question_clauses": "question_id",
    "question_options": "question_id",
    "sample_items": "sample_set_id",
}
_KINDS = ", ".join(f"'{table}'" for table in PARTS)
_COLUMN = "CASE {row}.entity " + " ".join(f"WHEN '{t}' THEN '{c}'" for t, c in PARTS.items())
_OWNER = "CAST({row}.changes -> (" + _COLUMN + " END) ->> 1 AS uuid)"
TRIGGER = (
    f"""
CREATE OR REPLACE FUNCTION entry_of_part() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.entity_version = 1 THEN
    NEW.part_of_id := {_OWNER.format(row="NEW")};
  ELSE
    SELECT e.part_of_id INTO NEW.part_of_id FROM audit_entries e
    WHERE e.organization_id = NEW.organization_id AND e.entity = NEW.entity
      AND e.entity_id = NEW.entity_id AND e.entity_version = 1;
  END IF;
  RETURN NEW;
END $$
""",  # noqa: S608 - constants
    f"""
CREATE OR REPLACE TRIGGER entry_of_part BEFORE INSERT ON {TABLE} FOR EACH ROW
WHEN (NEW.part_of_id IS NULL AND NEW.entity IN ({_KINDS})) EXECUTE FUNCTION entry_of_part()
""",
)
FILL = f"""
WITH batch AS (
  SELECT organization_id, seq, entity, entity_id FROM {TABLE}
  WHERE (organization_id, seq) > (CAST(:organization_id AS uuid), CAST(:seq AS bigint))
  ORDER BY organization_id, seq LIMIT 5000
), filled AS (
  UPDATE {TABLE} SET part_of_id = {_OWNER.format(row="creation")}
  FROM batch JOIN {TABLE} AS creation USING (organization_id, entity, entity_id)
  WHERE {TABLE}.organization_id = batch.organization_id AND {TABLE}.seq = batch.seq
    AND creation.entity_version = 1 AND batch.entity IN ({_KINDS})
)
SELECT organization_id, seq FROM batch ORDER BY organization_id DESC, seq DESC LIMIT 1
"""  # noqa: S608 - constants


def upgrade() -> None:
    migration_operations.set_timeouts()
    op.add_column(TABLE, sa.Column("part_of_id", sa.Uuid()), if_not_exists=True)
    migration_operations.execute_literally(TRIGGER)
    with op.get_context().autocommit_block():
        reached: Any = {"organization_id": UUID(int=0), "seq": 0}
        while reached is not None:
            with (
                migration_operations.short_transaction(),
                migration_operations.without_triggers(TABLE),
            ):
                row = op.get_bind().execute(sa.text(FILL), reached).mappings().one_or_none()
            reached = None if row is None else dict(row)
        with migration_operations.short_transaction():
            columns = (sa.text("organization_id"), sa.text(HISTORY_OF), sa.text("seq"))
            op.create_index(INDEX, TABLE, columns, if_not_exists=True)


def downgrade() -> None:
    migration_operations.set_timeouts()
    op.drop_index(INDEX, TABLE)
    op.execute(f"DROP TRIGGER entry_of_part ON {TABLE}")
    op.execute("DROP FUNCTION entry_of_part()")
    op.drop_column(TABLE, "part_of_id")
