"""Ended records in an imported CSV file: their state and dates, as they ended elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from strawberry.types.base import StrawberryOptional

from qgp.kit import clock
from qgp.kit.csv_dialect import CsvDialect
from qgp.kit.described_enum import DescribedEnum
from qgp.kit.errors import (
    Forbidden,
    Invalid,
    InvalidFormat,
    OutOfRange,
    Required,
    between,
    enumerated,
)
from qgp.kit.gql import columns
from qgp.kit.gql.csv_columns import Column, read_value
from qgp.kit.gql.csv_values import parser
from qgp.kit.gql.inputs import InputField
from qgp.kit.model import Record
from qgp.kit.names import to_camel
from qgp.kit.policy import Permission
from qgp.kit.text_normalization import PROSE
from qgp.kit.work import Work

STATUS = "status"


@dataclass(frozen=True, eq=False)
class History:
    """Ended records that a file may hold.

    Attributes:
        permission: the permission that the caller must hold.
        states: the states in which a record may be imported, each with the fields that it requires.
        fields: attributes that a file sets beside the state; dates in the order of time.
        apart_from: fields that point at records whose work an imported record must not count as.
    """

    permission: Permission
    states: Mapping[DescribedEnum, Sequence[str]]
    fields: Sequence[str]
    apart_from: Sequence[str] = ()

    @property
    def names(self) -> Sequence[str]:
        """The fields that a file sets."""
        return [STATUS, *self.fields]

    def columns(self, model: type[Record]) -> Sequence[Column]:
        """Return the columns of a file for these fields."""
        state = Column(STATUS, STATUS, self._state, lambda: None)
        return [state, *(self._column(model, name) for name in self.fields)]

    def values(self, work: Work, row: dict[str, Any]) -> Mapping[str, Any]:
        """Remove the values of an ended record from those of a row, and return them.

        Raises:
            Forbidden: the caller may not import ended records.
            Invalid: the values fit no ended record.
        """
        values = {name: row.pop(name, None) for name in (STATUS, *self.fields)}
        values = {name: value for name, value in values.items() if value is not None}
        if not values:
            return {}
        if not work.caller.may(self.permission):
            message = "Your role imports no records that have ended. Leave this cell empty."
            raise Forbidden(message, to_camel(next(iter(values))))
        self._require_state(values)
        self._require_times(values, clock.today(work.caller.zone))
        for name in self.apart_from:
            if row.get(name) is not None:
                message = "A record that has ended is no work on this one. Leave the cell empty."
                raise Invalid(message, to_camel(name))
        return values

    def _state(self, text: str, _: CsvDialect) -> DescribedEnum:
        states = {state.value: state for state in self.states}
        if (name := text.strip().upper()) not in states:
            message = (
                f"Expected one of {', '.join(states)}, for a record that has ended elsewhere, or "
                "an empty cell."
            )
            raise InvalidFormat(message, constraint=enumerated(states))
        return states[name]

    def _column(self, model: type[Record], name: str) -> Column:
        kind: Any = columns.fields(model)[to_camel(name)].type
        if isinstance(kind, StrawberryOptional):
            kind = kind.of_type
        parse = _instant if kind is datetime else parser(kind)
        read = partial(read_value, parse, InputField(most=PROSE), to_camel(name))
        return Column(name, to_camel(name), read, lambda: None)

    def _require_state(self, values: Mapping[str, Any]) -> None:
        state = values.get(STATUS)
        if state is None:
            name = to_camel(next(iter(values)))
            message = f"`{name}` is of a record that has ended. Fill in `status`, or leave it out."
            raise Invalid(message, name)
        for name in self.states[state]:
            if name not in values:
                message = f"`{to_camel(name)}` is required of a record that is {state.value}."
                raise Required(f"{message} Fill it in.", to_camel(name))

    def _require_times(self, values: Mapping[str, Any], today: date) -> None:
        """Refuse dates after today, and dates that go back in time."""
        before: tuple[str, date] | None = None
        for name in self.fields:
            value = values.get(name)
            if not isinstance(value, date):
                continue
            day = value.date() if isinstance(value, datetime) else value
            if day > today or (isinstance(value, datetime) and value > clock.now()):
                message = f"`{to_camel(name)}` is after today. Choose today or an earlier day."
                raise OutOfRange(message, to_camel(name), constraint=between(None, today))
            if before is not None and day < before[1]:
                message = f"`{to_camel(name)}` is before `{before[0]}`. Correct one of them."
                raise OutOfRange(message, to_camel(name), constraint=between(before[0], None))
            before = to_camel(name), day


def _instant(text: str, dialect: CsvDialect) -> datetime:
    """Return an instant; a date is read as its start in UTC."""
    if (iso := dialect.iso_date(text.strip())) is not None:
        day: date = parser(date)(iso, dialect)
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    instant: datetime = parser(datetime)(text, dialect)
    return instant
