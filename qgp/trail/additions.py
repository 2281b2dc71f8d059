"""History of a record, as a field of every record."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from qgp.kit.gql import Connection, Recorded, adds_to, interface_type, listing
from qgp.kit.loader import One
from qgp.kit.model import Record, records
from qgp.kit.visibility import NODES
from qgp.trail.loaders import history
from qgp.trail.model import TrailEntry
from qgp.trail.refs import TrailEntryRef


def _history(parent: InstrumentedAttribute[Any], *only: sa.ColumnElement[bool]) -> Any:
    return listing(
        history,
        "Audit trail entries of the record from its creation on, oldest first: person, instant, "
        "reason and the values of each changed field. Includes the entries of its links and other "
        "parts, such as the clauses of a finding and the team of an audit, also of those that were "
        "removed.",
        parent=parent,
        only=only,
    )


@interface_type
class HasHistory(Recorded):
    """A record whose audit trail entries can be read; every record."""

    history: Connection[TrailEntryRef] = _history(TrailEntry.history_of_id)


def _parts_of(model: type[Record]) -> Sequence[str]:
    """Return the tables of the parts of a record."""
    parts = [part for part in records().values() if part.part_of]
    owners = {
        part.__tablename__: part.__table__.c[part.part_of or ""].info["ref"] for part in parts
    }
    return sorted(part for part, owner in owners.items() if owner == model.__tablename__)


def _add_history(loader: One) -> None:  # type: ignore[type-arg]  # of any record
    model = loader.model
    parent = TrailEntry.record_id if model.part_of else TrailEntry.history_of_id
    kinds = (model.__tablename__, *_parts_of(model))

    @adds_to(loader)
    class OfRecord(HasHistory):
        """History of a record."""

        history: Connection[TrailEntryRef] = _history(parent, TrailEntry.kind.in_(kinds))


for _loader in NODES.values():
    _add_history(_loader)
