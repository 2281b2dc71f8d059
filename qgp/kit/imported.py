"""Records that a CSV import can write: their former reference, and the instant of the import."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from qgp.kit import clock
from qgp.kit.model import unique
from qgp.kit.names import words
from qgp.kit.workflow import Stateful

_VALUES = "imported_values"


class Importable:
    """Mixin of records that a CSV import can create."""

    legacy_reference: Mapped[str | None] = mapped_column(sort_order=88)
    imported_at: Mapped[datetime | None] = mapped_column(sort_order=89)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if isinstance(table := cls.__dict__.get("__table__"), sa.Table):
            table.append_constraint(unique("legacy_reference", kind=words(cls.__name__)))


def begin(session: AsyncSession, values: Mapping[str, Any] | None) -> None:
    """Mark the records that are added from now on as imported.

    Args:
        session: of the unit of work.
        values: their state and its columns, where they are records that have ended; None to end
            marking.
    """
    session.info[_VALUES] = values


def is_history(session: AsyncSession) -> bool:
    """Return whether the added records have ended elsewhere, so that past dates are right."""
    return bool(session.info.get(_VALUES))


def mark(session: orm.Session, rows: Sequence[object]) -> None:
    """Mark new records of an import, and set the values of ended ones."""
    values: Mapping[str, Any] | None = session.info.get(_VALUES)
    if values is None:
        return
    for row in rows:
        if isinstance(row, Importable):
            row.imported_at = clock.now()
            for name, value in values.items():
                if name == "status" and isinstance(row, Stateful):
                    row.enter(value)  # the record took its transitions elsewhere
                else:
                    setattr(row, name, value)
