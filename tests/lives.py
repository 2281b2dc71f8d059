"""Lives at random: each a sequence of commands beside a small model of the workflow.

One of each goes with every test run, two hundred with `make lives`.
"""

from dataclasses import dataclass
from random import Random
from typing import Protocol
from uuid import UUID

import pytest
import sqlalchemy as sa

from qgp.kit.audit import AuditEntry
from qgp.kit.model import Record
from qgp.kit.status_history import StatusEvent
from tests.company import Company
from tests.kit.work import work_of

ONE, STEPS = 1, 50


class Lived(Protocol):
    """State of a record as the model expects it."""

    version: int
    states: list[str]


@dataclass
class Life:
    """The states of a record, one after the other, and how many versions it had."""

    version: int
    states: list[str]


def offer(parser: pytest.Parser) -> None:
    """Take `--lives`."""
    description = "how many random lives each workflow goes through"
    parser.addoption("--lives", type=int, default=ONE, help=description)


def spread(metafunc: pytest.Metafunc) -> None:
    """Parametrize the tests that take the `chance` of a life with all lives."""
    if "chance" in metafunc.fixturenames and metafunc.definition.get_closest_marker("lives"):
        seeds = range(metafunc.config.getoption("lives"))
        metafunc.parametrize("chance", [pytest.param(Random(seed), id=str(seed)) for seed in seeds])


async def agrees(company: Company, kind: type[Record], id: UUID, model: Lived) -> None:
    """Make sure that the trail has an entry for each version, and the history each state."""
    table = kind.__tablename__
    entries = sa.select(AuditEntry.entity_version).order_by(AuditEntry.seq)
    entries = entries.where(AuditEntry.entity == table, AuditEntry.entity_id == id)
    events = sa.select(StatusEvent.to_status).order_by(StatusEvent.id)
    events = events.where(StatusEvent.entity == table, StatusEvent.entity_id == id)
    async with work_of(company) as work:
        assert list(await work.rows(entries)) == list(range(1, model.version + 1))
        assert list(await work.rows(events)) == model.states
