"""SQL expressions of calendar days: today, due dates, overdue, days until."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from qgp.kit.described_enum import DescribedEnum

Condition = Callable[[Any], sa.ColumnElement[bool]]
Day = Callable[[Any], sa.ColumnElement[Any]]

_ORGANIZATIONS = sa.table(
    "organizations", sa.column("id", sa.Uuid()), sa.column("time_zone", sa.Text())
)
_OWN = sa.literal_column("nullif(current_setting('app.organization_id', true), '')::uuid", sa.Uuid)


def today(at: datetime | sa.ColumnElement[datetime] | None = None) -> sa.ColumnElement[date]:
    """Return the day of an instant in the time zone of the transaction's organization.

    Args:
        at: the instant, or its SQL parameter; None for the start of the transaction.
    """
    instant = sa.func.now() if at is None else sa.type_coerce(at, sa.DateTime(timezone=True))
    zone = sa.select(_ORGANIZATIONS.c.time_zone).where(_ORGANIZATIONS.c.id == _OWN)
    return sa.cast(sa.func.timezone(zone.scalar_subquery(), instant), sa.Date)


@dataclass(frozen=True, eq=False)
class DueDate:
    """Due date of the rows of a model: the column that applies to a row decides.

    Attributes:
        columns: for each column with a due date, the values of `status`, or the condition on the
            row, with which it applies; null with all others.
    """

    columns: Mapping[str, Collection[DescribedEnum] | Condition]

    def __call__(self, row: Any) -> sa.ColumnElement[Any]:
        """Return the due date of a row in SQL."""
        steps = [(applies(row, when), getattr(row, name)) for name, when in self.columns.items()]
        return sa.case(*steps, else_=sa.null())


def due(**columns: Collection[DescribedEnum] | Condition) -> DueDate:
    """Declare the due date of a model's rows; for `columns` see `DueDate`."""
    return DueDate(columns)


def applies(row: Any, when: Collection[DescribedEnum] | Condition) -> sa.ColumnElement[bool]:
    """Return the condition that a row has one of the states, or meets the condition."""
    if callable(when):
        return when(row)
    condition: sa.ColumnElement[bool] = row.status.in_(sorted(when))
    return condition


def is_past(day: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Return whether a day is before today; false for null."""
    return sa.func.coalesce(day < today(), sa.false(), type_=sa.Boolean)


def days_until(day: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    """Return the days from today until a day: 0 on the day, negative after it, null for null."""
    return sa.type_coerce(day - today(), sa.Integer)
