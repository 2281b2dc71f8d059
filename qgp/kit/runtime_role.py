"""Runtime role: the database role as which the application runs; row security holds for it."""

import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError

RUNTIME_ROLE = "qgp_app"
_USER_MAY_BECOME = """
SELECT rolsuper OR pg_has_role(oid, :role,
  CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END)
FROM pg_roles WHERE rolname = :user
"""
_MAY_BECOME = """
SELECT rolsuper OR pg_has_role(current_user, :role,
  CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END)
FROM pg_roles WHERE rolname = current_user
"""


def create(connection: sa.Connection) -> None:
    """Create the runtime role and grant it to the migrating user.

    Raises:
        SystemExit: the user may not; the message has the statement for an administrator.
    """
    user = connection.scalar(sa.text("SELECT quote_ident(current_user)"))
    exists = sa.text("SELECT 1 FROM pg_roles WHERE rolname = :role")
    if connection.scalar(exists, {"role": RUNTIME_ROLE}) is None:
        may = "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
        if not connection.scalar(sa.text(may)):
            statement = f"CREATE ROLE {RUNTIME_ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS ROLE {user};"
            raise SystemExit(_instructions("may not create roles", statement))
        connection.execute(sa.text(f"CREATE ROLE {RUNTIME_ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS"))
        connection.execute(sa.text(f"GRANT {RUNTIME_ROLE} TO {user}"))
    if not connection.scalar(sa.text(_MAY_BECOME), {"role": RUNTIME_ROLE}):
        raise SystemExit(_instructions("may not become it", f"GRANT {RUNTIME_ROLE} TO {user};"))


def admit(connection: sa.Connection, user: str) -> str | None:
    """Grant the runtime role to the application's user, if that is not the migrating one.

    Returns:
        Instructions for an administrator where that is impossible; None otherwise.
    """
    name = connection.scalar(sa.text("SELECT quote_ident(:user)"), {"user": user})
    if user == connection.scalar(sa.text("SELECT current_user")):
        return None
    may = connection.scalar(sa.text(_USER_MAY_BECOME), {"user": user, "role": RUNTIME_ROLE})
    if may is None:
        statement = f"CREATE ROLE {name} LOGIN PASSWORD '…' IN ROLE {RUNTIME_ROLE};"
        return _statement_for(user, "does not exist on the server", statement)
    if may:
        return None
    grant = f"GRANT {RUNTIME_ROLE} TO {name}"
    try:
        with connection.begin_nested():
            connection.execute(sa.text(grant))
    except ProgrammingError:
        return _statement_for(user, f"may not act as {RUNTIME_ROLE}", f"{grant};")
    return None


def _statement_for(user: str, problem: str, statement: str) -> str:
    return (
        f"The user {user} of DATABASE_URL {problem}.\n"
        f"Ask an administrator to run this one statement:\n\n    {statement}\n"
    )


def _instructions(problem: str, statement: str) -> str:
    return (
        f"The platform runs as the role {RUNTIME_ROLE}, and this database user {problem}.\n"
        f"Ask an administrator to run this one statement, then migrate again:\n\n    {statement}\n"
    )
