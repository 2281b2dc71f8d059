"""Row scopes of roles: all records, those of a site or department, or those of concern.

The role of a user with a site or a department is limited to it and its descendants. Records without
a site or department belong to the whole organization and are visible to all.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.kit.model import Record, records
from qgp.kit.policy import (
    Permission,
    Principal,
    Role,
    Rows,
    kept,
    readable_ids,
    readable_ids_cte,
)
from qgp.kit.subjects import POINTS, concerning
from qgp.kit.visibility import NODES

SCOPED = (Role.PROCESS_OWNER, Role.EXTERNAL_AUDITOR)


def scoped(model: Any, concerning: Rows | None = None) -> Mapping[Role, Rows]:
    """Return the row scopes of records that have a site and a department.

    Args:
        model: has columns `site_id` and `department_id`.
        concerning: returns the condition that a record concerns the caller, at any site; None
            where that is limited elsewhere.
    """
    if concerning is None:
        return dict.fromkeys(SCOPED, partial(_within, model))

    def of_place(caller: Principal) -> sa.ColumnElement[bool] | None:
        in_place = _within(model, caller)
        return None if in_place is None else sa.or_(in_place, _whole(concerning(caller)))

    return {Role.EMPLOYEE: concerning, **dict.fromkeys(SCOPED, of_place)}


def below(column: Any, model: type[Record], read: Permission) -> Mapping[Role, Rows]:
    """Return the row scopes of rows that point at a record: those of visible records.

    Args:
        column: holds the id of the record.
        model: of the record.
        read: the permission to read the record.
    """

    def of_visible(caller: Principal) -> sa.ColumnElement[bool] | None:
        rows = readable_ids(model, read, caller)
        return None if rows is None else column.in_(rows)

    return dict.fromkeys(read.rows, of_visible)


def points_at_readable(column: Any, caller: Principal) -> sa.ColumnElement[bool] | None:
    """Return the condition that a column points at a record that the caller may read.

    Args:
        column: of a mapped class.
        caller: the signed-in user.

    Returns:
        None where no record that it points at can be hidden.
    """
    info = column.property.columns[0].info
    if info.get(POINTS):
        return concerning(column.class_, caller, column.key.removesuffix("_id"))
    if "ref" not in info:
        return None
    loader = NODES[records()[info["ref"]].prefix]
    if not caller.may(loader.read):
        return sa.false()
    rows = readable_ids_cte(loader.model, loader.read, caller)
    return None if rows is None else column.in_(rows)


def _within(model: Any, caller: Principal) -> sa.ColumnElement[bool] | None:
    """Return the condition that a record is in the caller's site and department; None for all."""
    places = (
        ("sites", model.site_id, caller.site_id),
        ("departments", model.department_id, caller.department_id),
    )
    conditions = [
        sa.or_(
            column.is_(None), column.in_(kept(caller, table, partial(_place, table, top, caller)))
        )
        for table, column, top in places
        if top is not None
    ]
    return sa.and_(*conditions) if conditions else None


def _place(table: str, top: UUID, caller: Principal) -> sa.Select[Any]:
    """Select a site or department and all below it."""
    names = ("organization_id", "id", "parent_id")
    place = sa.table(table, *[sa.column(name, sa.Uuid) for name in names])
    in_organization = place.c.organization_id == caller.organization_id
    start = sa.select(place.c.id).where(in_organization, place.c.id == top)
    reached = start.cte(recursive=True)
    further = (
        sa.select(place.c.id)
        .join(reached, place.c.parent_id == reached.c.id)
        .where(in_organization)
    )
    return sa.select(reached.union(further).c.id)


def _whole(condition: sa.ColumnElement[bool] | None) -> sa.ColumnElement[bool]:
    return sa.true() if condition is None else condition
