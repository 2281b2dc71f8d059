"""Notifications of due dates and of absent users' work: who has them, and until when."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from qgp.actions.model import Action
from qgp.delegations.model import Delegation
from qgp.findings.model import Finding, FindingStatus
from qgp.kit import clock
from qgp.kit.policy import Role
from qgp.kit.session import Scope
from qgp.notifications.jobs import expire_notifications
from qgp.notifications.model import CancelReason, Notification
from qgp.reminders.jobs import send_reminders
from qgp.users.model import User
from tests import factories
from tests.company import Client, Company, Person
from tests.kit.work import work_of
from tests.notifications.consuming import notify, run_daily

LIST = """{ notifications { nodes {
    kind event field dueOn workKind responsible { id } record { id } } } }"""


async def remind(company: Company) -> None:
    """Send the reminders of the day, and notify of them."""
    await run_daily(company, send_reminders)
    await notify(company)


async def shown(person: Person, *kinds: str) -> list[Any]:
    """Return kind, record and user responsible of a person's notifications, the oldest first."""
    async with person.signed_in() as api:
        nodes = (await api.ask(LIST))["notifications"]["nodes"]
    return [
        (node["kind"], node["record"]["id"], node["responsible"] and node["responsible"]["id"])
        for node in reversed(nodes)
        if node["kind"] in kinds
    ]


async def reasons(company: Company, person: Person) -> list[CancelReason | None]:
    """Return the reasons for which a person's notifications were cancelled."""
    statement = sa.select(Notification.cancel_reason).where(
        Notification.recipient_id == person.user_id, Notification.due_on.is_not(None)
    )
    async with company.application.database.read(Scope(company.organization_id)) as session:
        return sorted((await session.scalars(statement)).all(), key=str)


async def test_a_reminder_is_shown_while_the_due_date_is_that_of_its_recipient(
    company: Company,
) -> None:
    eve, max = [await company.hire(Role.EMPLOYEE) for _ in range(2)]
    due: dict[str, Any] = {"owner_id": eve.user_id, "due_on": clock.today()}
    until = {"owner_id": eve.user_id, "accepted_until": clock.today()}
    async with work_of(company) as work:
        rows = [await work.add(factories.action(**due)) for _ in range(4)]
        conceded = await work.add(factories.finding(FindingStatus.ACCEPTED, **until))
    await remind(company)
    assert {id for _, id, _ in await shown(eve, "DUE")} == {
        row.public_id for row in (*rows, conceded)
    }
    async with work_of(company) as work:
        moved, cancelled, handed_over, _ = [await work.get(Action, row.id) for row in rows]
        await work.change(moved, {"due_on": clock.today() + timedelta(days=1)})
        await work.move(cancelled, "actionCancel", reason="x")
        await work.change(handed_over, {"owner_id": max.user_id})
    await notify(company)
    assert {id for _, id, _ in await shown(eve, "DUE")} == {rows[3].public_id, conceded.public_id}
    async with work_of(company) as work:
        yesterday = clock.today() - timedelta(days=1)
        await work.change(await work.get(User, eve.user_id), {"valid_until": yesterday})
    await notify(company)
    ended = [CancelReason.DONE] * 2 + [CancelReason.REASSIGNED]
    left = [CancelReason.RECIPIENT_LEFT] * 2
    assert await reasons(company, eve) == sorted(ended + left, key=str)


async def test_a_later_reminder_replaces_the_earlier_one_until_work_is_escalated(
    company: Company,
) -> None:
    eve, mia = await company.hire(Role.EMPLOYEE), await company.hire(Role.LEAD_AUDITOR)
    now = clock.now()
    due: dict[str, Any] = {"owner_id": eve.user_id, "due_on": clock.today() + timedelta(days=7)}
    async with work_of(company) as work:
        await work.change(await work.get(User, eve.user_id), {"manager_id": mia.user_id})
        action = await work.add(factories.action(**due))
    kinds = ("DUE_SOON", "DUE", "OVERDUE", "ESCALATED")
    for days, kind in ((0, "DUE_SOON"), (7, "DUE"), (8, "OVERDUE"), (14, "OVERDUE")):
        with clock.fixed(now + timedelta(days=days)):
            await remind(company)
        assert await shown(eve, *kinds) == [(kind, action.public_id, None)]
        assert await shown(mia, *kinds) == []
    with clock.fixed(now + timedelta(days=21)):
        await remind(company)
    assert await shown(mia, *kinds) == [("ESCALATED", action.public_id, eve.id)]
    async with work_of(company) as work:
        await work.move(await work.get(Action, action.id), "actionCancel", reason="x")
    await notify(company)
    assert [await shown(one, *kinds) for one in (eve, mia)] == [[], []]


async def test_verifiers_are_reminded_while_the_work_waits_for_their_role(company: Company) -> None:
    eve, lead = await company.hire(Role.EMPLOYEE), await company.hire(Role.LEAD_AUDITOR)
    due: dict[str, Any] = {"owner_id": eve.user_id, "closure_due_on": clock.today()}
    async with work_of(company) as work:
        finding = await work.add(factories.finding(FindingStatus.VERIFICATION, **due))
    await remind(company)
    expected = [("DUE", finding.public_id, None)]
    assert [await shown(one, "DUE") for one in (eve, lead)] == [expected, expected]
    async with lead.signed_in() as api:
        kinds = {
            node["workKind"]
            for node in (await api.ask(LIST))["notifications"]["nodes"]
            if node["kind"] == "DUE"
        }
    assert kinds == {"VERIFY_FINDING"}
    async with work_of(company) as work:
        (row := await work.get(Finding, finding.id)).enter(FindingStatus.ACTION)
        await work.change(row, {"root_cause": "x"})
    await notify(company)
    assert [await shown(one, "DUE") for one in (eve, lead)] == [expected, []]


async def test_an_escalation_ends_when_the_work_waits_for_others(company: Company) -> None:
    eve, mia = await company.hire(Role.EMPLOYEE), await company.hire(Role.QUALITY_MANAGER)
    due: dict[str, Any] = {"owner_id": eve.user_id, "root_cause": "x"}
    due["closure_due_on"] = clock.today() - timedelta(days=14)
    async with work_of(company) as work:
        finding = await work.add(factories.finding(FindingStatus.ACTION, **due))
    await remind(company)
    assert await shown(mia, "ESCALATED") == [("ESCALATED", finding.public_id, eve.id)]
    async with work_of(company) as work:
        (row := await work.get(Finding, finding.id)).enter(FindingStatus.VERIFICATION)
        await work.change(row, {"root_cause": "y"})
    await notify(company)
    assert await shown(mia, "ESCALATED") == []


async def test_a_delegate_is_notified_for_the_absent_user_while_the_delegation_lasts(
    api: Client, company: Company
) -> None:
    eve, max = await company.hire(Role.EMPLOYEE), await company.hire(Role.QUALITY_MANAGER)
    today: dict[str, Any] = {"owner_id": eve.user_id, "due_on": clock.today()}
    async with work_of(company) as work:
        earlier = await work.add(factories.action(**today))
    await notify(company)
    absence = {"delegatorId": eve.id, "delegateId": max.id}
    days = {"startsOn": str(clock.today()), "endsOn": str(clock.today())}
    created = await api.do("delegationCreate", "delegation { id }", **absence, **days)
    delegation = created["delegation"]["id"]
    async with work_of(company) as work:
        rows = [await work.add(factories.action(**today)) for _ in range(2)]
    await remind(company)
    kinds = ("WAITING", "ASSIGNED")
    waiting = [("WAITING", row.public_id, eve.id) for row in rows]
    assert await shown(max, *kinds) == [("ASSIGNED", delegation, None), *waiting]
    due = sorted(("DUE", row.public_id, eve.id) for row in (earlier, *rows))
    assert sorted(await shown(max, "DUE")) == due
    async with work_of(company) as work:
        await work.move(await work.get(Action, rows[0].id), "actionCancel", reason="x")
    await notify(company)
    assert await shown(max, "WAITING") == waiting[1:]
    await api.do("delegationDelete", id=delegation, expectedVersion=1)
    await notify(company)
    assert await shown(max, *kinds, "DUE") == []
    assert len(await shown(eve, "DUE")) == 2


async def test_old_notifications_are_deleted_and_those_of_ended_delegations_cancelled(
    company: Company,
) -> None:
    eve, max = await company.hire(Role.EMPLOYEE), await company.hire(Role.QUALITY_MANAGER)
    before = {days: clock.now() - timedelta(days=days) for days in (89, 91, 364, 366)}
    async with work_of(company) as work:
        action = await work.add(factories.action(owner_id=eve.user_id))
        absence = await work.add(factories.delegation(eve.user_id, max.user_id))
    await notify(company)
    assert await shown(max, "WAITING") == [("WAITING", action.public_id, eve.id)]
    facts: list[dict[str, Any]] = [
        {"created_at": before[364]},
        {"created_at": before[366]},
        *({"read_at": before[days], "created_at": before[364]} for days in (89, 91)),
        *({"cancelled_at": before[days], "created_at": before[364]} for days in (89, 91)),
    ]
    async with work_of(company) as work:
        owner = work.caller.user_id
        work.session.add_all(factories.notification(owner, action, **one) for one in facts)
        row = await work.get(Delegation, absence.id)
        await work.change(row, {"ends_on": clock.today() - timedelta(days=1)})
    await run_daily(company, expire_notifications)
    assert await shown(max, "WAITING") == []
    kept = sa.select(Notification).where(Notification.recipient_id == company.owner.user_id)
    async with company.application.database.read(Scope(company.organization_id)) as session:
        rows = (await session.scalars(kept)).all()
    assert len(rows) == 3
    assert {row.created_at for row in rows} == {before[364]}
    assert before[91] not in {row.read_at for row in rows} | {row.cancelled_at for row in rows}


async def test_a_delegate_is_not_notified_of_what_they_may_not_do(company: Company) -> None:
    lead, eve = await company.hire(Role.LEAD_AUDITOR), await company.hire(Role.EMPLOYEE)
    async with work_of(company) as work:
        await work.add(factories.delegation(lead.user_id, eve.user_id))
        await work.add(factories.action(owner_id=lead.user_id, due_on=clock.today()))
    await remind(company)
    assert await shown(eve, "WAITING", "DUE") == []
    assert len(await shown(lead, "DUE")) == 1
