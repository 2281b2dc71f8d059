"""Row security of tables, in SQL.

Migrations call these functions, so the SQL that one of them emits never changes: a new rule is a
new function and a new migration.
"""

from collections.abc import Sequence

from qgp.kit.runtime_role import RUNTIME_ROLE

OWN = "organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid)"
_MINE = "account_id = (SELECT nullif(current_setting('app.account_id', true), '')::uuid)"


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


def kept(table: str, *, by: str, days: int) -> Sequence[str]:
    """Hide rows younger than some days from DELETE, which skips them without an error."""
    return (
        f"CREATE POLICY kept ON {table} AS RESTRICTIVE FOR DELETE "
        f"USING ({by} < now() - interval '{days} days')",
    )
