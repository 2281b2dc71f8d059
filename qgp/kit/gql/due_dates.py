"""Fields of records with a due date: whether it has passed, and how many days are left."""

from typing import Any

from qgp.kit import sql_dates
from qgp.kit.gql.fields import expression
from qgp.kit.policy import Permission
from qgp.kit.sql_dates import Day


def is_overdue(read: Permission, due: Day, which: str) -> Any:
    """A field that says whether the due date has passed.

    Args:
        due: makes the due date of a row; null where nothing is due.
        which: names the date, and says when nothing is due, as the end of a sentence.
    """
    return expression(
        read,
        lambda row: sql_dates.is_past(due(row)),
        f"Whether it is overdue by {which}: that day lies before today in the time zone of your "
        "organization. False where nothing is due.",
    )


def days_until_due(read: Permission, due: Day) -> Any:
    """A field that counts the days until the due date that `is_overdue` looks at."""
    return expression(
        read,
        lambda row: sql_dates.days_until(due(row)),
        "Days from today until the date that `isOverdue` looks at, in the time zone of your "
        "organization: 0 on the day itself, negative after it; null where nothing is due.",
    )
