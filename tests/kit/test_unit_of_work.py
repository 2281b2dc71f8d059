"""Units of work at random, beside a plain model of what they have to store.

Each adds, changes and removes rows of four kinds, one or many together, with savepoints, broken
constraints and rollbacks in between.
"""

from random import Random

import pytest

from qgp.kit.audit_verification import first_broken
from qgp.kit.session import Scope
from tests.company import Company
from tests.kit.random_rows import KINDS, random_rows
from tests.kit.stored_model import StoredModel
from tests.kit.unit_of_work_sequence import ACTION, Sequence

SEQUENCES, UNITS = 40, 4  # sequences of units of work, each with 2 to 7 operations


@pytest.mark.parametrize("seed", range(SEQUENCES))
async def test_plain_sql_reads_what_units_of_work_have_written(company: Company, seed: int) -> None:
    random = Random(seed)
    rows = await random_rows(company, random)
    sequence = Sequence(random, StoredModel(company, KINDS), rows)
    for _ in range(UNITS):
        await sequence.unit()
        assert await sequence.model.differences(ACTION) == []
    async with company.application.database.read(Scope(company.organization_id)) as session:
        assert await first_broken(session) is None
