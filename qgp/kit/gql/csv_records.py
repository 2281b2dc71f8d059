"""Records of the rows of an imported CSV file: created, or recognized by their former reference."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.kit import imported
from qgp.kit.described_enum import DescribedEnum
from qgp.kit.errors import AlreadyExists, DomainError, Invalid
from qgp.kit.gql.command import Command
from qgp.kit.gql.csv_history import History
from qgp.kit.imported import Importable
from qgp.kit.model import Record
from qgp.kit.names import to_camel
from qgp.kit.reference_numbers import provisional
from qgp.kit.visibility import limits_of
from qgp.kit.work import Work

KEY = "legacy_reference"
_AT_ONCE = 200  # references that one statement looks up


class CsvDuplicates(DescribedEnum):
    """Treatment of rows whose `legacyReference` a record has already."""

    REFUSE = "REFUSE", "The row is a problem, so that nothing is imported."
    SKIP = "SKIP", "The row is passed over; its record stays as it is."
    UPDATE = "UPDATE", "The row changes the record, except where its cells are empty."


@dataclass(frozen=True)
class RowValues:
    """Values of one row, by input field, with ids in place of keys.

    Attributes:
        number: of the row as a spreadsheet counts.
        filled: the fields whose cells are not empty.
    """

    number: int
    values: Mapping[str, Any]
    filled: frozenset[str]


@dataclass(frozen=True)
class _Existing:
    """Record that a file recognizes.

    Attributes:
        name: for messages: its reference, or the row that has created it.
        kept: its values of the fields that no update changes.
    """

    id: UUID
    version: int
    name: str
    kept: Mapping[str, Any]


@dataclass
class RowWriter:
    """Writer of the rows of one file in one unit of work.

    Attributes:
        create: the mutation that creates one record.
        update: the mutation that changes one; None where no file does.
        history: the ended records that a file may hold; None where it holds none.
        defaults: values of the fields that no file sets.
        counts: number of rows by what became of them: created, updated, skipped.
    """

    create: Command
    update: Command | None
    history: History | None
    duplicates: CsvDuplicates
    defaults: Mapping[str, Any]
    counts: Counter[str] = field(default_factory=Counter)
    _existing: dict[str, _Existing] = field(default_factory=dict)

    @property
    def state(self) -> tuple[Counter[str], Mapping[str, _Existing]]:
        """The counts and the recognized records, to return to where rows are rolled back."""
        return self.counts.copy(), {**self._existing}

    @state.setter
    def state(self, before: tuple[Counter[str], Mapping[str, _Existing]]) -> None:
        self.counts, self._existing = before[0], {**before[1]}

    async def recognize(self, work: Work, rows: Sequence[RowValues]) -> None:
        """Load the records whose former references the rows have."""
        model = self.create.model
        if not issubclass(model, Importable):
            return
        keys = sorted({row.values[KEY] for row in rows if row.values.get(KEY)})
        limits = limits_of(model, work.caller)
        for start in range(0, len(keys), _AT_ONCE):
            batch = keys[start : start + _AT_ONCE]
            statement = sa.select(model).where(model.legacy_reference.in_(batch), *limits)
            for record in await work.rows(statement):
                name = getattr(record, "reference", None) or record.public_id
                self._note(record, record.legacy_reference, name)

    async def write(self, work: Work, row: RowValues) -> None:
        """Create or update the record of a row, or pass it over.

        Raises:
            DomainError: the row is refused.
        """
        values = {**row.values}
        history = {} if self.history is None else self.history.values(work, values)
        key = values.get(KEY)
        existing = self._existing.get(key) if key else None
        if existing is None:
            record = await self._create(work, values, history)
            if key:
                self._note(record, key, f"Row {row.number}")
            self.counts["created"] += 1
        elif self.duplicates is CsvDuplicates.SKIP:
            self.counts["skipped"] += 1
        elif self.duplicates is CsvDuplicates.UPDATE and self.update is not None:
            version = await self._update(work, self.update, existing, row, {**values, **history})
            self._existing[row.values[KEY]] = replace(existing, version=version)
            self.counts["updated"] += 1
        else:
            message = f"{existing.name} has this legacy reference. Remove the row, or import with"
            raise AlreadyExists(f"{message} duplicates SKIP or UPDATE.", to_camel(KEY))

    async def _create(
        self, work: Work, values: Mapping[str, Any], history: Mapping[str, Any]
    ) -> Record:
        imported.begin(work.session, history)
        try:
            record: Record = await self.create.act(work, **values, **self.defaults)
        finally:
            imported.begin(work.session, None)
        return record

    async def _update(
        self,
        work: Work,
        update: Command,
        existing: _Existing,
        row: RowValues,
        values: Mapping[str, Any],
    ) -> int:
        """Change a record, and return its version."""
        work.caller.require(update.permission)
        changes = {}
        for name in row.filled - {KEY}:
            if name in _input_fields(update):
                changes[name] = values[name]
            elif values[name] != existing.kept.get(name, values[name]):
                message = f"`{to_camel(name)}` of {existing.name} is changed by no import."
                raise Invalid(f"{message} Write its present value or leave it out.", to_camel(name))
        if not changes:
            return existing.version
        values_of_row = {"id": existing.id, "expected_version": existing.version, **changes}
        try:
            version: int = (await update.act(work, **values_of_row)).version
        except DomainError as error:
            error.message = error.message.replace(provisional(existing.id), existing.name)
            raise
        return version

    def _note(self, record: Any, key: str, name: str) -> None:
        """Keep what later rows need of a record, whose attributes a rollback may expire."""
        updated = set() if self.update is None else _input_fields(self.update)
        names = {*_input_fields(self.create), *(self.history.names if self.history else ())}
        kept = {name: getattr(record, name) for name in names - updated if hasattr(record, name)}
        self._existing[key] = _Existing(record.id, record.version, name, kept)


def _input_fields(command: Command) -> set[str]:
    """Return the fields of a command's input."""
    assert isinstance(command.input, type)
    return {part.name for part in fields(command.input)}
