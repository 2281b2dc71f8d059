"""Reference numbers (`CAPA-2026-0001`), gapless per organization, prefix and year."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, ClassVar, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm.attributes import instance_dict, set_committed_value

from qgp.kit import audit_notes, clock
from qgp.kit.model import Owned, unique
from qgp.kit.precompiled import Call, Precompiled
from qgp.kit.text_keys import sortable

_POSTPONED, _TAKEN = "postponed_numbers", "references"  # keys in the info of a session
_PROVISIONAL = re.compile("#[0-9a-f-]{36}")  # `#` and the id of the row; a trigger knows it too
_AT_ONCE = 1_000  # rows that one statement numbers
COUNTED = "(SELECT reference FROM counter)"  # what `counter_of` takes, in the same statement


class Numbered:
    """Mixin of rows that take the next reference of their prefix when they are first written."""

    reference_prefix: ClassVar[str]
    reference: Mapped[str] = sortable(sort_order=-8)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if isinstance(table := cls.__dict__.get("__table__"), sa.Table):
            table.append_constraint(unique("reference"))

    @property
    def series(self) -> str:
        """The prefix of this row's reference; a model may distinguish kinds of rows."""
        return self.reference_prefix


class Counter(Owned):
    """Last number of a prefix and year; its row lock serializes writers."""

    __tablename__ = "reference_counters"
    prefix: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    taken: Mapped[int]


def number(session: orm.Session, rows: Sequence[Any]) -> None:
    """Assign a reference to each new numbered row; a provisional one after `postpone`.

    The only new row of its kind has a provisional one as well: it takes its reference with the
    statement that inserts it (`counter_of`), which may be the last of the transaction.
    """
    postponed = session.info.get(_POSTPONED)
    kinds = [*map(type, rows)]
    for row in [row for row in rows if isinstance(row, Numbered) and row.reference is None]:
        if postponed is not None:
            postponed.append((row.series, row))
        if postponed is not None or kinds.count(type(row)) == 1:
            row.reference = provisional(row.id)
        else:
            row.reference = _take(session, row.series)[0]


def is_unnumbered(session: orm.Session, row: object) -> bool:
    """Whether a new row takes its reference with the statement that inserts it."""
    return (
        isinstance(row, Numbered)
        and _POSTPONED not in session.info
        and row.reference == provisional(cast(Any, row).id)
    )


def counter_of(session: orm.Session, row: Numbered) -> Call:
    """Return the statement that takes the next reference of a row's series: `COUNTED`."""
    organization_id = session.info["scope"].organization_id
    key = {"own": organization_id, "what": row.series, "when": clock.now().year}
    return Call(_COUNTER, {**key, "count": 1})


def provisional(id: UUID) -> str:
    """Return the reference of the row with this id until it is written, or `settle`d."""
    return f"#{id}"


def reference_of(row: Any) -> str | None:
    """Return the reference of a written row, perhaps a provisional one; None if it has none."""
    if not isinstance(row, Numbered):
        return None
    return instance_dict(row).get("reference") or provisional(cast(Any, row).id)


def set_reference(row: Any, reference: str) -> None:
    """Set the reference that a written row has taken."""
    set_committed_value(row, "reference", reference)


def note_taken(session: orm.Session, row: Any) -> None:
    """Note the reference of a row that took it, for the texts with the provisional one."""
    session.info.setdefault(_TAKEN, {})[provisional(row.id)] = row.reference


def with_taken(session: orm.Session, texts: Sequence[str]) -> Sequence[str]:
    """Return texts with the references that rows have taken in place of provisional ones."""
    taken: dict[str, str] = session.info.get(_TAKEN, {})
    if not taken:
        return texts
    return [_PROVISIONAL.sub(lambda match: taken.get(match[0], match[0]), text) for text in texts]


async def take(session: AsyncSession, prefix: str) -> str:
    """Return the next reference of a prefix, for a record that has one already."""
    return (await session.run_sync(_take, prefix))[0]


def postpone(session: AsyncSession) -> None:
    """Assign provisional references from now on, so that nobody waits for the counters.

    A transaction that commits calls `settle`; one that only rehearses is rolled back.
    """
    session.info[_POSTPONED] = []


async def settle(session: AsyncSession) -> None:
    """Assign the postponed references, in the order of the rows; the last step before the commit.

    The wait for a counter ends with the timeout of a statement, not with that of a lock: an import
    has done all its work by now.
    """
    await session.execute(sa.select(sa.func.set_config("lock_timeout", "0", True)))
    rows: dict[str, list[Any]] = defaultdict(list)
    for series, row in session.info.pop(_POSTPONED):
        rows[series].append(row)
    final = dict[str, str]()
    for series in sorted(rows):
        references = await session.run_sync(_take, series, len(rows[series]))
        final |= zip([row.reference for row in rows[series]], references, strict=True)
    numbered = [row for series in sorted(rows) for row in rows[series]]
    for start in range(0, len(numbered), _AT_ONCE):
        await session.run_sync(_write, numbered[start : start + _AT_ONCE], final)
    await audit_notes.replace(session, _PROVISIONAL, final)


def _take(session: orm.Session, prefix: str, count: int = 1) -> Sequence[str]:
    """Return the next references of a prefix, whose counter stays locked."""
    year = clock.now().year
    key = {"own": session.info["scope"].organization_id, "what": prefix, "when": year}
    [[taken]] = _TAKE.run(session.connection(), {**key, "count": count}).rows
    return [f"{prefix}-{year}-{place:04d}" for place in range(taken - count + 1, taken + 1)]


def _write(session: orm.Session, rows: Sequence[Any], final: Mapping[str, str]) -> None:
    """Write the final references of rows in place of the provisional ones."""
    for kind in sorted({type(row) for row in rows}, key=lambda kind: kind.__tablename__):
        of_kind = [row for row in rows if type(row) is kind]
        for row in of_kind:
            set_reference(row, final[row.reference])
        values = {"ids": [row.id for row in of_kind], "final": [row.reference for row in of_kind]}
        values |= {"own": session.info["scope"].organization_id}
        _writing(kind.__table__).run(session.connection(), values)


@cache
def _writing(table: sa.Table) -> Precompiled:
    """Return the statement that writes references, without a version of its own."""
    ids = sa.bindparam("ids", type_=ARRAY(sa.Uuid))
    final = sa.bindparam("final", type_=ARRAY(sa.Text))
    new = sa.func.unnest(ids, final).table_valued("id", "reference").render_derived()
    is_row = table.c.organization_id == sa.bindparam("own"), table.c.id == new.c.id
    return Precompiled(sa.update(table).where(*is_row).values(reference=new.c.reference))


def _taking(returned: Any) -> Any:
    """Take the next numbers, from 1 on."""
    mine = {"organization_id": "own", "prefix": "what", "year": "when"}
    named: dict[str, Any] = {column: sa.bindparam(name) for column, name in mine.items()}
    return (
        insert(Counter)
        .values(**named, taken=sa.bindparam("count"))
        .on_conflict_do_update(
            index_elements=list(mine), set_={"taken": Counter.taken + sa.bindparam("count")}
        )
        .returning(returned)
    )


def _taking_one() -> Any:
    """Take the next number, and return the reference with it."""
    digits = sa.cast(Counter.taken, sa.Text)
    place = sa.func.lpad(digits, sa.func.greatest(4, sa.func.length(digits)), "0")
    reference = sa.func.concat(Counter.prefix, "-", Counter.year, "-", place)
    return _taking(reference.label("reference"))


_TAKE = Precompiled(_taking(Counter.taken))
_COUNTER = Precompiled(_taking_one(), name="counter")
