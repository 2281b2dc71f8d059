"""Statements over pending work (`kit.pending_work`): one for all kinds of work."""

from collections.abc import Sequence
from typing import Any, ClassVar

import sqlalchemy as sa

from qgp.kit import sql_dates
from qgp.kit.listing import Key, key_names, paginated, reordered
from qgp.kit.pending_work import WorkKind
from qgp.kit.policy import Principal


class WorkItem:
    """Columns of the statement, which filter and order compare."""

    kind: ClassVar = sa.column("kind", sa.Text())
    id: ClassVar = sa.column("id", sa.Uuid())
    due_on: ClassVar = sa.column("due_on", sa.Date())
    is_overdue: ClassVar = sql_dates.is_past(due_on)


KEYS = (Key(WorkItem.due_on, nullable=True), Key(WorkItem.id), Key(WorkItem.kind))


def page_of_items(
    kinds: Sequence[WorkKind],
    caller: Principal,
    conditions: Sequence[sa.ColumnElement[bool]],
    *,
    start: Sequence[Any] | None,
    limit: Any,
    backward: bool,
) -> sa.Select[Any]:
    """Select a page of what waits for the caller.

    Each kind contributes at most the rows of a page. The columns: kind, id, due date, whether it is
    overdue, days until it is due, the absent user for whom the caller does it, and the order keys.

    Args:
        kinds: at least one.
        conditions: of the filter.
        start: see `kit.listing.paginated`; so are `limit` and `backward`.
    """
    parts = [
        paginated(
            _matching(kind, caller, conditions), KEYS, backward=backward, start=start, limit=limit
        )
        for kind in kinds
    ]
    page = sa.union_all(*parts).subquery("page").c
    columns: tuple[Any, ...] = (page.kind, page.id, page.due_on)
    days: tuple[Any, ...] = (sql_dates.is_past(page.due_on), sql_dates.days_until(page.due_on))
    days = (*days, page.on_behalf_of_id)
    keys = [page[name] for name in key_names(KEYS)]
    statement: sa.Select[Any] = sa.select(*columns, *days, *keys)
    return statement.order_by(*reordered(page, KEYS, reverse=backward)).limit(limit)


def number_of_items(
    kinds: Sequence[WorkKind], caller: Principal, conditions: Sequence[sa.ColumnElement[bool]]
) -> sa.Select[Any]:
    """Count what waits for the caller; see `page_of_items`."""
    parts = [_matching(kind, caller, conditions) for kind in kinds]
    return sa.select(sa.func.count()).select_from(sa.union_all(*parts).subquery("items"))


def _matching(
    kind: WorkKind, caller: Principal, conditions: Sequence[sa.ColumnElement[bool]]
) -> sa.Select[Any]:
    items: tuple[Any, ...] = (
        *(WorkItem.kind, WorkItem.id, WorkItem.due_on),
        sa.column("on_behalf_of_id", sa.Uuid()),
    )
    return sa.select(*items).select_from(kind.items(caller).subquery("work")).where(*conditions)
