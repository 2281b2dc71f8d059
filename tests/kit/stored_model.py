"""Plain model of what units of work store: rows as dictionaries, the trail, and status events."""

from collections import Counter
from collections.abc import Collection, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.company import Company

Values = dict[str, Any]


@dataclass
class Row:
    """Row of a record.

    Attributes:
        reason: that held when it was added.
        version: 0 until it is written.
    """

    table: str
    values: Values
    created_at: datetime
    reason: str | None
    updated_at: datetime
    version: int = 0


@dataclass
class StoredModel:
    """What a company has stored, by the rules that documents state.

    Attributes:
        rows: by id, those not yet written as well.
        changes: values that were set and are not yet written, by id.
        entries: changes and reason, by record and version.
        events: record, former and new status, and reason.
    """

    company: Company
    tables: Collection[str]
    rows: dict[UUID, Row] = field(default_factory=dict)
    changes: dict[UUID, Values] = field(default_factory=dict)
    entries: dict[tuple[str, UUID, int], tuple[Values, str | None]] = field(default_factory=dict)
    events: list[tuple[UUID, str | None, str, str | None]] = field(default_factory=list)
    reason: str | None = None

    def copy(self) -> "StoredModel":
        """Return a copy that later operations leave alone."""
        rows = {id: replace(row, values=dict(row.values)) for id, row in self.rows.items()}
        changes, entries = deepcopy(self.changes), dict(self.entries)
        return replace(self, rows=rows, changes=changes, entries=entries, events=[*self.events])

    def ids_of(self, table: str) -> list[UUID]:
        """Return the ids of the rows of a table, those not yet written as well."""
        return [id for id, row in self.rows.items() if row.table == table]

    def add(self, table: str, id: UUID, values: Values, at: datetime) -> None:
        """Add a row, which the next flush writes."""
        self.rows[id] = Row(table, dict(values), at, self.reason, at)

    def set(self, id: UUID, values: Values) -> None:
        """Set values, which the next flush writes; none of them touches the row."""
        if self.rows[id].version == 0:
            self.rows[id].values |= values
        else:
            self.changes[id] = self.changes.get(id, {}) | values

    def remove(self, id: UUID) -> None:
        """Delete a written row, after a flush."""
        row = self.rows.pop(id)
        self.entries[row.table, id, row.version + 1] = {"deleted": [False, True]}, self.reason

    def flush(self, at: datetime, *, touched: UUID | None = None) -> None:
        """Write what is not yet written: a version each, with an entry and a status event."""
        for id, row in self.rows.items():
            if row.version == 0:
                row.version = 1
                self._note(id, row, dict.fromkeys(row.values), row.values, row.reason)
        changes = self.changes if touched is None else {touched: {}, **self.changes}
        for id, values in changes.items():
            row = self.rows[id]
            changed = {name: new for name, new in values.items() if new != row.values[name]}
            if changed or id == touched:
                row.version, row.updated_at = row.version + 1, at
                self._note(id, row, row.values, changed, self.reason)
                row.values |= changed
        self.changes.clear()

    def _note(
        self, id: UUID, row: Row, before: Mapping[str, Any], after: Values, reason: str | None
    ) -> None:
        changes = {name: [plain(before[name]), plain(new)] for name, new in after.items()}
        if row.version == 1:
            always = {"id": id, "organization_id": self.company.organization_id}
            changes |= {name: [None, str(value)] for name, value in always.items()}
            changes = {name: pair for name, pair in changes.items() if pair[1] is not None}
        self.entries[row.table, id, row.version] = changes, reason
        if "status" in after:
            self.events.append((id, plain(before["status"]), plain(after["status"]), reason))

    async def differences(self, action: str) -> list[Any]:
        """Return what plain SQL reads and what has to be stored, where they differ."""
        expected = self._expected(action)
        stored = await self._stored(expected)
        return [
            (part, key, stored[part].get(key), expected[part].get(key))
            for part in expected
            for key in {*stored[part], *expected[part]}
            if stored[part].get(key) != expected[part].get(key)
        ]

    def _expected(self, action: str) -> dict[str, Any]:
        """Return the rows by table and id, entries of the trail and events that must be stored."""
        who = self.company.owner.user_id
        content: dict[str, Any] = {table: {} for table in self.tables}
        for id, row in self.rows.items():
            stamps = {"created_at": row.created_at, "updated_at": row.updated_at}
            people = {"created_by_id": who, "updated_by_id": who}
            values = {name: _of_sql(value) for name, value in row.values.items()}
            if row.table == "standards":
                values["code"] = f"{values['family_code']}:{values['edition']}"
            content[row.table][id] = {**values, **stamps, **people, "version": row.version}
        entries = {key: (*entry, action, who) for key, entry in self.entries.items()}
        return content | {"entries": entries, "events": Counter(self.events)}

    async def _stored(self, like: Mapping[str, Any]) -> dict[str, Any]:
        """Return what plain SQL reads, in the form of what is expected."""
        async with self.company.application.engine.connect() as connection:
            content: dict[str, Any] = {
                table: {
                    row["id"]: {name: row[name] for name in like[table].get(row["id"], row)}
                    for row in await self._all(connection, table)
                }
                for table in self.tables
            }
            content["entries"] = {
                (one["entity"], one["entity_id"], one["entity_version"]): (
                    *(one["changes"], one["reason"], one["action"], one["actor_id"]),
                )
                for one in await self._all(connection, "audit_entries")
                if one["entity"] in self.tables
            }
            names = ("entity_id", "from_status", "to_status", "reason")
            content["events"] = Counter(
                tuple(one[name] for name in names)
                for one in await self._all(connection, "status_events")
                if one["entity"] in self.tables
            )
        return content

    async def _all(self, connection: AsyncConnection, table: str) -> Any:
        json = dict.fromkeys(("changes", "value", "client_sequences"), JSONB())
        statement = sa.text(f"SELECT * FROM {table} WHERE organization_id = :id").columns(**json)
        parameters = {"id": self.company.organization_id}
        return (await connection.execute(statement, parameters)).mappings().all()


def plain(value: Any) -> Any:
    """Return a value as the trail has it."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")
    return str(value) if isinstance(value, date | UUID | Decimal) else value


def _of_sql(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value
