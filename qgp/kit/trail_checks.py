"""Check of the database that each entry of the audit trail has its change.

The deferred trigger `entry_has_change` looks the record up in the table that the entry names. A
statement for a table named at run time is parsed and planned each time, which took a tenth of a
millisecond of every command: the function has a statement of its own for each table of records,
planned once in a session, and the one named at run time for a table that it does not know yet.
"""

import sqlalchemy as sa

_RECORDED = """
SELECT tgrelid::regclass::text FROM pg_trigger
WHERE tgname = 'change_has_entry' AND NOT tgisinternal ORDER BY 1
"""
_PRESENT = "SELECT prosrc FROM pg_proc WHERE oid = to_regprocedure('entry_has_change()')"
_CASE = """
  WHEN '{table}' THEN
    SELECT version INTO reached FROM {table}
    WHERE organization_id = NEW.organization_id AND id = NEW.entity_id;"""
_BODY = """
DECLARE
  reached integer;
BEGIN
  CASE NEW.entity{cases}
  ELSE
    EXECUTE format('SELECT version FROM %I WHERE organization_id = $1 AND id = $2', NEW.entity)
      INTO reached USING NEW.organization_id, NEW.entity_id;
  END CASE;
  IF reached >= NEW.entity_version OR (reached IS NULL AND EXISTS (
      SELECT 1 FROM audit_entries e WHERE e.organization_id = NEW.organization_id
        AND e.entity = NEW.entity AND e.entity_id = NEW.entity_id
        AND e.entity_version >= NEW.entity_version AND e.changes ? 'deleted'))
  THEN
    RETURN NULL;
  END IF;
  RAISE EXCEPTION 'audit entry % tells of no change', NEW.seq USING ERRCODE = 'QG001';
END """
_REPLACE = """
CREATE OR REPLACE FUNCTION entry_has_change() RETURNS trigger LANGUAGE plpgsql AS $${body}$$
"""


def renew_entry_check(connection: sa.Connection) -> None:
    """Write the function anew where it lacks a table of records.

    Run after every migration, so that it knows new tables.
    """
    present = connection.scalar(sa.text(_PRESENT))
    tables = connection.scalars(sa.text(_RECORDED)).all()
    body = _BODY.format(cases="".join(_CASE.format(table=table) for table in tables))
    if present is not None and tables and present != body:
        connection.exec_driver_sql(_REPLACE.format(body=body))
    connection.commit()
