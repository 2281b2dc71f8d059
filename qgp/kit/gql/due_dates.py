"""Fields of records with a due date: overdue, and days until due."""

from typing import Any

from qgp.kit import sql_dates
from qgp.kit.gql.fields import expression
from qgp.kit.policy import Permission
from qgp.kit.sql_dates import Day


def is_overdue(read: Permission, due: Day, which: str) -> Any:
    """Declare the field `isOverdue`.

    Args:
        read: the permission that the caller must hold.
        due: returns the due date of a row in SQL; null where nothing is due.
        which: the current due date, as the end of a sentence.
    """
    return expression(
        read,
        lambda row: sql_dates.is_past(due(row)),
        "Whether its current due date is before today, in the time zone of your organization. The "
        f"due date is {which}. False where nothing is due.",
    )


def days_until_due(read: Permission, due: Day) -> Any:
    """Declare the field `daysUntilDue`, for the due date of `is_overdue`."""
    return expression(
        read,
        lambda row: sql_dates.days_until(due(row)),
        "Days from today until the current due date (see `isOverdue`), in the time zone of your "
        "organization: 0 on the due date, negative after it; null where nothing is due.",
    )
