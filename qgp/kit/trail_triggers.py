"""Triggers of the audit trail, and of tables that only grow, in SQL.

Migrations use these functions and texts, so the SQL of one of them never changes: a new rule is a
new function and a new migration.
"""

from collections.abc import Sequence

TRAIL_FUNCTIONS = (
    """
CREATE FUNCTION change_has_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  org uuid; record uuid; reached integer;
BEGIN
  IF TG_OP = 'DELETE' THEN
    org := OLD.organization_id; record := OLD.id; reached := OLD.version + 1;
  ELSE
    org := NEW.organization_id; record := NEW.id; reached := NEW.version;
    IF (TG_OP = 'INSERT' AND reached <> 1) OR (TG_OP = 'UPDATE' AND reached <> OLD.version + 1) THEN
      RAISE EXCEPTION '% % skips a version', TG_TABLE_NAME, record USING ERRCODE = 'QG001';
    END IF;
  END IF;
  PERFORM 1 FROM audit_entries e WHERE e.organization_id = org
    AND e.entity = TG_TABLE_NAME AND e.entity_id = record AND e.entity_version = reached;
  IF NOT FOUND THEN
    RAISE EXCEPTION '% % changed without an audit entry', TG_TABLE_NAME, record
      USING ERRCODE = 'QG001';
  END IF;
  RETURN NULL;
END $$
""",
    """
CREATE FUNCTION entry_has_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  reached integer;
BEGIN
  EXECUTE format('SELECT version FROM %I WHERE organization_id = $1 AND id = $2', NEW.entity)
    INTO reached USING NEW.organization_id, NEW.entity_id;
  IF reached >= NEW.entity_version OR (reached IS NULL AND EXISTS (
      SELECT 1 FROM audit_entries e WHERE e.organization_id = NEW.organization_id
        AND e.entity = NEW.entity AND e.entity_id = NEW.entity_id
        AND e.entity_version >= NEW.entity_version AND e.changes ? 'deleted'))
  THEN
    RETURN NULL;
  END IF;
  RAISE EXCEPTION 'audit entry % tells of no change', NEW.seq USING ERRCODE = 'QG001';
END $$
""",
    """
CREATE FUNCTION only_append() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'QG002';
END $$
""",
)

# As in TRAIL_FUNCTIONS; and a row may get its number later in the transaction that inserted it,
# without a version of its own, if the entry of its first version names that number.
NUMBERING_FUNCTIONS = (
    """
CREATE OR REPLACE FUNCTION change_has_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  org uuid; record uuid; reached integer; number text;
  keys text[] := ARRAY['reference', 'reference_search', 'reference_sort'];
BEGIN
  IF TG_OP = 'DELETE' THEN
    org := OLD.organization_id; record := OLD.id; reached := OLD.version + 1;
  ELSIF TG_OP = 'UPDATE' AND NEW.version = OLD.version
    AND to_jsonb(OLD) ->> 'reference' = '#' || OLD.id
    AND to_jsonb(NEW) - keys = to_jsonb(OLD) - keys
  THEN
    org := NEW.organization_id; record := NEW.id; reached := 1;
    number := to_jsonb(NEW) ->> 'reference';
  ELSE
    org := NEW.organization_id; record := NEW.id; reached := NEW.version;
    IF (TG_OP = 'INSERT' AND reached <> 1) OR (TG_OP = 'UPDATE' AND reached <> OLD.version + 1) THEN
      RAISE EXCEPTION '% % skips a version', TG_TABLE_NAME, record USING ERRCODE = 'QG001';
    END IF;
  END IF;
  PERFORM 1 FROM audit_entries e WHERE e.organization_id = org
    AND e.entity = TG_TABLE_NAME AND e.entity_id = record AND e.entity_version = reached
    AND (number IS NULL OR e.changes -> 'reference' ->> 1 = number);
  IF NOT FOUND THEN
    RAISE EXCEPTION '% % changed without an audit entry', TG_TABLE_NAME, record
      USING ERRCODE = 'QG001';
  END IF;
  RETURN NULL;
END $$
""",
)

REDACTION_FUNCTIONS = (
    """
CREATE FUNCTION removal_is_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM audit_entries e WHERE e.organization_id = OLD.organization_id
    AND e.entity = OLD.entity AND e.entity_id = OLD.entity_id
    AND e.entity_version > OLD.entity_version
    AND e.changes -> 'redacted' -> 1 ? OLD.field;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'a text of % % was removed without an audit entry', OLD.entity, OLD.entity_id
      USING ERRCODE = 'QG001';
  END IF;
  RETURN NULL;
END $$
""",
)


def recorded(table: str) -> Sequence[str]:
    """Refuse, at commit, a change of this table without an entry in the audit trail."""
    return (
        f"CREATE CONSTRAINT TRIGGER change_has_entry AFTER INSERT OR UPDATE OR DELETE ON {table} "
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION change_has_entry()",
    )


def changes_required(table: str) -> Sequence[str]:
    """Refuse, at commit, an entry of the audit trail without a change."""
    return (
        f"CREATE CONSTRAINT TRIGGER entry_has_change AFTER INSERT ON {table} "
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION entry_has_change()",
    )


def append_only(table: str) -> Sequence[str]:
    """Refuse to change or delete rows, for every role."""
    return (
        f"CREATE TRIGGER only_append BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION only_append()",
        f"CREATE TRIGGER only_append_all BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION only_append()",
    )


def redactable(table: str) -> Sequence[str]:
    """Refuse to change a redactable text, and, at commit, a deletion without an entry."""
    return (
        f"CREATE TRIGGER only_append BEFORE UPDATE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION only_append()",
        f"CREATE TRIGGER only_append_all BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION only_append()",
        f"CREATE CONSTRAINT TRIGGER removal_is_told AFTER DELETE ON {table} "
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION removal_is_told()",
    )
