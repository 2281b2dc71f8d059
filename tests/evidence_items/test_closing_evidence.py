"""What is closed on evidence keeps the last of it."""

from asyncio import gather
from typing import Any

import pytest

from qgp.actions.model import ActionStatus
from qgp.capas.model.terms import CapaStatus
from qgp.findings.model import FindingStatus
from qgp.kit.shared_terms import FindingGrade
from tests.capas.capa_records import CapaRecords
from tests.company import Client, Company
from tests.evidence import unchanged

CLOSED = (FindingStatus.CLOSED, CapaStatus.CLOSED)
ITEM = "evidenceItem { id version viewerCanUpdate viewerCanWithdraw withdrawnAt }"


@pytest.fixture
def capa_records(company: Company) -> CapaRecords:
    """Where a test writes records."""
    return CapaRecords(company)


async def withdrawn(api: Client, item: Any) -> list[str]:
    """Withdraw an item as the item says that one can, and return why not."""
    document = f"query ($id: ID!) {{ evidenceItem(by: {{id: $id}}) {{ {ITEM[15:-2]} }} }}"
    shown = (await api.ask(document, id=item.public_id))["evidenceItem"]
    sent = {"id": item.public_id, "expectedVersion": shown["version"], "reason": "Another gauge."}
    payload = await api.do("evidenceItemWithdraw", ITEM, **sent)
    assert shown["viewerCanWithdraw"] == (payload["errors"] == [])
    assert shown["viewerCanUpdate"] is True
    return [error["message"] for error in payload["errors"]]


async def kept(api: Client, company: Company, item: Any, reopening: str) -> None:
    """See that an item stays."""
    async with unchanged(company):
        messages = await withdrawn(api, item)
    assert messages == [
        f"{item.reference} is the last evidence that a closed record requires. Collect other "
        f"evidence first (evidenceItemCreate), or {reopening}."
    ]


@pytest.mark.parametrize("grade", [FindingGrade.MAJOR, FindingGrade.MINOR, FindingGrade.OFI])
@pytest.mark.parametrize("status", FindingStatus)
async def test_a_closed_nonconformity_keeps_its_last_evidence(
    api: Client,
    company: Company,
    capa_records: CapaRecords,
    status: FindingStatus,
    grade: FindingGrade,
) -> None:
    row = await capa_records.finding(status, grade=grade)
    item, other = await capa_records.proof(row), await capa_records.proof(row)
    await capa_records.proof(row, is_withdrawn=True)
    await capa_records.proof(await capa_records.finding(FindingStatus.CLOSED))
    assert await withdrawn(api, other) == []
    if status is FindingStatus.CLOSED and grade is not FindingGrade.OFI:
        await kept(api, company, item, "reopen the finding (findingReopen)")
        await capa_records.proof(row)
    assert await withdrawn(api, item) == []


@pytest.mark.parametrize("is_of_action", [False, True], ids=["its own", "of an action"])
@pytest.mark.parametrize("status", CapaStatus)
async def test_a_closed_capa_keeps_its_last_evidence(
    api: Client, company: Company, capa_records: CapaRecords, status: CapaStatus, is_of_action: bool
) -> None:
    row = await capa_records.capa(status)
    one, two = [await capa_records.action(row, ActionStatus.DONE) for _ in "12"]
    item = await capa_records.proof(one if is_of_action else row)
    await capa_records.proof(await capa_records.capa(CapaStatus.CLOSED))
    if status is CapaStatus.CLOSED:
        await kept(api, company, item, "reopen the CAPA (capaReopen)")
        for about in (row, one, two):
            other = await capa_records.proof(about)
            assert await withdrawn(api, item) == []
            item = other
            await kept(api, company, item, "reopen the CAPA (capaReopen)")
        return
    assert await withdrawn(api, item) == []


async def test_of_two_withdrawals_at_once_one_keeps_what_is_closed(
    api: Client, company: Company, capa_records: CapaRecords
) -> None:
    """Two actions of one CAPA each have the last evidence of it but the other's."""
    for _ in range(5):
        row = await capa_records.capa(CapaStatus.CLOSED)
        actions = [await capa_records.action(row, ActionStatus.DONE) for _ in "12"]
        items = [await capa_records.proof(action) for action in actions]
        values = [{"id": item.public_id, "expectedVersion": 1, "reason": "x"} for item in items]
        answers = await gather(*[api.do("evidenceItemWithdraw", **one) for one in values])
        refusals = sorted(len(answer["errors"]) for answer in answers)
        assert refusals == [0, 1]
