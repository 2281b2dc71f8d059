"""Compute the stamps of sign-ins in a function: where it is not called, its tables cost nothing."""

from qgp.kit import migration_operations

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None

STAMPS = """
CREATE FUNCTION stamps_in_force(organization uuid, sign_ins uuid[]) RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN ARRAY(
    SELECT concat(l.id, ' ', u.version, '.', o.version) FROM log_ins l
    JOIN users u ON u.organization_id = l.organization_id AND u.id = l.user_id
    JOIN organizations o ON o.id = l.organization_id
    WHERE l.organization_id = organization AND l.id = ANY (sign_ins) AND l.revoked_at IS NULL
  );
END $$
"""


def upgrade() -> None:
    migration_operations.set_timeouts()
    migration_operations.execute((STAMPS,))


def downgrade() -> None:
    migration_operations.set_timeouts()
    migration_operations.execute(("DROP FUNCTION stamps_in_force",))
