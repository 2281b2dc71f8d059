"""Concurrent requests: every record gets a reference of its own, and one approval counts."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from qgp.actions.model import ActionStatus
from qgp.audits.model.terms import AuditStatus
from qgp.capas.model.terms import CapaStatus, EffectivenessMetric
from qgp.findings.model import FindingStatus
from qgp.kit import clock
from qgp.kit.policy import Role
from qgp.kit.status_history import StatusEvent
from qgp.templates.model.terms import TemplateVersionStatus
from tests.audits.audit_records import AuditRecords
from tests.capas.capa_records import CapaRecords
from tests.company import Client, Company, signature
from tests.kit.work import work_of
from tests.programmes.programme_records import ProgrammeRecords
from tests.templates.template_records import TemplateRecords as Office

DAY = "2099-03-01"
CREATES: dict[str, dict[str, Any]] = {
    "findingCreate": {"grade": "MINOR", "sourceType": "PROCESS", "title": "A burr"},
    "capaCreate": {"title": "Burrs", "problemStatement": "They cut.", "dueOn": DAY},
    "actionCreate": {"title": "Deburr", "kind": "CORRECTION", "dueOn": DAY},
    "auditCreate": {"type": "PROCESS", "method": "ONSITE", "source": "FIRST_PARTY", "title": "x"},
}
Made = Callable[[Company], Awaitable[Any]]


@pytest.mark.parametrize(
    ("mutation", "count"), [(name, 50 if name == "findingCreate" else 10) for name in CREATES]
)
async def test_creates_at_once_have_a_reference_each(
    api: Client, company: Company, mutation: str, count: int
) -> None:
    input = CREATES[mutation] | (
        {"ownerId": company.owner.id} if mutation == "actionCreate" else {}
    )
    record = mutation.removesuffix("Create")
    shown = f"{record} {{ reference }}"
    payloads = await asyncio.gather(*[api.do(mutation, shown, **input) for _ in range(count)])
    numbers = sorted(int(payload[record]["reference"][-4:]) for payload in payloads)
    assert numbers == list(range(1, count + 1))


async def _programme(company: Company) -> Any:
    programme_records = ProgrammeRecords(company)
    row = await programme_records.programme()
    await programme_records.item(row)
    return row


async def _version(company: Company) -> Any:
    return await Office(company).version(TemplateVersionStatus.IN_APPROVAL)


async def _planned(company: Company) -> Any:
    capa_records = CapaRecords(company)
    defined: dict[str, Any] = {
        "effectiveness_criteria": "x",
        "effectiveness_metric": EffectivenessMetric.SAMPLE,
    }
    row = await capa_records.capa(CapaStatus.PLANNED, **defined)
    await capa_records.action(row)
    return row


async def _watched(company: Company) -> Any:
    capa_records = CapaRecords(company)
    row = await capa_records.capa(CapaStatus.EFFECTIVENESS)
    await capa_records.action(row, ActionStatus.DONE)
    await capa_records.proof(row)
    return row


async def _done(company: Company) -> Any:
    capa_records = CapaRecords(company)
    return await capa_records.action(
        await capa_records.capa(CapaStatus.IMPLEMENTING), ActionStatus.DONE
    )


async def _open(company: Company) -> Any:
    return await CapaRecords(company).finding(FindingStatus.OPEN)


async def _in_review(company: Company) -> Any:
    audit_records = AuditRecords(company)
    lead = await company.hire(Role.LEAD_AUDITOR)
    return await audit_records.audit(AuditStatus.IN_REVIEW, team=[(lead.user_id, "LEAD")])


APPROVALS: dict[str, tuple[Made, dict[str, Any]]] = {
    "auditProgrammeApprove": (_programme, {"signature": signature("APPROVED")}),
    "templateVersionPublish": (_version, {"signature": signature("APPROVED")}),
    "capaReleasePlan": (_planned, {}),
    "capaClose": (_watched, {"result": "EFFECTIVE", "signature": signature("VERIFIED")}),
    "actionVerify": (_done, {}),
    "findingGrantConcession": (
        _open,
        {
            "acceptedUntil": str(clock.today() + timedelta(30)),
            "reason": "x",
            "signature": signature("APPROVED"),
        },
    ),
    "auditIssueReport": (_in_review, {"signature": signature("REVIEWED")}),
}


@pytest.mark.parametrize("mutation", APPROVALS)
async def test_of_two_approvals_at_once_one_counts(company: Company, mutation: str) -> None:
    """The other hears that the record has changed since; it is written once."""
    make, input = APPROVALS[mutation]
    row = await make(company)
    before = await _events(company, row)
    chiefs = [await company.hire(Role.QUALITY_MANAGER) for _ in "12"]
    at = {"id": row.public_id, "expectedVersion": row.version, **input}
    async with AsyncExitStack() as stack:
        both = [await stack.enter_async_context(chief.signed_in()) for chief in chiefs]
        answers = await asyncio.gather(*[api.do(mutation, **at) for api in both])
    codes = sorted([error["code"] for error in answer["errors"]] for answer in answers)
    assert codes == [[], ["STALE_VERSION"]], codes
    assert await _events(company, row) == before + 1
    async with work_of(company) as work:
        assert (await work.get(type(row), row.id)).version == row.version + 1


async def _events(company: Company, row: Any) -> int:
    """Count the states that a record has entered."""
    events = sa.select(sa.func.count()).where(StatusEvent.entity_id == row.id)
    async with work_of(company) as work:
        return int((await work.rows(events))[0])
