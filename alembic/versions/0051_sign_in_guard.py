"""Let a transaction begin only while the sign-in of its user is in force."""

from qgp.kit import migration_operations

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

GUARD = """
CREATE FUNCTION require_sign_in(sign_in uuid, stamp text) RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
  PERFORM 1 FROM log_ins l
    JOIN users u ON u.organization_id = l.organization_id AND u.id = l.user_id
    JOIN organizations o ON o.id = l.organization_id
    WHERE l.id = sign_in AND l.revoked_at IS NULL AND concat(u.version, '.', o.version) = stamp;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'sign-in % has ended or changed', sign_in USING ERRCODE = 'QG004';
  END IF;
END $$
"""


def upgrade() -> None:
    migration_operations.set_timeouts()
    migration_operations.execute((GUARD,))


def downgrade() -> None:
    migration_operations.set_timeouts()
    migration_operations.execute(("DROP FUNCTION require_sign_in",))
