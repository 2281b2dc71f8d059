"""Notifications: for whom events cause them, what they show, and when they are cancelled."""

from datetime import UTC, datetime, timedelta

from qgp.actions.model import Action, ActionStatus
from qgp.findings.model import Finding
from qgp.kit import clock
from qgp.kit.policy import Role
from tests import factories
from tests.company import Client, Company
from tests.kit.work import work_of
from tests.notifications.consuming import listed, notify, unread


async def test_an_assignee_is_notified_until_the_record_is_assigned_to_another_user(
    company: Company, api: Client
) -> None:
    eve, max = [await company.hire(Role.EMPLOYEE) for _ in range(2)]
    async with work_of(company) as work:
        action = await work.add(factories.action(owner_id=eve.user_id))
        await work.add(factories.action(owner_id=company.owner.user_id))  # by themselves
    await notify(company)
    assert await listed(api) == []
    async with eve.signed_in() as of_eve, max.signed_in() as of_max:
        (shown,) = await listed(of_eve)
        assert shown == {
            "id": shown["id"],
            "kind": "ASSIGNED",
            "event": "action.assigned",
            "field": "owner",
            "workKind": None,
            "isRead": False,
            "isSnoozed": False,
            "actor": {"id": company.owner.id},
            "record": {"id": action.public_id},
        }
        assert await listed(of_max) == []
        marked = await of_max.do("notificationsMarkRead", "markedCount", ids=[shown["id"]])
        assert [error["code"] for error in marked["errors"]] == ["NOT_FOUND"]
        until = (clock.now() + timedelta(hours=1)).isoformat()
        await of_eve.do("notificationSnooze", id=shown["id"], until=until)
        assert [await unread(of_eve), len(await listed(of_eve, isSnoozed={"eq": True}))] == [0, 1]
        marked = await of_eve.do("notificationsMarkRead", "markedCount", all=True)
        assert (marked["markedCount"], await listed(of_eve, isRead={"eq": False})) == (1, [])
        async with work_of(company) as work:
            row = await work.get(Action, action.id)
            await work.change(row, {"owner_id": max.user_id})
        await notify(company)
        assert (await listed(of_eve), await unread(of_max)) == ([], 1)
        async with work_of(company) as work:
            await work.move(await work.get(Action, action.id), "actionCancel", reason="x")
        await notify(company)
        assert await listed(of_max) == []


async def test_the_verifiers_are_notified_while_a_record_waits_for_them(
    company: Company, api: Client
) -> None:
    lead = await company.hire(Role.LEAD_AUDITOR)
    eve = await company.hire(Role.EMPLOYEE)
    done = {"completed_by_id": eve.user_id, "completed_at": clock.now(), "completion_note": "x"}
    async with work_of(company) as work:
        row = factories.action(
            ActionStatus.DONE, owner_id=eve.user_id, is_verification_required=True, **done
        )
        await work.add(row)
    await notify(company)
    async with lead.signed_in() as of_lead, eve.signed_in() as of_eve:
        assert [(one["kind"], one["workKind"]) for one in await listed(of_lead)] == [
            ("WAITING", "VERIFY_ACTION")
        ]
        assert [one["kind"] for one in await listed(of_eve)] == ["ASSIGNED"]  # until verified
        assert await listed(api) == []  # the actor
        async with work_of(company) as work:
            (verified := await work.get(Action, row.id)).enter(ActionStatus.VERIFIED)
            await work.change(verified, {"verified_at": clock.now()})
        await notify(company)
        assert [await unread(of_lead), await unread(of_eve)] == [0, 0]


async def test_a_mention_is_shown_while_its_comment_is_readable(company: Company) -> None:
    eve, supplier = await company.hire(Role.EMPLOYEE), await company.hire(Role.SUPPLIER_CONTACT)
    async with work_of(company) as work:
        finding = await work.add(factories.finding(owner_id=eve.user_id))
        comment = await work.add(factories.comment(finding))
        for person in (eve, supplier):
            await work.add(factories.comment_mention(comment.id, person.user_id))
    await notify(company)
    async with eve.signed_in() as of_eve, supplier.signed_in() as of_supplier:
        mentions = await listed(of_eve, kind={"eq": "MENTIONED"})
        assert [one["record"] for one in mentions] == [{"id": comment.public_id}]
        assert await listed(of_supplier) == []
        async with work_of(company) as work:  # hides finding and comment from the employee
            row = await work.get(Finding, finding.id)
            await work.change(row, {"owner_id": company.owner.user_id})
        assert (await listed(of_eve), await unread(of_eve)) == ([], 0)


async def test_an_event_of_more_than_seven_days_ago_notifies_nobody(company: Company) -> None:
    eve = await company.hire(Role.EMPLOYEE)
    with clock.fixed(datetime.now(UTC) - timedelta(days=8)):
        async with work_of(company) as work:
            await work.add(factories.action(owner_id=eve.user_id))
    await notify(company)
    async with eve.signed_in() as of_eve:
        assert await listed(of_eve) == []
