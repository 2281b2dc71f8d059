"""Stamping: identity, defaults, times and users of pending rows, set before they are written."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.orm.base import NO_VALUE

from qgp.kit import assignment, clock, ids, imported, reference_numbers, status_history
from qgp.kit.model import Record


def stamp(session: orm.Session) -> tuple[Sequence[Record], Sequence[Record]]:
    """Set what every new and every changed record has, and return them."""
    scope, at = session.info["scope"], clock.now()
    new = records(session.new)
    _load_former_values(session)
    _stamp_new(session, new)
    changed = [row for row in records(session.dirty) if session.is_modified(row)]
    assignment.check(session, new, changed)
    reference_numbers.number(session, new)
    for row in changed:
        row.updated_at, row.updated_by_id = at, scope.actor_id
    status_history.note(session, new, changed)
    return new, changed


def _load_former_values(session: orm.Session) -> None:
    """Read what changed and deleted rows had before, where a rollback to a savepoint expired it."""
    for row in (*session.dirty, *session.deleted):
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
    """Set what every new record has."""
    scope, at = session.info["scope"], clock.now()
    for row in rows:
        row.id = row.id or ids.uuid7()
        row.organization_id = scope.organization_id
        _set_defaults(row)
        row.created_at, row.created_by_id = at, scope.actor_id
        row.updated_at, row.updated_by_id = at, scope.actor_id
    imported.mark(session, rows)


def _set_defaults(row: Record) -> None:
    """Set the default values of a new row, so that the audit trail records them."""
    for name, value in _defaults(type(row)):
        if name not in sa.inspect(row).dict:
            setattr(row, name, value)


@cache
def _defaults(kind: type[Record]) -> Sequence[tuple[str, Any]]:
    mapper: Any = sa.inspect(kind)
    columns = ((attribute.key, attribute.columns[0].default) for attribute in mapper.column_attrs)
    return [(name, default.arg) for name, default in columns if default and default.is_scalar]


def records(rows: Any) -> Sequence[Record]:
    """Return the records among some rows."""
    return [row for row in rows if isinstance(row, Record)]
