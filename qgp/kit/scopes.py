"""Which part of a register a role sees: all of it, what is of its place, or what concerns it.

The role of a user with a site or a department holds there and below. What names no place is of the
whole organization, and everybody's.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.kit.model import Record, records
from qgp.kit.policy import Permission, Principal, Role, Rows
from qgp.kit.subjects import POINTS, concerning
from qgp.kit.visibility import readable_rows

SCOPED = (Role.PROCESS_OWNER, Role.EXTERNAL_AUDITOR)


def scoped(model: Any, concerning: Rows) -> Mapping[Role, Rows]:
    """Return what each role sees of records that have a site and a department.

    Args:
        model: its `site_id` and `department_id` tell the place.
        concerning: the condition that a record concerns the caller, wherever it is.
    """

    def of_place(caller: Principal) -> sa.ColumnElement[bool] | None:
        in_place = within(model, caller)
        return None if in_place is None else sa.or_(in_place, _whole(concerning(caller)))

    return {Role.EMPLOYEE: concerning, **dict.fromkeys(SCOPED, of_place)}


def below(column: Any, model: type[Record], read: Permission) -> Mapping[Role, Rows]:
    """Return what each role sees of rows that point at a record: those of records it sees.

    Args:
        column: holds the id of the record.
        model: the record's.
        read: who sees it.
    """

    def of_visible(caller: Principal) -> sa.ColumnElement[bool] | None:
        limits = read.visible(caller)
        if not limits:
            return None
        rows = sa.select(model.id).where(*limits).correlate(None)
        seen: sa.ColumnElement[bool] = column.in_(rows)
        return seen

    return dict.fromkeys(read.rows, of_visible)


def points_at_readable(column: Any, caller: Principal) -> sa.ColumnElement[bool] | None:
    """Return the condition that a column points at a record that the caller may read.

    Args:
        column: of a mapped class.
        caller: who reads; None comes back where nothing that it points at can be hidden.
    """
    info = column.property.columns[0].info
    if info.get(POINTS):
        return concerning(column.class_, caller, column.key.removesuffix("_id"))
    if "ref" not in info:
        return None
    rows = readable_rows(records()[info["ref"]].prefix, caller)
    return None if rows is None else column.in_(rows)


def within(model: Any, caller: Principal) -> sa.ColumnElement[bool] | None:
    """Return the condition that a record is of the caller's place; None for everywhere."""
    places = (
        ("sites", model.site_id, caller.site_id),
        ("departments", model.department_id, caller.department_id),
    )
    ways = [
        sa.or_(column.is_(None), column.in_(_place(table, top, caller)))
        for table, column, top in places
        if top is not None
    ]
    return sa.and_(*ways) if ways else None


def _place(table: str, top: UUID, caller: Principal) -> sa.Select[Any]:
    """Select a place and all places below it."""
    names = ("organization_id", "id", "parent_id")
    place = sa.table(table, *[sa.column(name, sa.Uuid) for name in names])
    in_organization = place.c.organization_id == caller.organization_id
    start = sa.select(place.c.id).where(in_organization, place.c.id == top)
    reached = start.cte("place", recursive=True, nesting=True)
    further = (
        sa.select(place.c.id)
        .join(reached, place.c.parent_id == reached.c.id)
        .where(in_organization)
    )
    return sa.select(reached.union(further).c.id)


def _whole(condition: sa.ColumnElement[bool] | None) -> sa.ColumnElement[bool]:
    return sa.true() if condition is None else condition
