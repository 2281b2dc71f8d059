"""Records that have no rule but their columns: what their plain change refuses."""

import pytest

from qgp.kit import editing
from qgp.kit.errors import Invalid
from qgp.standards.model import Standard
from qgp.standards.model.terms import StandardStatus
from tests.company import Company
from tests.evidence import unchanged
from tests.factories import standard
from tests.kit.work import work_of


async def test_a_plain_change_is_refused_in_a_closed_state(company: Company) -> None:
    change = editing.change(Standard)
    async with work_of(company) as work:
        withdrawn = await work.add(standard(StandardStatus.WITHDRAWN))
        active = await work.add(standard(StandardStatus.ACTIVE))
    async with unchanged(company):
        with pytest.raises(Invalid, match="is WITHDRAWN and cannot be changed"):
            async with work_of(company) as work:
                await change(work, id=withdrawn.id, expected_version=1, title="Other rules")
    async with work_of(company) as work:
        assert (await change(work, id=active.id, expected_version=1, title="Ours")).version == 2
