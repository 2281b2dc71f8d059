"""History of a record, as a field of every record."""

from typing import Any

import sqlalchemy as sa

from qgp.kit.gql import Connection, Recorded, adds_to, interface_type, listing
from qgp.kit.loader import One
from qgp.kit.visibility import NODES
from qgp.trail.loaders import history
from qgp.trail.model import TrailEntry
from qgp.trail.refs import TrailEntryRef


def _history(*only: sa.ColumnElement[bool]) -> Any:
    return listing(
        history,
        "Audit trail entries of the record from its creation on, oldest first: person, instant, "
        "reason and the values of each changed field. Related records, such as the clauses of a "
        "finding, have entries of their own in `trail`.",
        parent=TrailEntry.record_id,
        only=only,
    )


@interface_type
class HasHistory(Recorded):
    """A record whose audit trail entries can be read; every record."""

    history: Connection[TrailEntryRef] = _history()


def _add_history(loader: One) -> None:  # type: ignore[type-arg]  # of any record
    @adds_to(loader)
    class OfRecord(HasHistory):
        """History of a record."""

        history: Connection[TrailEntryRef] = _history(TrailEntry.kind == loader.model.__tablename__)


for _loader in NODES.values():
    _add_history(_loader)
