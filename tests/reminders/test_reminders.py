"""Each step of a due date is reported once, in the zone of the organization, after downtime too."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from qgp.actions.model import Action
from qgp.audits.model.terms import AuditStatus
from qgp.capas.model.terms import CapaStatus
from qgp.findings.model import FindingStatus
from qgp.kit import clock
from qgp.kit.operating import operating
from qgp.kit.operator_actions import OperatorAction
from qgp.kit.outbox import OutboxEvent
from qgp.kit.policy import Role
from qgp.kit.session import Scope
from qgp.kit.work import Work
from qgp.organizations.model import Organization
from qgp.reminders.commands.recipients import Recipients
from qgp.reminders.commands.sending import send
from qgp.users.model import User
from tests import factories
from tests.company import Client, Company
from tests.kit.work import work_of

DUE = date(2030, 6, 20)
NOON = datetime(2030, 6, 20, 12, tzinfo=UTC)
Sent = tuple[str, int, list[str]]


async def sent_on(company: Company, *days: float) -> list[Sent]:
    """Send the reminders some days after the due date, and return what they add."""
    before = await _events(company)
    for day in days:
        async with reminding(company, day) as work:
            await send(work)
    return (await _events(company))[len(before) :]


@asynccontextmanager
async def reminding(company: Company, day: float) -> AsyncIterator[Work]:
    """Open a unit of work of the operator some days after the due date."""
    application, id = company.application, company.organization_id
    action, services = OperatorAction.REMINDERS_SEND, application.services.by_type
    with clock.fixed(NOON + timedelta(days=day)):
        async with operating(application.database, id, action, services) as work:
            yield work


async def _events(company: Company) -> list[Sent]:
    return [
        (row.name, row.data["daysUntilDue"], sorted(row.data["userIds"]))
        for row in await _rows(company)
    ]


async def _rows(company: Company) -> Sequence[OutboxEvent]:
    is_reminder = OutboxEvent.data.has_key("daysUntilDue")
    statement = sa.select(OutboxEvent).where(is_reminder).order_by(OutboxEvent.position)
    async with company.application.database.read(Scope(company.organization_id)) as session:
        return (await session.scalars(statement)).all()


async def test_each_step_is_reported_once_also_after_days_without_a_worker(
    company: Company,
) -> None:
    async with work_of(company) as work:
        action = factories.action(owner_id=company.owner.user_id, due_on=DUE)
        await work.add(action)
    owner = [str(company.owner.user_id)]
    assert await sent_on(company, -8) == []
    assert await sent_on(company, -7, -7, -6) == [("action.due_soon", 7, owner)]
    assert await sent_on(company, -1, 0, 0, 1) == [
        ("action.due_soon", 1, owner),
        ("action.due", 0, owner),
        ("action.overdue", -1, owner),
    ]
    # Eight days of downtime: one reminder, though two steps were missed.
    assert await sent_on(company, 9, 10) == [("action.overdue", -9, owner)]
    async with work_of(company) as work:
        row = await work.get(Action, action.id)
        await work.change(row, {"due_on": DUE + timedelta(days=11)})
    assert await sent_on(company, 10, 10) == [("action.due_soon", 1, owner)]


async def test_the_day_is_that_of_the_organization(company: Company) -> None:
    async with work_of(company) as work:
        organization = await work.get(Organization, company.organization_id)
        await work.change(organization, {"time_zone": "Pacific/Auckland"})
        await work.add(factories.action(owner_id=company.owner.user_id, due_on=DUE))
    due = ("action.due", 0, [str(company.owner.user_id)])
    # 20 June begins in Auckland at noon UTC of the day before.
    assert (await sent_on(company, -1.01))[-1][0] == "action.due_soon"
    assert await sent_on(company, -1) == [due]


async def test_overdue_work_is_escalated_to_the_manager_and_reaches_delegates(
    api: Client, company: Company
) -> None:
    owner, manager, delegate = [await company.hire(Role.EMPLOYEE) for _ in range(3)]
    at = {"id": owner.id, "expectedVersion": await _version(company, owner.user_id)}
    named = await api.do("userUpdate", "user { manager { id } }", managerId=manager.id, **at)
    assert named["user"] == {"manager": {"id": manager.id}}
    circle = {"id": manager.id, "expectedVersion": await _version(company, manager.user_id)}
    refused = await api.do("userUpdate", managerId=owner.id, **circle)
    assert [(e["code"], e["path"]) for e in refused["errors"]] == [
        ("BAD_USER_INPUT", ["managerId"])
    ]
    absence: dict[str, Any] = {"starts_on": DUE, "ends_on": DUE + timedelta(days=20)}
    async with work_of(company) as work:
        await work.add(factories.action(owner_id=owner.user_id, due_on=DUE))
        await work.add(factories.delegation(owner.user_id, delegate.user_id, **absence))
    both = sorted(map(str, (owner.user_id, delegate.user_id)))
    assert await sent_on(company, 7) == [("action.overdue", -7, both)]
    assert await sent_on(company, 14, 15) == [("action.escalated", -14, [str(manager.user_id)])]


async def test_only_who_is_to_do_the_work_is_late_and_nobody_where_a_role_is(
    company: Company,
) -> None:
    quality = await company.hire(Role.QUALITY_MANAGER)
    owner, manager, sponsor = [await company.hire(Role.EMPLOYEE) for _ in range(3)]
    people: dict[str, Any] = {"owner_id": owner.user_id, "sponsor_id": sponsor.user_id}
    async with work_of(company) as work:
        for user, to in ((owner, manager), (sponsor, quality)):
            row = await work.get(User, user.user_id)
            await work.change(row, {"manager_id": to.user_id})
        await work.add(factories.capa(CapaStatus.IMPLEMENTING, due_on=DUE, **people))
        submitted: dict[str, Any] = {"owner_id": owner.user_id, "closure_due_on": DUE}
        await work.add(factories.finding(FindingStatus.VERIFICATION, **submitted))
    await sent_on(company, 7, 14)
    escalated = {row.name: row.data for row in await _rows(company) if "escalated" in row.name}
    late = {str(manager.user_id): str(owner.user_id)}
    assert escalated["capa.escalated"]["responsibleIds"] == late
    assert escalated["capa.escalated"]["userIds"] == [*late]
    assert "responsibleIds" not in escalated["finding.escalated"]
    assert escalated["finding.escalated"]["userIds"] == [str(quality.user_id)]


async def _version(company: Company, user_id: Any) -> int:
    async with work_of(company) as work:
        return (await work.get(User, user_id)).version


async def test_every_register_with_due_dates_reminds_those_responsible(company: Company) -> None:
    me = company.owner.user_id
    days: dict[str, Any] = {"planned_start_on": DUE, "planned_end_on": DUE}
    led = factories.audit(AuditStatus.SCHEDULED, lead_auditor_id=me, **days)
    window: dict[str, Any] = {"owner_id": me, "effectiveness_due_on": DUE}
    period: dict[str, Any] = {"owner_id": me, "period_start_on": DUE, "period_end_on": DUE}
    async with work_of(company) as work:
        await work.add(led)
        await work.add(factories.audit_programme(**period))
        await work.add(factories.capa(CapaStatus.EFFECTIVENESS, **window))
        await work.add(factories.evidence_item(led, expires_on=DUE, collected_by_id=me))
    owner = [str(me)]
    kinds = ("audit", "audit_programme", "evidence_item")
    assert sorted(await sent_on(company, -30)) == [
        (f"{kind}.due_soon", 30, owner) for kind in kinds
    ]
    due = [("audit.due", 0, owner), ("audit_programme.due", 0, owner), ("capa.due", 0, owner)]
    further = [("capa.effectiveness_due", 0, owner), ("evidence_item.due", 0, owner)]
    assert sorted(await sent_on(company, 0)) == due + further
    late = sorted(await sent_on(company, 1, 2))
    assert [name for name, _, _ in late if name != "evidence_item.stale"] == [
        f"{kind}.overdue" for kind in ("audit", "audit_programme", "capa", "evidence_item")
    ]
    assert ("evidence_item.stale", -1, owner) in late


async def test_a_transition_deadline_is_reported_once_without_a_reminder(company: Company) -> None:
    async with work_of(company) as work:
        await work.add(factories.standard(transition_deadline=DUE))
    reported: list[Sent] = [("standard.transition_deadline", 88, [])]
    assert await sent_on(company, -91) == []
    assert await sent_on(company, -88, -7, 0, 20) == reported  # the worker was down on day 90


@pytest.mark.parametrize(
    ("managers", "delegates", "quality", "to"),
    [
        ({1: 2}, {1: [3]}, [4], [2]),
        ({1: 2}, {2: [3]}, [4], [2, 3]),  # the manager is absent
        ({1: 2}, {2: [1]}, [4], [2]),  # represented by the user who is late
        ({}, {1: [3]}, [4], [3]),
        ({}, {}, [1, 4], [4]),
        ({}, {}, [1], []),
    ],
)
def test_an_escalation_never_goes_to_the_user_who_is_late(
    managers: dict[int, int], delegates: dict[int, list[int]], quality: list[int], to: list[int]
) -> None:
    ids = [UUID(int=number) for number in range(5)]
    recipients = Recipients(
        {ids[user]: ids[manager] for user, manager in managers.items()},
        {ids[user]: [ids[one] for one in others] for user, others in delegates.items()},
        [ids[one] for one in quality],
    )
    assert recipients.escalated([ids[1]]) == {ids[one]: ids[1] for one in to}
