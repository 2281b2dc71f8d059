"""Flush of a session: its pending rows, written by one statement for each table and set of columns.

It takes the place of the ORM's unit of work, which assembles the statements of each flush anew from
the state of each row. Mapped classes have no relationships, so that a flush is what it writes:
new rows in the order of their tables' foreign keys, then changed rows, then deleted ones.

Statements wait (`stage`) for the next one of the transaction, or for its end, so that they can
travel together; `write_staged` sends them. One that takes a reference locks the counter: if nothing
follows it, it travels with the entry of the audit trail (`take_numbered`), right before the commit.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple, cast

from sqlalchemy.orm.attributes import instance_state

from qgp.kit.availability import DatabaseLost
from qgp.kit.model import Base
from qgp.kit.precompiled import Call, run_together
from qgp.kit.reference_numbers import counter_of, is_unnumbered, note_taken
from qgp.kit.table_writes import Table, Write, table_of, values_of

_STAGED = "staged"  # key in the info of a session


class Pending(NamedTuple):
    """Rows of a session that are not written yet."""

    new: Sequence[Any]
    changed: Sequence[Any]
    deleted: Sequence[Any]

    @classmethod
    def of(cls, session: Any) -> "Pending":
        """Return the pending rows of a session."""
        return cls([*session.new], [*session.dirty], [*session.deleted])


def stage(session: Any, pending: Pending) -> None:
    """Let the statements that write the pending rows of a session wait for the next one.

    Those that return values, such as computed columns, are sent at once; a row whose insert takes
    its reference has none until it is sent.

    Args:
        session: of `kit.session`.
        pending: its rows.

    Raises:
        IntegrityError, StaleDataError: see `write_staged`.
    """
    changes = _by_change(pending.changed)
    writes = [_insert(session, rows) for rows in _by_kind(pending.new)]
    writes += [table.update(rows, names) for (table, names), rows in changes.items()]
    writes += [table_of(type(rows[0])).delete(rows) for rows in _in_turn(pending.deleted)]
    for write in writes:
        _stage_write(session, write)


def register(session: Any, pending: Pending) -> None:
    """Register the pending rows of a session, which are staged, as written.

    Args:
        session: of `kit.session`; its methods for the ORM's own flush are used.
        pending: its rows.
    """
    session._register_persistent({*map(instance_state, (*pending.new, *pending.changed))})
    session._remove_newly_deleted({*map(instance_state, pending.deleted)})
    for write in _numbered(session):
        # Who reads the reference has the row sent first, as with any column of the database.
        instance_state(write.numbered)._expire_attributes(write.values[0], ["reference"])


def stage_rows(session: Any, kind: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Let new rows of a mapped class, which no object stands for, wait for the next statement.

    Args:
        session: of `kit.session`.
        kind: the class.
        rows: the values of its attributes.
    """
    _stage_write(session, table_of(kind).insert(rows))


def _stage_write(session: Any, write: Write) -> None:
    """Let a write wait for the next statement of the transaction, unless it is awaited."""
    if write.numbered is not None:
        settle_reference(session)
    _add(session.info.setdefault(_STAGED, []), write)
    _driver(session).before_statement = session.write_staged
    if write.is_awaited:
        write_staged(session)


def settle_reference(session: Any) -> None:
    """Send the statements that wait if one of them takes a reference.

    Raises:
        IntegrityError, StaleDataError: see `write_staged`.
    """
    if _numbered(session):
        write_staged(session)


def _numbered(session: Any) -> Sequence[Write]:
    """Return the write that takes a reference, if one waits."""
    groups: Sequence[list[Write]] = session.info.get(_STAGED, ())
    return [group[-1] for group in groups if group[-1].numbered is not None]


def take_numbered(session: Any) -> Sequence[Write]:
    """Return the last writes that wait, if one of them takes a reference; send all others.

    Raises:
        IntegrityError, StaleDataError: see `write_staged`.
    """
    groups: list[list[Write]] = session.info.get(_STAGED, [])
    last = groups.pop() if groups and groups[-1][-1].numbered is not None else []
    write_staged(session)
    return last


def write_staged(session: Any) -> None:
    """Send the statements that wait.

    Raises:
        IntegrityError: a row breaks a constraint.
        StaleDataError: a row has another version in the database than it was loaded with.
    """
    for group in _taken(session):
        group[-1].finish(run_together(session.connection(), calls_of(group)))
        if group[-1].numbered is not None:
            note_taken(session, group[-1].numbered)


def _taken(session: Any) -> Sequence[list[Write]]:
    """Return the writes that wait, in groups that one statement can execute; none waits then."""
    groups: Sequence[list[Write]] | None = session.info.pop(_STAGED, None)
    if groups is None:
        return ()
    _driver(session).before_statement = None
    return groups


def calls_of(writes: Sequence[Write]) -> Sequence[Call]:
    """Return the statements of writes that one statement can execute."""
    return [call for write in writes for call in write.calls]


def _insert(session: Any, rows: Sequence[Base]) -> Write:
    """Return the write that inserts rows of one class."""
    table, first = table_of(type(rows[0])), cast(Any, rows[0])
    if is_unnumbered(session, first):
        return table.insert_numbered(first, counter_of(session, first))
    return table.insert(values_of(rows))


def _driver(session: Any) -> Any:
    """Return the driver's connection of a transaction: `kit.connection_setup.Connection`.

    Raises:
        DatabaseLost: the connection was closed meanwhile.
    """
    driver = session.connection().connection.driver_connection
    if driver is None:
        raise DatabaseLost("The connection to the database was lost.")
    return driver


def _add(groups: list[list[Write]], write: Write) -> None:
    """Add a write to the last group or to a new one.

    A group has inserts into different tables, and at its end one update, deletion or insert that
    takes a reference: only of the last write it is known what it returns, or how many rows it has
    written, and no write sees the rows of another one.
    """
    group = groups[-1] if groups else []
    if group and group[-1].is_insert and (write.is_insert or group[-1].numbered is None):
        same = next((one for one in group if one.table is write.table), None)
        if same is None:
            group.insert(len(group) - (group[-1].numbered is not None), write)
            return
        if write.statement is same.statement:
            same.take_in(write)
            return
    groups.append([write])


def _by_kind(rows: Sequence[Base]) -> Iterable[Sequence[Base]]:
    """Group rows by class, referenced tables first; within a class in the order of addition."""
    if len(rows) <= 1:
        return [rows] if rows else []
    places = _places(len(Base.metadata.tables))
    ordered = sorted(rows, key=lambda row: places[row.__tablename__])
    return [[*group] for _, group in groupby(ordered, type)]


def _by_change(rows: Iterable[Base]) -> Mapping[tuple[Table, frozenset[str]], Sequence[Base]]:
    """Group rows by class and changed attributes; leave rows out that have not changed."""
    groups: dict[tuple[Table, frozenset[str]], list[Base]] = defaultdict(list)
    for row in rows:
        table = table_of(type(row))
        if attributes := table.changed(row):
            groups[table, attributes].append(row)
    return groups


def _in_turn(rows: Iterable[Base]) -> Iterable[Sequence[Base]]:
    """Group neighbours of one class."""
    return [[*group] for _, group in groupby(rows, type)]


@lru_cache(maxsize=1)
def _places(_: int) -> dict[str, int]:
    """Return the place of each of so many tables in the order of their foreign keys."""
    return {table.name: place for place, table in enumerate(Base.metadata.sorted_tables)}
