"""Row security status: whether the database separates the organizations, with the defect if not."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from qgp.kit.runtime_role import RUNTIME_ROLE

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
