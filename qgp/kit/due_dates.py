"""Rules of due dates that users enter."""

from datetime import date

from qgp.kit import clock
from qgp.kit.errors import OutOfRange, between
from qgp.kit.imported import is_history
from qgp.kit.work import Work


def require_not_past(work: Work, day: date, path: str) -> None:
    """Refuse a due date before today in the organization's time zone; `path` locates the input.

    An imported record that has ended keeps the due date that it had.

    Raises:
        OutOfRange: the day has passed.
    """
    if day < (today := clock.today(work.caller.zone)) and not is_history(work.session):
        message = (
            f"The due date, {day.isoformat()}, has passed: today is {today.isoformat()}. Choose "
            "today or a later date."
        )
        raise OutOfRange(message, path, constraint=between(today, None))
