"""Session guard: SQL by which a statement returns rows only if sign-ins are in force.

Once they were in force in a snapshot, the guard compares the snapshot alone, until anything is
committed. To look them up took half of the CPU of a statement that reads one record. The look-up is
a function, since PostgreSQL prepares the tables of a subquery for each execution, used or not.
"""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from qgp.engine.snapshot import SNAPSHOT
from qgp.kit.access import ORGANIZATION

InForce = Callable[[sa.ColumnElement[Any], sa.ColumnElement[Any]], sa.ColumnElement[Any]]
_CONFIRMED = sa.bindparam("session_snapshot", type_=sa.Text)
_SESSION_IDS = sa.bindparam("session_ids", type_=sa.ARRAY(sa.Uuid))
_STAMPS = sa.bindparam("session_stamps", type_=sa.ARRAY(sa.Text))


class SessionGuard:
    """SQL of the guard; its parameters are the sign-ins of the execution.

    Args:
        in_force: SQL for the stamps of the sign-ins of an organization that are in force.

    Attributes:
        stamps: the stamps that are in force among those of the sign-ins.
    """

    def __init__(self, in_force: InForce) -> None:
        self.stamps = in_force(ORGANIZATION, _SESSION_IDS)

    def added_to(self, statement: sa.Select[Any]) -> sa.Select[Any]:
        """Return the statement with the guard.

        Its last column is the snapshot in which the sign-ins were in force; null if that has been
        confirmed before.
        """
        is_confirmed = _CONFIRMED == SNAPSHOT
        in_force = sa.or_(is_confirmed, self.stamps.op("@>")(_STAMPS))
        snapshot = sa.select(sa.case((is_confirmed, sa.null()), else_=SNAPSHOT))
        return statement.where(in_force).add_columns(snapshot.scalar_subquery())
