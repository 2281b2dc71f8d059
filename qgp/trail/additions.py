"""The history that every record shows."""

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
        "What changed it, from its creation on: who, when, why, and each field's values. What "
        "records of their own hold, such as the clauses of a finding, is in `trail`.",
        parent=TrailEntry.record_id,
        only=only,
    )


@interface_type
class HasHistory(Recorded):
    """A record whose audit trail entries can be read; every record."""

    history: Connection[TrailEntryRef] = _history()


def _give_history(loader: One) -> None:  # type: ignore[type-arg]  # of any record
    @adds_to(loader)
    class OfRecord(HasHistory):
        """What a record shows of the trail."""

        history: Connection[TrailEntryRef] = _history(TrailEntry.kind == loader.model.__tablename__)


for _loader in NODES.values():
    _give_history(_loader)
