"""Each step of a due date is reported once, in the zone of the organization, after downtime too."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from qgp.actions.model import Action
from qgp.kit import clock
from qgp.kit.operating import operating
from qgp.kit.operator_actions import OperatorAction
from qgp.kit.outbox import OutboxEvent
from qgp.kit.policy import Role
from qgp.kit.session import Scope
from qgp.organizations.model import Organization
from qgp.reminders.service import send
from qgp.users.model import User
from tests import factories
from tests.company import Client, Company
from tests.kit.work import work_of

DUE = date(2030, 6, 20)
NOON = datetime(2030, 6, 20, 12, tzinfo=UTC)
Sent = tuple[str, int, list[str]]


async def sent_on(company: Company, *days: float) -> list[Sent]:
    """Send the reminders some days after the due date, and return what they add."""
    application, id = company.application, company.organization_id
    before = await _events(company)
    for day in days:
        with clock.fixed(NOON + timedelta(days=day)):
            action, services = OperatorAction.REMINDERS_SEND, application.services.by_type
            async with operating(application.database, id, action, services) as work:
                await send(work)
    return (await _events(company))[len(before) :]


async def _events(company: Company) -> list[Sent]:
    is_reminder = OutboxEvent.action == OperatorAction.REMINDERS_SEND.value
    statement = sa.select(OutboxEvent).where(is_reminder).order_by(OutboxEvent.position)
    async with company.application.database.read(Scope(company.organization_id)) as session:
        rows = (await session.scalars(statement)).all()
    assert {row.data["field"] for row in rows} <= {"dueOn"}
    return [(row.name, row.data["daysUntilDue"], sorted(row.data["userIds"])) for row in rows]


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


async def _version(company: Company, user_id: Any) -> int:
    async with work_of(company) as work:
        return (await work.get(User, user_id)).version
