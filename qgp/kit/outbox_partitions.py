"""Partitions of the outbox, one for each day of UTC, in SQL.

Migrations call these functions, so the SQL that one of them emits never changes.
"""

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from qgp.kit import row_security
from qgp.kit.backup_access import BACKUP_ROLE
from qgp.kit.runtime_role import RUNTIME_ROLE

DAYS_AHEAD = 3
_OPERATES = "(SELECT current_setting('app.operator', true)) = 'on'"

# Rows of a day that has no partition, since none was created in time, are in the default one.
# A partition for such a day cannot be created any more.
_RENEW = f"""
CREATE FUNCTION renew_outbox_partitions(today date, days_ahead integer, days_kept integer)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  day date; part regclass; name text;
BEGIN
  FOR day IN SELECT today + n FROM generate_series(0, days_ahead) n LOOP
    name := 'outbox_events_' || to_char(day, 'YYYYMMDD');
    CONTINUE WHEN to_regclass(name) IS NOT NULL;
    BEGIN
      EXECUTE format('CREATE TABLE %I PARTITION OF outbox_events FOR VALUES FROM (%L) TO (%L)',
        name, day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC');
      EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
      EXECUTE format('CREATE POLICY own_rows ON %I USING ({{own}}) WITH CHECK ({{own}})', name);
      IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{BACKUP_ROLE}') THEN
        EXECUTE format('CREATE POLICY backup_rows ON %I FOR SELECT TO {BACKUP_ROLE} '
          'USING (current_user = ''{BACKUP_ROLE}'')', name);
        EXECUTE format('GRANT SELECT ON %I TO {BACKUP_ROLE}', name);
      END IF;
    EXCEPTION WHEN check_violation THEN NULL;
    END;
  END LOOP;
  FOR part, name IN
    SELECT inhrelid, inhrelid::regclass::text FROM pg_inherits
    WHERE inhparent = 'outbox_events'::regclass
  LOOP
    IF right(name, 8) < to_char(today - days_kept, 'YYYYMMDD') AND right(name, 8) ~ '^[0-9]+$' THEN
      EXECUTE format('DROP TABLE %s', part);
    END IF;
  END LOOP;
  PERFORM set_config('app.operator', 'on', true);
  DELETE FROM outbox_events_default WHERE recorded_at < (today - days_kept)::timestamp;
  PERFORM set_config('app.operator', '', true);
END $$
"""  # noqa: S608 - the only values are names of roles


def create_partitions() -> Sequence[str]:
    """Return the statements that create the default partition, and the function for the others."""
    condition = row_security.OWN.replace("'", "''")
    return (
        "CREATE TABLE outbox_events_default PARTITION OF outbox_events DEFAULT",
        *row_security.own_rows("outbox_events_default", grants="SELECT"),
        *row_security.known_to_operator("outbox_events_default"),
        f"CREATE POLICY expired ON outbox_events_default FOR DELETE USING ({_OPERATES})",
        _RENEW.replace("{own}", condition),
        "REVOKE ALL ON FUNCTION renew_outbox_partitions FROM PUBLIC",
        f"GRANT EXECUTE ON FUNCTION renew_outbox_partitions TO {RUNTIME_ROLE}",
        f"SELECT renew_outbox_partitions((now() AT TIME ZONE 'UTC')::date, {DAYS_AHEAD}, 30)",
    )


async def renew_partitions(session: AsyncSession, today: date, *, days_kept: int) -> None:
    """Create the partitions of the next days, and drop those past the retention.

    Args:
        session: a transaction that writes.
        today: the day of UTC.
        days_kept: days that an event is kept.
    """
    renew = sa.func.renew_outbox_partitions(today, DAYS_AHEAD, days_kept)
    await session.execute(sa.select(renew))
