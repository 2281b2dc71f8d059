"""Backup role: reads every row of every table, and changes none."""

import sqlalchemy as sa

BACKUP_ROLE = "qgp_backup"


def grant_backup(connection: sa.Connection) -> str | None:
    """Grant the backup role read access to all tables, with a policy where there is row security.

    Run after every migration, so that it covers new tables. The policy holds only for sessions that
    act as the role (SET ROLE): members of the role see no further rows.

    Returns:
        Instructions for an administrator where the role cannot be created; None otherwise.
    """
    if not _exists(connection):
        if not connection.scalar(sa.text(_MAY_CREATE_ROLES)):
            return _statement(connection)
        user = connection.scalar(sa.text("SELECT quote_ident(current_user)"))
        connection.execute(sa.text(f"CREATE ROLE {BACKUP_ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS"))
        connection.execute(sa.text(f"GRANT {BACKUP_ROLE} TO {user}"))
        connection.commit()
    for table in connection.scalars(sa.text(_UNREADABLE)).all():
        connection.execute(sa.text("SET LOCAL lock_timeout = '5s'"))
        connection.execute(sa.text(f"CREATE POLICY backup_rows ON {table} {_POLICY}"))
        connection.commit()  # each table is locked for a moment alone
    for statement in _GRANTS:
        connection.execute(sa.text(statement))
    connection.commit()
    return None


def _exists(connection: sa.Connection) -> bool:
    role = sa.text("SELECT 1 FROM pg_roles WHERE rolname = :role")
    return connection.scalar(role, {"role": BACKUP_ROLE}) is not None


def _statement(connection: sa.Connection) -> str:
    user = connection.scalar(sa.text("SELECT quote_ident(current_user)"))
    return (
        f"Backups are read as the role {BACKUP_ROLE}, and this database user may not create "
        "roles.\nAsk an administrator to run this one statement, then migrate again:\n\n"
        f"    CREATE ROLE {BACKUP_ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS ROLE {user};\n"
    )


_MAY_CREATE_ROLES = "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
_POLICY = f"FOR SELECT TO {BACKUP_ROLE} USING (current_user = '{BACKUP_ROLE}')"
_GRANTS = (
    f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {BACKUP_ROLE}",
    f"GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO {BACKUP_ROLE}",
)
_UNREADABLE = """
SELECT c.oid::regclass::text FROM pg_class c
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
  AND c.relrowsecurity AND NOT EXISTS (
    SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'backup_rows')
ORDER BY 1
"""
