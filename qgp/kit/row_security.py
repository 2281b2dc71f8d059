"""Row security of every table, triggers of the audit trail, and the runtime role, in SQL.

Migrations call these functions, so the SQL that one of them emits never changes: a new rule is a
new function and a new migration.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError

from qgp.kit.session import RUNTIME_ROLE

OWN = "organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid)"
_MINE = "account_id = (SELECT nullif(current_setting('app.account_id', true), '')::uuid)"

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


def own_rows(table: str, *, grants: str = "SELECT, INSERT, UPDATE, DELETE") -> Sequence[str]:
    """Limit a table's rows to their organization, also for the table's owner."""
    return (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY own_rows ON {table} USING ({OWN}) WITH CHECK ({OWN})",
        f"GRANT {grants} ON {table} TO {RUNTIME_ROLE}",
    )


def own_account(table: str, *, act: str = "SELECT") -> Sequence[str]:
    """Show the rows of their account to a person who has not chosen an organization yet."""
    return (f"CREATE POLICY own_account ON {table} FOR {act} USING ({_MINE})",)


def own_memberships(table: str) -> Sequence[str]:
    """Show a person the organizations in which their account has a user."""
    member = f"EXISTS (SELECT 1 FROM users u WHERE u.organization_id = {table}.id AND u.{_MINE})"
    return (f"CREATE POLICY own_memberships ON {table} FOR SELECT USING ({member})",)


def known_by_name(table: str) -> Sequence[str]:
    """Show the operator the organization with the slug that the transaction sets."""
    named = "slug = (SELECT nullif(current_setting('app.slug', true), ''))"
    return (f"CREATE POLICY known_by_name ON {table} FOR SELECT USING ({named})",)


def known_to_operator(table: str) -> Sequence[str]:
    """Show every organization to the operator's commands; no request sets `app.operator`."""
    asks = "(SELECT current_setting('app.operator', true)) = 'on'"
    return (f"CREATE POLICY known_to_operator ON {table} FOR SELECT USING ({asks})",)


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


def kept(table: str, *, by: str, days: int) -> Sequence[str]:
    """Hide rows younger than some days from DELETE, which skips them without an error."""
    return (
        f"CREATE POLICY kept ON {table} AS RESTRICTIVE FOR DELETE "
        f"USING ({by} < now() - interval '{days} days')",
    )


def record(table: str) -> Sequence[str]:
    """Return the row security and trigger of a `Record`'s table."""
    return (*own_rows(table), *recorded(table))


def create_role(connection: sa.Connection) -> None:
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


def _instructions(problem: str, statement: str) -> str:
    return (
        f"The platform runs as the role {RUNTIME_ROLE}, and this database user {problem}.\n"
        f"Ask an administrator to run this one statement, then migrate again:\n\n    {statement}\n"
    )


@dataclass(frozen=True)
class RowSecurityStatus:
    """State of row security in the database.

    Attributes:
        strong_role: whether the runtime role, or one that it may become, bypasses row security;
            None where the role is missing.
        open_tables: tables of organizations without forced row security.
        owned_tables: tables that the runtime role owns, or may become the owner of.
        login_owns_tables: whether the user who connects owns tables.
    """

    strong_role: bool | None
    open_tables: Sequence[str]
    owned_tables: Sequence[str]
    login_owns_tables: bool

    @property
    def complaint(self) -> str | None:
        """The defect, as a sentence; None where there is none."""
        if self.strong_role is None:
            return f"There is no role {RUNTIME_ROLE}: the migrations have not run here."
        if self.strong_role:
            return f"The role {RUNTIME_ROLE} is a superuser or bypasses row level security."
        if self.owned_tables:
            named = ", ".join(self.owned_tables)
            return f"The role {RUNTIME_ROLE} owns, or may become the owner of: {named}."
        if self.open_tables:
            return f"No forced row level security on: {', '.join(self.open_tables)}."
        return None


def inspect(connection: sa.Connection) -> RowSecurityStatus:
    """Return the state of row security: the runtime role, and the tables of organizations."""
    role, owned = {"role": RUNTIME_ROLE}, sa.text(_OWNED)
    user = connection.scalar(sa.text("SELECT current_user"))
    return RowSecurityStatus(
        strong_role=connection.scalar(sa.text(_STRONG), role),
        open_tables=connection.scalars(sa.text(_OPEN)).all(),
        owned_tables=connection.scalars(owned, role).all(),
        login_owns_tables=bool(connection.scalars(owned, {"role": user}).all()),
    )


_STRONG = """
SELECT bool_or(other.rolsuper OR other.rolbypassrls) FROM pg_roles role
JOIN pg_roles other ON pg_has_role(role.oid, other.oid, 'MEMBER') WHERE role.rolname = :role
"""
_OWNED = """
SELECT c.relname FROM pg_class c JOIN pg_roles role ON pg_has_role(role.oid, c.relowner, 'MEMBER')
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND role.rolname = :role
ORDER BY 1
"""
_OPEN = """
SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
  AND a.attname = 'organization_id' AND NOT a.attisdropped
  AND NOT (c.relrowsecurity AND c.relforcerowsecurity
    AND EXISTS (SELECT 1 FROM pg_policy p
      WHERE p.polrelid = c.oid AND p.polname <> 'backup_rows'))
ORDER BY 1
"""
