"""Dates of records in the calendars of users: declared by modules, selected for one user.

A module declares them in its `facts.py`, once: the due dates of `kit.sql_dates.due` with the users
whom each concerns (`due_date`), and other days as `CalendarDate`s.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from qgp.kit import ids
from qgp.kit.model import Record
from qgp.kit.names import to_camel
from qgp.kit.pending_work import WORK_KINDS
from qgp.kit.policy import Principal
from qgp.kit.sql_dates import DueDate, applies
from qgp.kit.visibility import limits_of

Concerning = Callable[[Principal], sa.ColumnElement[bool]]
REMIND_DAYS = (-7, -1, 0, 1, 7)
REMIND_EARLY = (-30, *REMIND_DAYS)  # of what takes weeks to prepare


@dataclass(frozen=True, kw_only=True, eq=False)
class CalendarDate:
    """Days of the records of one kind that concern a user.

    Attributes:
        model: of the records.
        name: names the days among those of the record; it never changes, since calendars recognize
            an entry by it.
        first: the first day; rows where it is null have none.
        last: the last day, not before the first; null, or None, where it is the first.
        applies: the condition on the row.
        concerns: returns the condition that they concern a user; the user also has to be allowed
            to read the record.
        is_busy: whether the user is occupied on these days.
        is_in_calendar: whether calendars have them.
        people: of a due date, the columns with the users who are reminded of it.
        remind_days: of a due date, the days from it on which they are reminded where the
            organization has no rule of its own, ascending, negative before it.
        events: of a due date, further events: verb, and the days from it after which it is emitted.
        reference, title: of the record, where they are no columns of these names.
    """

    model: type[Any]
    name: str
    first: Any
    applies: sa.ColumnElement[bool]
    concerns: Concerning
    last: Any = None
    is_busy: bool = False
    is_in_calendar: bool = True
    people: Sequence[Any] = ()
    remind_days: Sequence[int] = REMIND_DAYS
    events: Mapping[str, int] = field(default_factory=dict)
    reference: Any = None
    title: Any = None

    @property
    def kind(self) -> str:
        """Name that is unique among all dates, such as `Finding.closure-due`."""
        return f"{self.model.__name__}.{self.name}"

    @property
    def coordinate(self) -> str:
        """Type and field of the API that hold it, such as Finding.closureDueOn."""
        return f"{self.model.__name__}.{to_camel(self.first.key)}"

    def select_due(self, *conditions: sa.ColumnElement[bool]) -> Any:
        """Select the due dates with who is reminded of them, and who is late, of all records.

        Args:
            conditions: further ones on the row.
        """
        columns: Any = (
            sa.literal(self.kind, sa.Text).label("kind"),
            self.model.id.label("id"),
            self.first.label("due_on"),
            postgresql.array(self.people, type_=sa.Uuid).label("user_ids"),
            self._late().label("late_ids"),
        )
        return sa.select(*columns).where(self.applies, self.first.is_not(None), *conditions)

    def _late(self) -> sa.ColumnElement[Any]:
        """Return those of `people` who do the work; nobody where it is with everyone of a role."""
        kinds = [kind for kind in WORK_KINDS.values() if kind.model is self.model and kind.due]
        assignees = {kind.assignee for kind in kinds} - {None}
        users = [column for column in self.people if not assignees or column.key in assignees]
        of_roles = [kind.may_wait() for kind in kinds if kind.assignee is None]
        of_people = [kind.may_wait() for kind in kinds if kind.assignee is not None]
        is_with_user = sa.or_(sa.false(), *of_people)
        is_with_role = sa.and_(sa.or_(sa.false(), *of_roles), sa.not_(is_with_user))
        no_users = sa.cast(postgresql.array([], type_=sa.Uuid), sa.ARRAY(sa.Uuid))
        return sa.case((is_with_role, no_users), else_=postgresql.array(users, type_=sa.Uuid))

    def select(self, caller: Principal, window: "Window") -> Any:
        """Select the days in a window that concern the caller, of records that they may read."""
        last = self.first if self.last is None else sa.func.coalesce(self.last, self.first)
        reference = self.model.reference if self.reference is None else self.reference
        title = self.model.title if self.title is None else self.title
        columns: Any = (
            *(sa.literal(self.kind, sa.Text).label("kind"), self.model.id.label("id")),
            *(reference.label("reference"), title.label("title")),
            *(self.first.label("first"), last.label("last"), self.model.version),
            *(self.model.created_at, self.model.updated_at),
        )
        is_within = self.first <= window.last, last >= window.first
        is_seen = self.concerns(caller), *limits_of(self.model, caller)
        return sa.select(*columns).where(self.applies, *is_within, *is_seen)


class CalendarDates(tuple[CalendarDate, ...]):
    """Dates that a module declares."""


class Window(NamedTuple):
    """Days around today, both ends included, from which a calendar takes its entries."""

    today: date
    first: date
    last: date

    @classmethod
    def around(cls, today: date, *, back: int, ahead: int) -> "Window":
        """Return the window of some days before and after today."""
        return cls(today, today - timedelta(days=back), today + timedelta(days=ahead))


class CalendarEntry(NamedTuple):
    """Days of one record in the calendar of a user; `kind` is that of its `CalendarDate`."""

    kind: str
    id: UUID
    reference: str
    title: str
    first: date
    last: date
    version: int
    created_at: datetime
    updated_at: datetime


def due_date(
    model: type[Record], due: DueDate, column: str, people: Sequence[Any], **options: Any
) -> CalendarDate:
    """Declare a due date of a kind of record as an entry of calendars.

    Args:
        model: its rows have texts `reference` and `title`, where `options` name no others.
        due: as the model declares it.
        column: one of its columns.
        people: the columns with the users whom it concerns.
        options: see `CalendarDate`.
    """

    def concerns(caller: Principal) -> sa.ColumnElement[bool]:
        return sa.or_(*[person == caller.user_id for person in people])

    return CalendarDate(
        model=model,
        name=column.removesuffix("_on").removesuffix("_until").replace("_", "-"),
        first=getattr(model, column),
        applies=applies(model, due.columns[column]),
        concerns=concerns,
        people=people,
        **options,
    )


def entries(
    dates: Sequence[CalendarDate], caller: Principal, window: Window, *, most: int
) -> sa.Select[Any]:
    """Select the `CalendarEntry`s of the caller, at most `most`: those nearest to today."""
    shown = [each.select(caller, window) for each in dates if each.is_in_calendar]
    rows: Any = sa.union_all(*shown).subquery("dates")
    distance = sa.func.abs(rows.c.first - sa.literal(window.today, sa.Date))
    return sa.select(rows).order_by(distance, rows.c.kind, rows.c.id).limit(most)


def public_ids(dates: Sequence[CalendarDate]) -> Callable[[CalendarEntry], str]:
    """Return the function that makes the public id of the record of an entry."""
    prefixes = {each.kind: each.model.prefix for each in dates}
    return lambda entry: ids.encode(prefixes[entry.kind], entry.id)
