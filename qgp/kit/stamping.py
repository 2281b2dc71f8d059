"""Stamping: identity, defaults, times and users of pending rows, set before they are written."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.orm.attributes import instance_dict
from sqlalchemy.orm.base import NO_VALUE

from qgp.kit import assignment, clock, ids, imported, reference_numbers, status_history
from qgp.kit.flush import Pending
from qgp.kit.model import Record


def stamp(session: orm.Session, pending: Pending) -> tuple[Sequence[Record], Sequence[Record]]:
    """Set what every new and every changed record has, and return them."""
    scope, at = session.info["scope"], clock.now()
    new = records(pending.new)
    _load_former_values(session, pending)
    _stamp_new(session, new)
    changed = [row for row in records(pending.changed) if session.is_modified(row)]
    assignment.check(session, new, changed)
    reference_numbers.number(session, new)
    for row in changed:
        row.updated_at, row.updated_by_id = at, scope.actor_id
    status_history.note(session, new, changed)
    return new, changed


def _load_former_values(session: orm.Session, pending: Pending) -> None:
    """Read what changed and deleted rows had before, where a rollback to a savepoint expired it."""
    for row in (*pending.changed, *pending.deleted):
        state: Any = sa.inspect(row)
        if state.expired_attributes:
            state.mapper.primary_key_from_instance(row)  # reads all of them
        unknown = [name for name, before in state.committed_state.items() if before is NO_VALUE]
        if unknown:
            columns = [state.mapper.columns[name] for name in unknown]
            is_row = zip(state.mapper.primary_key, state.identity, strict=True)
            statement = sa.select(*columns).where(*[column == value for column, value in is_row])
            state.committed_state |= zip(unknown, session.execute(statement).one(), strict=True)


def _stamp_new(session: orm.Session, rows: Sequence[Record]) -> None:
    """Set what every new record has, and the default values, which the audit trail records."""
    scope, at = session.info["scope"], clock.now()
    stamps = {"created_at": at, "created_by_id": scope.actor_id}
    stamps |= {"updated_at": at, "updated_by_id": scope.actor_id}
    for row in rows:
        values = instance_dict(row)  # a new row has no former values for the ORM to keep
        values["id"] = values.get("id") or ids.uuid7()
        values["organization_id"] = scope.organization_id
        for name, value in _defaults(type(row)):
            values.setdefault(name, value)
        values.update(stamps)
    imported.mark(session, rows)


@cache
def _defaults(kind: type[Record]) -> Sequence[tuple[str, Any]]:
    mapper: Any = sa.inspect(kind)
    columns = ((attribute.key, attribute.columns[0].default) for attribute in mapper.column_attrs)
    return [(name, default.arg) for name, default in columns if default and default.is_scalar]


def records(rows: Any) -> Sequence[Record]:
    """Return the records among some rows."""
    return [row for row in rows if isinstance(row, Record)]
