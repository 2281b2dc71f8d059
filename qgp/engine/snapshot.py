"""Snapshot of a statement: the commits that it sees. Rows read in an equal one are current."""

import sqlalchemy as sa

# One server's snapshot; another one, after a loss of commits, may give a number a second time.
SNAPSHOT: sa.ColumnElement[str] = sa.literal_column(
    "concat(pg_postmaster_start_time(), pg_current_snapshot())", sa.Text
)
