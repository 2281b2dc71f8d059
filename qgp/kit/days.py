"""Calendar days in SQL."""

from datetime import date

import sqlalchemy as sa

_ORGANIZATIONS = sa.table(
    "organizations", sa.column("id", sa.Uuid()), sa.column("time_zone", sa.Text())
)
_OWN = sa.literal_column("nullif(current_setting('app.organization_id', true), '')::uuid", sa.Uuid)


def today() -> sa.ColumnElement[date]:
    """Return the present day where the organization of the transaction is, once for all rows."""
    zone = sa.select(_ORGANIZATIONS.c.time_zone).where(_ORGANIZATIONS.c.id == _OWN)
    return sa.cast(sa.func.timezone(zone.scalar_subquery(), sa.func.now()), sa.Date)
